"""The equal-weighted portfolio of the tickers of one date: its t and its placebo rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.joint_placebo import JOINT_PLACEBO
from eventstudy.significance.multivariate import NOT_EXACT, Part, collect, placebo_rank
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.romano_wolf import towards


def portfolio_errors(system: OneDate, windows: Sequence[Window]) -> FloatArray:
    """Return the forecast error of the equal-weighted portfolio's CAR over some windows, shape (W,).

    Tickers without complete returns in a window are left out of it; NaN where none is complete.
    """
    there = np.column_stack([system.abnormal.complete(window) for window in windows])
    return np.asarray(np.sqrt(system.mean_variance(there, windows)))


def portfolio_t(system: OneDate) -> SignificanceResult:
    """Return the t of the equal-weighted portfolio's CAR."""
    errors = portfolio_errors(system, system.windows)

    def part(tickers: IntArray, windows: IntArray) -> Part:
        statistic = system.car[np.ix_(tickers, windows)].mean(axis=0) / errors[windows]
        note = "" if system.same_regressors else NOT_EXACT
        return Part(statistic, t_pvalue(statistic, system.df, system.alternative), system.df, note=note)

    return replace(collect(system, part), se=errors)


PORTFOLIO_T = SignificanceTest(
    function=portfolio_t,
    scope="one date",
    unit="portfolio",
    distribution="t",
    robust_to=("cross-correlation",),
    headline=True,
    summary="`car_t` of the tickers' equal-weighted portfolio.",
    null="the mean CAR of the tickers is zero",
    formulas=(r"t = \overline{CAR} / \sqrt{1' C 1 / N^2} \sim t(M - k)",),
    notes="""Exact under the assumptions of `joint_f`; the firms of the date may be correlated.
    Over-rejects where the event day itself is more volatile. Tickers without complete returns in a window
    are left out.""",
    references="""Brown & Warner 1980, Journal of Financial Economics 8, 205-258,
    doi:10.1016/0304-405X(80)90002-1; Jaffe 1974, Journal of Business 47, 410-428""",
)


def portfolio_placebo(system: OneDate) -> SignificanceResult:
    """Rank the portfolio's CAR among those of the estimation windows, two-sided by size."""
    side = system.alternative

    def part(tickers: IntArray, windows: IntArray) -> Part:
        car = system.car[np.ix_(tickers, windows)].mean(axis=0)
        pvalue, n = placebo_rank(
            system,
            windows,
            towards(car, side),
            lambda length: towards(system.placebos[length][tickers].mean(axis=0), side),
        )
        return Part(car, pvalue, note=[f"rank among {count} placebo windows" for count in n])

    return collect(system, part)


PORTFOLIO_PLACEBO = replace(
    JOINT_PLACEBO,
    name="portfolio_placebo",
    function=portfolio_placebo,
    unit="portfolio",
    summary="Rank of the portfolio's `|CAR|` among those of the estimation windows.",
    null="the portfolio's CAR has the distribution of those in the estimation window",
    formulas=(r"p = (1 + \#\{|c_j| \ge |\overline{CAR}|\}) / (1 + n)",),
    notes="""Over the `n` windows of the same length inside the estimation window, each left out of its fit;
    one-sided by the signed CARs as `placebo`. Needs no normality; includes the correlation of the tickers.
    Over-rejects where the event day itself is more volatile. Missing returns as in `portfolio_t`.""",
)
