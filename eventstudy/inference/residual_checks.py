"""Checks of the noise of each firm-event: autocorrelation, changing variance, normality, zero returns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.models.estimation import CHUNK
from eventstudy.numerics.distributions import chi2_pvalue
from eventstudy.numerics.kernels import least_squares

LJUNG_BOX_LAGS = 10
ARCH_LAGS = 5
MIN_PAIRS = 30  #: neighbouring returns below which their correlation says nothing


def by_chunks(
    check: Callable[[FloatArray], tuple[FloatArray, FloatArray]], residuals: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Run a check on some rows at a time, so that its lagged copies stay small."""
    parts = [check(residuals[start : start + CHUNK]) for start in range(0, len(residuals), CHUNK)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def ljung_box(residuals: FloatArray, lags: int = LJUNG_BOX_LAGS) -> tuple[FloatArray, FloatArray]:
    """Return Ljung & Box's Q and its chi-squared p-value for each row; missing sessions are skipped.

    References
    ----------
    Ljung & Box 1978, Biometrika 65, 297-303, doi:10.1093/biomet/65.2.297.
    """
    x, n = _packed(residuals)
    variance = (x * x).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.column_stack(
            [(x[:, lag:] * x[:, :-lag]).sum(axis=1) / variance for lag in range(1, lags + 1)]
        )
        q = n * (n + 2) * (rho**2 / (n[:, None] - np.arange(1, lags + 1))).sum(axis=1)
    q = np.where(n > lags, q, np.nan)
    return q, chi2_pvalue(q, lags)


def arch_lm(residuals: FloatArray, lags: int = ARCH_LAGS) -> tuple[FloatArray, FloatArray]:
    """Return Engle's LM statistic ``n R^2`` of squared residuals on their lags, and its p-value.

    References
    ----------
    Engle 1982, Econometrica 50, 987-1007, doi:10.2307/1912773.
    """
    x, n = _packed(residuals)
    inside = np.arange(x.shape[1]) < n[:, None]
    squares = np.where(inside, x * x, np.nan)
    lagged = np.stack([squares[:, lags - lag : -lag] for lag in range(1, lags + 1)], axis=2)
    fit = least_squares(squares[:, lags:], lagged)
    lm = np.where(fit.df > 0, fit.n * fit.rsquared, np.nan)
    return lm, chi2_pvalue(lm, lags)


def jarque_bera(residuals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Jarque & Bera's statistic of skewness and kurtosis, and its chi-squared(2) p-value.

    References
    ----------
    Jarque & Bera 1987, International Statistical Review 55, 163-172, doi:10.2307/1403192.
    """
    n = np.isfinite(residuals).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        e = np.where(np.isfinite(residuals), residuals, 0.0)
        e = np.where(np.isfinite(residuals), residuals - (e.sum(axis=1) / n)[:, None], 0.0)
        squares = e * e  # products: powers of arrays are slow
        second, third, fourth = ((squares * more).sum(axis=1) / n for more in (np.ones(1), e, squares))
        statistic = n / 6.0 * (third**2 / second**3 + (fourth / second**2 - 3.0) ** 2 / 4.0)
    return statistic, chi2_pvalue(statistic, 2)


def centred(residuals: FloatArray) -> FloatArray:
    """Return residuals about their mean, which is 0 but for the market-adjusted model."""
    there = np.isfinite(residuals)
    with np.errstate(invalid="ignore"):
        mean = np.where(there, residuals, 0.0).sum(axis=1) / there.sum(axis=1)
    return np.asarray(residuals - mean[:, None])


def _packed(residuals: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return each row's finite values moved to the front, zeros behind, and their number."""
    there = np.isfinite(residuals)
    order = np.argsort(~there, axis=1, kind="stable")
    return np.take_along_axis(np.where(there, residuals, 0.0), order, axis=1), there.sum(axis=1)


def share_of_zeros(returns: FloatArray) -> FloatArray:
    """Return the share of zeros among the returns of each row, shape (n,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray((returns == 0.0).sum(axis=1) / np.isfinite(returns).sum(axis=1))


def autocorrelation(returns: FloatArray) -> FloatArray:
    """Return the correlation of neighbouring columns, shape (n,), over the pairs that are both there."""
    pairs = np.isfinite(returns[:, 1:]) & np.isfinite(returns[:, :-1])
    n = pairs.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        one, other = (
            np.where(pairs, values, 0.0)
            - np.where(pairs, (np.where(pairs, values, 0.0).sum(axis=1) / n)[:, None], 0)
            for values in (returns[:, 1:], returns[:, :-1])
        )
        found = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.where(n >= MIN_PAIRS, found, np.nan)
