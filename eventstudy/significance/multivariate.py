"""Schipper & Thompson, Binder: several tickers on one date as one regression system."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.distributions import f_pvalue, t_pvalue
from eventstudy.kernels import rank_pvalue
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult

TOO_MANY = "more tickers than degrees of freedom"
TOO_FEW = "needs two tickers with complete returns"
NOT_EXACT = "the tickers' regressors differ: approximate"
SINGULAR = "the tickers' residuals are linearly dependent"
Row = tuple[float, float, float, float, int, str]  # statistic, p-value, df, df2, n, note


def joint_f(sample: OneDate, windows: Sequence[Window]) -> SignificanceResult:
    r"""Test whether any of the tickers moved: ``H0: CAR_1 = ... = CAR_N = 0``.

    Notes
    -----
    .. math:: T^2 = CAR' C^{-1} CAR, \quad F = T^2 (M-k-N+1) / (N (M-k)) \sim F(N, M-k-N+1)

    with ``C`` the covariance of the CARs (`OneDate.covariance`). Takes the correlation of the tickers in;
    assumes normal returns of unchanged variance. Tickers without complete returns in a window are left out.

    References
    ----------
    Schipper & Thompson 1983, Journal of Accounting Research 21, 184-221, doi:10.2307/2490944; Binder 1985,
    Journal of Accounting Research 23, 370-383, doi:10.2307/2490924.
    """
    return _each(
        sample, windows, lambda window, tickers: _f_row(sample, window, tickers, np.eye(len(tickers)))
    )


def equality_f(sample: OneDate, windows: Sequence[Window]) -> SignificanceResult:
    """Test whether the tickers moved alike: ``H0: all CARs equal``, the F of N - 1 contrasts.

    Notes
    -----
    ``F(N-1, M-k-N+2)`` (METHODS.md 6); assumptions and NaN as in `joint_f`; needs two tickers.
    """

    def row(window: Window, tickers: IntArray) -> Row:
        if len(tickers) < 2:
            return np.nan, np.nan, np.nan, np.nan, len(tickers), TOO_FEW
        contrasts = np.column_stack([np.eye(len(tickers) - 1), -np.ones(len(tickers) - 1)])
        return _f_row(sample, window, tickers, contrasts)

    return _each(sample, windows, row)


def portfolio_t(sample: OneDate, windows: Sequence[Window]) -> SignificanceResult:
    """Test whether the tickers moved together: `car_t` of their equal-weighted portfolio, t(M - k).

    Exact under the assumptions of `joint_f`. Tickers without complete returns in a window are left out.
    """

    def row(window: Window, tickers: IntArray) -> Row:
        mean = float(sample.abnormal.car(window)[tickers].mean())
        statistic = mean / float(np.sqrt(sample.covariance(window)[np.ix_(tickers, tickers)].mean()))
        p = float(t_pvalue(statistic, sample.df, sample.alternative))
        return statistic, p, sample.df, np.nan, len(tickers), ""

    return _each(sample, windows, row)


def joint_placebo(sample: OneDate, windows: Sequence[Window]) -> SignificanceResult:
    """Rank ``CAR' Sigma^-1 CAR`` among the same form of the estimation windows; no normality needed."""

    def row(window: Window, tickers: IntArray) -> Row:
        sigma = sample.sigma[np.ix_(tickers, tickers)]
        car = sample.abnormal.car(window)[tickers]
        placebos = sample.placebos(window.length)[tickers]
        if _dependent(sigma):
            return np.nan, np.nan, np.nan, np.nan, len(tickers), SINGULAR
        observed = float(car @ np.linalg.solve(sigma, car))
        forms = np.einsum("np,np->p", placebos, np.linalg.solve(sigma, placebos))
        return _rank_row(observed, observed, forms, len(tickers))

    return _each(sample, windows, row)


def portfolio_placebo(sample: OneDate, windows: Sequence[Window]) -> SignificanceResult:
    """Rank the portfolio's ``|CAR|`` among those of the estimation windows; no normality needed."""

    def row(window: Window, tickers: IntArray) -> Row:
        car = float(sample.abnormal.car(window)[tickers].mean())
        placebos = np.abs(sample.placebos(window.length)[tickers].mean(axis=0))
        return _rank_row(car, abs(car), placebos, len(tickers))

    return _each(sample, windows, row)


def quadratic_f(value: FloatArray, covariance: FloatArray, df: float) -> tuple[float, float, float, float]:
    """Return F, its p-value and both degrees of freedom for ``value' covariance^-1 value`` (Hotelling)."""
    n = len(value)
    form = float(value @ np.linalg.solve(covariance, value))
    df2 = df - n + 1
    statistic = form * df2 / (n * df)
    return statistic, float(f_pvalue(statistic, n, df2)), float(n), df2


def _f_row(sample: OneDate, window: Window, tickers: IntArray, contrasts: FloatArray) -> Row:
    if sample.df - len(contrasts) + 1 < 1:
        return np.nan, np.nan, np.nan, np.nan, len(tickers), TOO_MANY
    covariance = contrasts @ sample.covariance(window)[np.ix_(tickers, tickers)] @ contrasts.T
    if _dependent(covariance):
        return np.nan, np.nan, np.nan, np.nan, len(tickers), SINGULAR
    value = contrasts @ sample.abnormal.car(window)[tickers]
    statistic, p, df, df2 = quadratic_f(value, covariance, sample.df)
    return statistic, p, df, df2, len(tickers), "" if sample.same_regressors else NOT_EXACT


def _rank_row(shown: float, observed: float, placebos: FloatArray, n: int) -> Row:
    p, count = rank_pvalue(np.array([observed]), placebos[None, :])
    return shown, float(p[0]), np.nan, np.nan, n, f"rank among {int(count[0])} placebo windows"


def _dependent(covariance: FloatArray) -> bool:
    """Tell whether a covariance matrix cannot be inverted with four correct digits."""
    scale = np.sqrt(np.diag(covariance))
    return bool((scale == 0).any() or np.linalg.cond(covariance / np.outer(scale, scale)) > 1e12)


def _each(
    sample: OneDate, windows: Sequence[Window], row: Callable[[Window, IntArray], Row]
) -> SignificanceResult:
    """Collect one row per window; a window in which no ticker is complete has no test."""
    rows: list[Row] = []
    for window in windows:
        tickers = sample.complete(window)
        if tickers.size:
            rows.append(row(window, tickers))
        else:
            rows.append((np.nan, np.nan, np.nan, np.nan, 0, "no ticker has complete returns"))
    statistic, pvalue, df, df2, n, note = zip(*rows, strict=True)
    return SignificanceResult(
        np.array(statistic),
        np.array(pvalue),
        np.array(n),
        np.array(df),
        np.array(df2),
        np.array(note, dtype=object),
    )
