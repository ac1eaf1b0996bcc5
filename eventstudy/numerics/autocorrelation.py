"""First-order autocorrelated noise: ``corr(e_t, e_s) = rho^|t - s|``, with sessions missing or not.

Such noise is Markov, so the inverse of the correlations is tridiagonal over the sessions that are used,
however far apart they are. Axis 0 is the firm-event; ``rho`` has shape (N,) and lies between -1 and 1.
"""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray


def first_autocorrelation(residuals: FloatArray) -> FloatArray:
    """Return ``sum e_t e_t-1 / sum e_t-1^2`` over the pairs of neighbouring sessions that are used, (N,).

    Parameters
    ----------
    residuals
        Shape (N, T); NaN = not used. NaN where there is no pair, or only zeros.
    """
    before, after = residuals[:, :-1], residuals[:, 1:]
    both = np.isfinite(before) & np.isfinite(after)
    before, after = np.where(both, before, 0.0), np.where(both, after, 0.0)
    squares = np.einsum("nt,nt->n", before, before)
    return np.asarray(np.einsum("nt,nt->n", before, after) / np.where(squares > 0, squares, np.nan))


def whitened(values: FloatArray, used: BoolArray, rho: FloatArray) -> FloatArray:
    """Return values times an inverse root of the correlations: ``(v_t - r v_s) / sqrt(1 - r^2)``.

    ``s`` is the used session before ``t`` and ``r = rho^(t - s)``; the first one stays as it is.

    Parameters
    ----------
    values, used
        Shapes (N, T) or (N, T, q), and (N, T).

    Returns
    -------
    FloatArray
        Shape of ``values``; 0 where a session is not used.
    """
    wide = values.reshape(*used.shape, -1)
    before, correlation = _before(used, rho)
    earlier = np.take_along_axis(wide, before[:, :, None], axis=1)
    r = correlation[:, :, None]
    with np.errstate(invalid="ignore"):  # of sessions that are not used
        white = np.where(
            used[:, :, None], (wide - np.where(r == 0, 0.0, r * earlier)) / np.sqrt(1 - r**2), 0.0
        )
    return np.asarray(white.reshape(values.shape))


def precision(used: BoolArray, rho: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return the inverse of the correlations of the used sessions, which is tridiagonal.

    Returns
    -------
    tuple
        Its diagonal, 0 where a session is not used; its entry for a session and the used one before it, 0 for
        the first; and the place of that one; each of shape (N, T).
    """
    before, r = _before(used, rho)
    diagonal = np.where(used, 1.0 / (1.0 - r**2), 0.0)
    linked = used & (r != 0)
    row, place = np.nonzero(linked)
    own = r[row, place]
    diagonal[row, before[row, place]] += own**2 / (1.0 - own**2)
    return diagonal, np.where(linked, -r / (1.0 - r**2), 0.0), before


def weighted(values: FloatArray, used: BoolArray, rho: FloatArray) -> FloatArray:
    """Return the inverse of the correlations times ``values``, shape (N, T, q); 0 where not used."""
    diagonal, link, before = precision(used, rho)
    known = np.where(used[:, :, None], values, 0.0)
    found = diagonal[:, :, None] * known + link[:, :, None] * np.take_along_axis(known, before[:, :, None], 1)
    row, place = np.nonzero(link)
    np.add.at(found, (row, before[row, place]), link[row, place, None] * known[row, place])
    return np.asarray(found)


def variance_of_sum(scale: FloatArray, rho: FloatArray) -> FloatArray:
    """Return ``sum_ts d_t d_s rho^|t - s|``, the variance of a sum of neighbours, shape (N,).

    Parameters
    ----------
    scale
        Standard deviations ``d``, shape (N, L).
    """
    total, power = np.einsum("nl,nl->n", scale, scale), np.ones(len(scale))
    for lag in range(1, scale.shape[1]):
        power = power * rho
        total = total + 2 * power * np.einsum("nl,nl->n", scale[:, lag:], scale[:, :-lag])
    return np.asarray(total)


def _before(used: BoolArray, rho: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the place of the used session before each, and the correlation with it, 0 where none; (N, T)."""
    place = np.broadcast_to(np.arange(used.shape[1]), used.shape)
    last = np.maximum.accumulate(np.where(used, place, -1), axis=1)
    before = np.concatenate([np.full((len(used), 1), -1), last[:, :-1]], axis=1)
    r = np.where(used & (before >= 0), rho[:, None] ** (place - before), 0.0)
    return np.maximum(before, 0), r
