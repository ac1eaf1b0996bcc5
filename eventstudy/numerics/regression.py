"""One regression of n observations, and the covariances of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray

#: A column is dependent on those before it where less than this share of its length is left when they are
#: swept out: float64 keeps fewer than six digits of its coefficient.
DEPENDENT = 1e-10
CERTAIN = 1e-9  #: an observation whose leverage is this close to one determines its own fitted value
INDEFINITE = 1e-12  #: share of the largest eigenvalue below which rounding decides whether one is positive


@dataclass(frozen=True)
class Fit:
    """A least-squares regression; with weights all arrays are those of the weighted observations.

    Attributes
    ----------
    coefficients
        Shape (k,).
    x, residuals
        Shapes (n, k) and (n,).
    inverse
        ``(X'X)^-1``, shape (k, k).
    leverage
        Diagonal of ``X (X'X)^-1 X'``, shape (n,).
    rsquared
        About the mean where a constant is in the column space of ``x``, else about zero; NaN where ``y`` does
        not vary.
    """

    coefficients: FloatArray
    x: FloatArray
    residuals: FloatArray
    inverse: FloatArray
    leverage: FloatArray
    rsquared: float

    @property
    def df(self) -> int:
        """Observations less coefficients, ``n - k``."""
        return len(self.residuals) - len(self.coefficients)


def dependent_columns(x: FloatArray) -> BoolArray:
    """Return which columns of shape (n, k) depend linearly on those before them, shape (k,)."""
    size = np.sqrt((x**2).sum(axis=0))
    left = np.zeros(x.shape[1])
    upper = np.linalg.qr(x / np.where(size > 0, size, 1.0), mode="r")
    left[: len(upper)] = np.abs(np.diag(upper))
    return np.asarray(left < DEPENDENT)


def fit_weighted(y: FloatArray, x: FloatArray, weights: FloatArray | None = None) -> Fit:
    """Fit one regression by QR.

    Parameters
    ----------
    y, x
        Shapes (n,) and (n, k), finite, no column dependent on others, ``n >= k``.
    weights
        Positive, shape (n,); None = all one.
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    constant = root
    y, x = root * y, root[:, None] * x
    size = np.sqrt((x**2).sum(axis=0))
    q, upper = np.linalg.qr(x / size)
    coefficients = np.linalg.solve(upper, q.T @ y) / size
    half = np.linalg.solve(upper, np.eye(len(size))) / size[:, None]
    residuals = y - x @ coefficients
    swept = constant - q @ (q.T @ constant)
    has_constant = (swept**2).sum() < DEPENDENT * (constant**2).sum()
    mean = (constant @ y) / (constant @ constant) if has_constant else 0.0
    total = ((y - constant * mean) ** 2).sum()
    varies = total > INDEFINITE * (y**2).sum()
    rsquared = 1.0 - (residuals**2).sum() / total if varies else np.nan
    return Fit(coefficients, x, residuals, half @ half.T, (q**2).sum(axis=1), float(rsquared))


def homoskedastic(fit: Fit) -> FloatArray:
    """Return ``s^2 (X'X)^-1`` with ``s^2 = e'e / (n - k)``, shape (k, k)."""
    return np.asarray((fit.residuals**2).sum() / fit.df * fit.inverse)


def robust(fit: Fit, kind: str) -> FloatArray:
    """Return the covariance that allows for heteroskedasticity, shape (k, k).

    ``hc1`` scales White's (1980) by ``n / (n - k)``; ``hc3`` divides each residual by ``1 - h_i`` (MacKinnon
    & White 1985), and is NaN where a leverage ``h_i`` is one.
    """
    if kind == "hc1":
        return _sandwich(fit, fit.x * fit.residuals[:, None]) * (len(fit.residuals) / fit.df)
    left = 1.0 - fit.leverage
    if (left < CERTAIN).any():
        return np.full(fit.inverse.shape, np.nan)
    return _sandwich(fit, fit.x * (fit.residuals / left)[:, None])


def clustered(fit: Fit, codes: IntArray) -> FloatArray:
    """Return the covariance clustered by ``codes``, shape (n,), with ``G/(G-1) (n-1)/(n-k)``: shape (k, k).

    NaN below two clusters.
    """
    sums = cluster_sums(fit.x * fit.residuals[:, None], codes)
    clusters = len(sums)
    if clusters < 2:
        return np.full(fit.inverse.shape, np.nan)
    return _sandwich(fit, sums) * (clusters / (clusters - 1) * (len(codes) - 1) / fit.df)


def clustered_two_ways(fit: Fit, one: IntArray, other: IntArray) -> FloatArray:
    """Return the covariance clustered by two codes, shape (k, k): the sum less that of the intersection.

    Each part has its own factor (Cameron, Gelbach & Miller 2011). NaN where it is not positive definite.
    """
    both = np.unique(np.column_stack([one, other]), axis=0, return_inverse=True)[1].ravel()
    covariance = clustered(fit, one) + clustered(fit, other) - clustered(fit, both)
    return covariance if _positive_definite(covariance) else np.full(covariance.shape, np.nan)


def cluster_sums(values: FloatArray, codes: IntArray) -> FloatArray:
    """Return the sums of the rows of ``values``, shape (n, ...), that share a code: shape (G, ...)."""
    _, place = np.unique(codes, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _sandwich(fit: Fit, scores: FloatArray) -> FloatArray:
    half = scores @ fit.inverse
    return np.asarray(half.T @ half)


def _positive_definite(covariance: FloatArray) -> bool:
    diagonal = np.diag(covariance)
    if not np.isfinite(covariance).all() or (diagonal <= 0).any():
        return False
    scale = np.sqrt(diagonal)
    eigenvalues = np.linalg.eigvalsh(covariance / np.outer(scale, scale))
    return bool(eigenvalues[0] > INDEFINITE * eigenvalues[-1])
