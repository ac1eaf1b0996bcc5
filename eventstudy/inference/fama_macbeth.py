"""Fama and MacBeth's regressions: one cross-section per date, then the mean of the slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.regression import DEPENDENT

SPARE = 2  #: observations that a date needs beyond its coefficients


@dataclass(frozen=True)
class FamaMacBeth:
    """The mean slopes over D dates.

    Attributes
    ----------
    coefficients, std_errors
        Shape (k,): mean and ``sd / sqrt(D)`` of the slopes of the dates; NaN where no date, or one, is used.
    rsquared
        Mean over the dates, those where ``y`` varies.
    used
        Which observations belong to a date that is used, shape (n,).
    dates
        How many are used, D.
    """

    coefficients: FloatArray
    std_errors: FloatArray
    rsquared: float
    used: BoolArray
    dates: int


def fama_macbeth(y: FloatArray, x: FloatArray, date: IntArray) -> FamaMacBeth:
    """Regress each date by itself and average.

    A date is used where it has at least ``k + 2`` observations and its columns are independent.

    Parameters
    ----------
    y, x, date
        Shapes (n,), (n, k) and (n,); finite.

    References
    ----------
    Fama & MacBeth 1973, Journal of Political Economy 81, 607-636
    """
    k = x.shape[1]
    basis, upper = np.linalg.qr(x / np.sqrt((x**2).sum(axis=0)))  # near-orthogonal columns on every date
    found, place, size = np.unique(date, return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    products = basis[:, :, None] * basis[:, None, :]
    gram = np.add.reduceat(products[order], starts, axis=0)
    moment = np.add.reduceat((basis * y[:, None])[order], starts, axis=0)
    fits = (size >= k + SPARE) & _independent(x, place, len(found))
    slopes = np.full((len(found), k), np.nan)
    slopes[fits] = np.linalg.solve(gram[fits], moment[fits][:, :, None])[:, :, 0]
    residuals = y - (basis * slopes[place]).sum(axis=1)
    at = fits[place]
    dates = int(fits.sum())
    own = slopes[fits] @ np.linalg.inv(upper).T / np.sqrt((x**2).sum(axis=0))
    mean = own.mean(axis=0) if dates else np.full(k, np.nan)
    error = own.std(axis=0, ddof=1) / np.sqrt(dates) if dates > 1 else np.full(k, np.nan)
    return FamaMacBeth(mean, error, _mean_rsquared(y[at], residuals[at], place[at]), at, dates)


def _independent(x: FloatArray, place: IntArray, dates: int) -> BoolArray:
    """Return on which dates the columns of ``x`` are linearly independent, shape (D,)."""
    size = np.zeros((dates, x.shape[1]))
    np.add.at(size, place, x**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = x / np.sqrt(size)[place]
    gram = np.zeros((dates, x.shape[1], x.shape[1]))
    np.add.at(gram, place, scaled[:, :, None] * scaled[:, None, :])
    there = np.isfinite(gram).all(axis=(1, 2))
    independent = np.zeros(dates, dtype=bool)
    independent[there] = np.linalg.eigvalsh(gram[there])[:, 0] > DEPENDENT
    return independent


def _mean_rsquared(y: FloatArray, residuals: FloatArray, place: IntArray) -> float:
    if not len(y):
        return np.nan
    count = np.bincount(place)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(place, y) / count
        total = np.bincount(place, (y - mean[place]) ** 2)
        shares = 1.0 - np.bincount(place, residuals**2) / total
    known = np.isfinite(shares)
    return float(shares[known].mean()) if known.any() else np.nan
