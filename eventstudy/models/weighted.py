"""`WeightedBasis`: an estimator ``b = (Z'X)^-1 Z'y`` in the terms of `ModelFit`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray

COLLINEAR = 1e-12  #: of the determinant of ``Q'X`` over the lengths of its columns; below, it has no inverse


@dataclass(frozen=True)
class WeightedBasis:
    """What `ModelFit` needs of ``b = (Z'X)^-1 Z'y``, whose weights ``Z`` are held.

    Attributes
    ----------
    instruments, regressors
        ``Q`` and ``P = X (Q'X)^-1`` over the estimation window, shape (n, L1, k): residuals are
        ``(I - P Q') y``.
    future
        ``G = X* (Q'X)^-1`` over the event window, shape (n, L, k).
    inner
        ``Q'X``, shape (n, k, k).
    errors
        Standard errors of ``b`` over ``s``, shape (n, k).
    """

    instruments: FloatArray
    regressors: FloatArray
    future: FloatArray
    inner: FloatArray
    errors: FloatArray


def weighted_basis(instruments: FloatArray, regressors: FloatArray, future: FloatArray) -> WeightedBasis:
    """Return the basis of an estimator; NaN where ``Z'X`` has no inverse.

    Parameters
    ----------
    instruments
        A basis of ``Z`` with ``Q'DQ = I``, ``D`` the noise of the sessions, shape (n, L1, k); 0 where a
        session is not used.
    regressors, future
        ``X``, 0 where a session is not used, and ``X*``; shapes (n, L1, k) and (n, L, k).
    """
    inner = instruments.transpose(0, 2, 1) @ regressors
    size = np.sqrt((inner**2).sum(axis=1)).prod(axis=1)
    with np.errstate(invalid="ignore"):
        whole = np.abs(np.linalg.det(inner)) > COLLINEAR * size
    inverse = np.linalg.inv(np.where(whole[:, None, None], inner, np.eye(inner.shape[1])))
    inverse[~whole] = np.nan
    return WeightedBasis(
        instruments=instruments,
        regressors=regressors @ inverse,
        future=future @ inverse,
        inner=inner,
        errors=np.sqrt((inverse**2).sum(axis=2)),
    )


def with_constant(x: FloatArray, constant: FloatArray) -> FloatArray:
    """Return regressors of shape (n, T, q) behind a constant, (n, T): one, the sessions spanned, or 0."""
    return np.concatenate([constant[:, :, None], np.where(constant[:, :, None] != 0, x, 0.0)], axis=2)


def explained_share(y: FloatArray, residuals: FloatArray) -> FloatArray:
    """Return ``1 - sum e^2 / sum (y - mean)^2`` over the sessions with a residual; NaN if y is constant."""
    used = np.isfinite(residuals)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(used, y, 0.0).sum(axis=1) / used.sum(axis=1)
        total = (np.where(used, y - mean[:, None], 0.0) ** 2).sum(axis=1)
        return np.asarray(1.0 - np.nansum(residuals**2, axis=1) / np.where(total > 0, total, np.nan))
