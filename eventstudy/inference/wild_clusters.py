"""The wild cluster bootstrap of a regression's coefficients, for few clusters."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.regression import Fit, cluster_sums

FEW_CLUSTERS = 10  #: fewer make the t of clustered standard errors reject too often
TIE = 1e-9  #: statistics this close are equal: sign vectors that give the same one round differently


def wild_pvalues(fit: Fit, codes: IntArray) -> FloatArray:
    r"""Return the two-sided p-value of each coefficient, shape (k,), all sign vectors enumerated.

    For coefficient ``j`` the regression is fitted under ``b_j = 0``; the residuals of every cluster keep
    their sign or change it together, and the clustered t of the full regression is taken again:
    ``p = #{|t*| >= |t|} / 2^G``. At least ``2 / 2^G``.

    Parameters
    ----------
    codes
        Cluster of each observation, shape (n,); at most `FEW_CLUSTERS` different ones.

    References
    ----------
    Cameron, Gelbach & Miller 2008, Review of Economics and Statistics 90, 414-427,
    doi:10.1162/rest.90.3.414
    """
    products = cluster_sums(fit.x[:, :, None] * fit.x[:, None, :], codes)
    signs = _every_sign(len(products))
    y = fit.residuals + fit.x @ fit.coefficients
    pvalues = np.full(len(fit.coefficients), np.nan)
    for place in range(len(pvalues)):
        t = _drawn(fit, products, cluster_sums(_restricted(fit, y, place), codes), signs, place)
        if np.isfinite(t[-1]):
            pvalues[place] = (np.abs(t) >= abs(t[-1]) - TIE * (1.0 + abs(t[-1]))).mean()
    return pvalues


def _restricted(fit: Fit, y: FloatArray, place: int) -> FloatArray:
    """Return the scores ``x_i u_i`` with the residuals under ``b_j = 0``, shape (n, k)."""
    others = np.delete(fit.x, place, axis=1)
    residuals = y - others @ np.linalg.lstsq(others, y, rcond=None)[0] if others.shape[1] else y
    return np.asarray(fit.x * residuals[:, None])


def _drawn(fit: Fit, products: FloatArray, sums: FloatArray, signs: FloatArray, place: int) -> FloatArray:
    """Return t of one coefficient for every vector of signs, shape (B,); the last is the observed one."""
    change = (signs @ sums) @ fit.inverse  # of all coefficients, from those under the null
    row = fit.inverse[place]
    scores = signs * (sums @ row) - change @ (products @ row).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(change[:, place] / np.sqrt((scores**2).sum(axis=1)))


def _every_sign(clusters: int) -> FloatArray:
    """Return all vectors of signs, shape (2^G, G), the one without a change last."""
    return np.where((np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1, 1.0, -1.0)
