"""Weights of an index in its members: as they drift with prices, and as returns tell them."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray


def drifting_weights(market: FloatArray, members: FloatArray, weights: FloatArray, at: int) -> FloatArray:
    """Return the weights of an index at every close, from those at one close.

    Parameters
    ----------
    market, members
        Simple returns of the index, shape (T,), and of some members, shape (T, k); NaN = none.
    weights
        Shape (k,), shares.
    at
        The number of sessions up to the close at which they hold; 0 = the close before the first.

    Returns
    -------
    FloatArray
        Shape (T + 1, k): before the first session, then at the close of each.

    Notes
    -----
    ``w_t = w_{t-1} (1 + R_it) / (1 + R_mt)``, a factor of 1 where a return is missing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log1p(members) - np.log1p(market)[:, None]
        total = np.vstack(
            [np.zeros(len(weights)), np.cumsum(np.where(np.isnan(growth), 0.0, growth), axis=0)]
        )
        return np.asarray(weights * np.exp(total - total[at]))


def without_members(market: FloatArray, members: FloatArray, weights: FloatArray) -> FloatArray:
    """Return an index without some members, ``(R_m - sum w_i R_i) / (1 - sum w_i)``, shape (T,).

    Parameters
    ----------
    market, members
        Simple returns, shapes (T,) and (T, k).
    weights
        At the close before each session, shape (T, k) or (k,).

    Returns
    -------
    FloatArray
        NaN where a return is missing or the members are the whole index.
    """
    rest = 1.0 - weights.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rest > 0, (market - (weights * members).sum(axis=1)) / rest, np.nan)


def estimated_weights(market: FloatArray, members: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Estimate the weights of an index in some members: least squares without a constant, none negative.

    Parameters
    ----------
    market, members
        Simple returns without NaN, shapes (M,) and (M, k).

    Returns
    -------
    FloatArray, FloatArray
        Weights and the standard errors of the unconstrained least squares, each of shape (k,); the errors
        are infinite without degrees of freedom or with collinear members.
    """
    from scipy.optimize import nnls

    weights, _ = nnls(members, market)
    observations, k = members.shape
    if observations <= k or np.linalg.matrix_rank(members) < k:
        return weights, np.full(k, np.inf)
    free = np.linalg.lstsq(members, market, rcond=None)[0]
    variance = np.sum((market - members @ free) ** 2) / (observations - k)
    return weights, np.sqrt(variance * np.diag(np.linalg.inv(members.T @ members)))
