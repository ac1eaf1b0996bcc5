"""Schipper & Thompson, Binder: several tickers on one date as one regression system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.distributions import f_pvalue, t_pvalue
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult

TOO_MANY = "more tickers than degrees of freedom"
TOO_FEW = "needs two tickers with complete returns"
NONE_COMPLETE = "no ticker has complete returns"
NOT_EXACT = "the tickers' regressors differ: approximate"
SINGULAR = "the tickers' residuals are linearly dependent"
#: beyond this condition number of a correlation matrix its inverse keeps fewer than four correct digits
DEPENDENT = 1e12


class Part(NamedTuple):
    """A test's numbers for the windows that one set of tickers is complete in."""

    statistic: FloatArray | float = np.nan
    pvalue: FloatArray | float = np.nan
    df: float = np.nan
    df2: float = np.nan
    note: str | list[str] = ""


def joint_f(system: OneDate) -> SignificanceResult:
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
    return collect(system, lambda tickers, windows: wald(system, tickers, windows, len(tickers), np.eye))


def equality_f(system: OneDate) -> SignificanceResult:
    r"""Test whether the tickers moved alike: ``H0: all CARs equal``, the F of N - 1 contrasts.

    Notes
    -----
    .. math:: T^2 = (D\,CAR)' (D C D')^{-1} D\,CAR, \quad
        F = T^2 (M-k-N+2) / ((N-1)(M-k)) \sim F(N-1, M-k-N+2)

    with ``D`` the N - 1 differences from the last ticker. Assumptions and missing returns as in `joint_f`;
    needs two tickers.

    References
    ----------
    Schipper & Thompson 1983, Journal of Accounting Research 21, 184-221, doi:10.2307/2490944; Binder 1985,
    Journal of Accounting Research 23, 370-383, doi:10.2307/2490924.
    """

    def against_last(n: int) -> FloatArray:
        return np.column_stack([np.eye(n), -np.ones(n)])

    def part(tickers: IntArray, windows: IntArray) -> Part:
        if len(tickers) < 2:
            return Part(note=TOO_FEW)
        return wald(system, tickers, windows, len(tickers) - 1, against_last)

    return collect(system, part)


def portfolio_t(system: OneDate) -> SignificanceResult:
    r"""Test whether the tickers moved together: `car_t` of their equal-weighted portfolio.

    Notes
    -----
    .. math:: t = \overline{CAR} / \sqrt{1' C 1 / N^2} \sim t(M - k)

    H0: the tickers' mean CAR is zero. Exact under the assumptions of `joint_f`: the firms of the date may
    move together. Over-rejects where the day itself is more volatile. Tickers without complete returns in a
    window are left out.

    References
    ----------
    Brown & Warner 1980, Journal of Financial Economics 8, 205-258, doi:10.1016/0304-405X(80)90002-1; Jaffe
    1974, Journal of Business 47, 410-428, doi:10.1086/295655.
    """
    errors = portfolio_errors(system, system.windows)

    def part(tickers: IntArray, windows: IntArray) -> Part:
        statistic = system.car[np.ix_(tickers, windows)].mean(axis=0) / errors[windows]
        note = "" if system.same_regressors else NOT_EXACT
        return Part(statistic, t_pvalue(statistic, system.df, system.alternative), system.df, note=note)

    return replace(collect(system, part), se=errors)


def portfolio_placebo(system: OneDate) -> SignificanceResult:
    r"""Rank the portfolio's ``|CAR|`` among those of the estimation windows.

    Notes
    -----
    .. math:: p = (1 + \#\{|c_j| \ge |\overline{CAR}|\}) / (1 + n)

    over the ``n`` windows of the same length inside the estimation window. H0: the mean of
    the tickers is drawn like theirs. Needs no normality, takes the correlation of the tickers in;
    over-rejects where the day itself is more volatile.

    References
    ----------
    Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541, doi:10.1093/aler/aht006.
    """

    def part(tickers: IntArray, windows: IntArray) -> Part:
        car = system.car[np.ix_(tickers, windows)].mean(axis=0)
        return _ranked(system, windows, car, np.abs(car), lambda cars: np.abs(cars[tickers].mean(axis=0)))

    return collect(system, part)


def portfolio_errors(system: OneDate, windows: Sequence[Window]) -> FloatArray:
    """Return the forecast error of the equal-weighted portfolio's CAR over some windows, shape (W,).

    Tickers without complete returns in a window are left out of it; NaN where none is complete.
    """
    there = np.column_stack([system.abnormal.complete(window) for window in windows])
    return np.asarray(np.sqrt(system.mean_variance(there, windows)))


def wald(
    system: OneDate, tickers: IntArray, windows: IntArray, n: int, contrasts: Callable[[int], FloatArray]
) -> Part:
    """Return the F of ``contrasts(n) @ CAR = 0``, n restrictions, from Hotelling's T squared.

    Parameters
    ----------
    tickers, windows
        Indices of those to test together.
    contrasts
        Gives the restrictions as rows, shape (n, len(tickers)).
    """
    df2 = system.df - n + 1
    if df2 < 1:
        return Part(note=TOO_MANY)
    covariance = system.covariance[np.ix_(windows, tickers, tickers)]
    if _dependent(covariance).any():  # asked of the CARs: what is left of a contrast of equals is rounding
        return Part(note=SINGULAR)
    rows = contrasts(n)
    covariance = rows @ covariance @ rows.T
    value = (rows @ system.car[np.ix_(tickers, windows)]).T[:, :, None]
    form = (value * np.linalg.solve(covariance, value)).sum(axis=(1, 2))
    statistic = form * df2 / (n * system.df)
    note = "" if system.same_regressors else NOT_EXACT
    return Part(statistic, f_pvalue(statistic, n, df2), float(n), df2, note)


def _ranked(
    system: OneDate,
    windows: IntArray,
    shown: FloatArray,
    observed: FloatArray,
    reduce: Callable[[FloatArray], FloatArray],
) -> Part:
    """Rank one figure per window among the placebo windows of its length."""
    lengths = np.array([system.windows[window].length for window in windows])
    pvalue, n = np.empty(len(lengths)), np.empty(len(lengths), dtype=np.int64)
    for length in dict.fromkeys(lengths.tolist()):
        at = np.flatnonzero(lengths == length)
        pvalue[at], n[at] = rank_pvalue(observed[at], reduce(system.placebos[length])[None])
    return Part(shown, pvalue, note=[f"rank among {count} placebo windows" for count in n])


def _dependent(covariances: FloatArray) -> BoolArray:
    """Tell which covariance matrices, shape (W, n, n), cannot be inverted with four correct digits."""
    scale = np.sqrt(np.einsum("wnn->wn", covariances))
    flat = (scale == 0).any(axis=1)
    scale = np.where(scale == 0, 1.0, scale)
    dependent: BoolArray = flat | (
        np.linalg.cond(covariances / (scale[:, :, None] * scale[:, None, :])) > DEPENDENT
    )
    return dependent


def collect(system: OneDate, part: Callable[[IntArray, IntArray], Part]) -> SignificanceResult:
    """Run a test on each set of windows that the same tickers are complete in."""
    width = len(system.windows)
    columns = np.full((4, width), np.nan)
    notes = np.full(width, NONE_COMPLETE, dtype=object)
    n = np.zeros(width, dtype=np.int64)
    for tickers, windows in system.patterns():
        if tickers.size:
            *numbers, note = part(tickers, windows)
            for row, values in zip(columns, numbers, strict=True):
                row[windows] = values
            n[windows], notes[windows] = len(tickers), note
    return SignificanceResult(columns[0], columns[1], n, columns[2], columns[3], note=notes)
