"""Jaffe, Fama: the calendar-time portfolio of the firms in their event window."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.kernels import least_squares
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection, InCalendarTime
from eventstudy.significance.totals import ROUNDING

FEW_WINDOWS = 3  #: with fewer windows' worth of sessions, as many lags leave nothing of the residuals
FEW_SESSIONS = "few sessions for so many lags: the Newey-West error is too small"


def calendar_time(sample: CrossSection) -> SignificanceResult:
    """Regress the calendar-time portfolio of each group and window on the model's regressors."""
    panel = sample.calendar_time()
    if panel.regressors.shape[2] == 0:
        panel = panel._replace(ret=sample.history.ar[sample.events])
    fits = [_intercepts(sample, panel, place) for place in range(len(sample.windows))]
    alpha, error, sessions, df = (np.stack(parts, axis=1) for parts in zip(*fits, strict=True))
    length = np.array([window.length for window in sample.windows])
    with np.errstate(invalid="ignore", divide="ignore"):
        t = alpha / error
    few = np.isfinite(t) & (length > 1) & (sessions < FEW_WINDOWS * length)
    return SignificanceResult(
        t,
        t_pvalue(t, df, sample.alternative),
        sample.n,
        df=df,
        se=length * error,
        note=np.where(few, FEW_SESSIONS, ""),
    )


CALENDAR_TIME = SignificanceTest(
    function=calendar_time,
    distribution="t",
    robust_to=("event-induced variance", "cross-correlation"),
    of_returns=True,
    summary="Intercept of the calendar-time portfolio of the firms in their event window.",
    null="the portfolio has no abnormal return",
    formulas=(r"R_{pt} = a + b' x_{pt} + e_t, \quad t = a / \mathrm{se}(a) \sim t(T - k)",),
    notes="""On each of the `T` calendar sessions on which any firm-event is in its window, the equal-weighted
    mean return of those that are (a firm listed twice counts once) is regressed on the mean of their models'
    regressors. For a model without regressors, the portfolio's mean abnormal return is used. The errors are
    Newey & West's with `L - 1` lags (Bartlett weights; White's for one session), counted in the portfolio's
    own sessions, times `T / (T - k)`. `se` is that of the mean CAR, `L se(a)`.

    Robust to cross-correlation, since a session is one observation, and to changing variance. Firm-events
    incomplete in the window are left out. One set of slopes serves the whole portfolio although its members
    change, and the alphas of the estimation windows are not subtracted. One date leaves as many sessions as
    lags, which a note says.""",
    references="""Jaffe 1974, Journal of Business 47, 410-428; Fama 1998, Journal of
    Financial Economics 49, 283-306, doi:10.1016/S0304-405X(98)00026-9; Newey & West 1987, Econometrica 55,
    703-708, doi:10.2307/1913610""",
)


def _intercepts(sample: CrossSection, panel: InCalendarTime, place: int) -> tuple[Any, ...]:
    """Return intercept, its error, sessions and degrees of freedom of each group in one window, (G,) each."""
    window = sample.windows[place]
    columns = sample.history.columns(window)
    part = InCalendarTime(panel.position[:, columns], panel.ret[:, columns], panel.regressors[:, columns])
    ret, regressors = _portfolio(sample, part, np.isfinite(sample.car[:, place]))
    fit = least_squares(ret, regressors)
    df = np.where(fit.df > 0, fit.df, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        # what a session adds to the intercept: row 0 of (X'X)^-1 X', times its residual
        centre = np.einsum("gq,gqr->gr", fit.centre, fit.root)
        moved = np.einsum("gtq,gq->gt", fit.leverage_root(regressors)[:, :, 1:], centre)
        added = np.nan_to_num((1.0 / fit.n[:, None] - moved) * fit.residuals)
        variance = (added**2).sum(axis=1)
        for lag in range(1, window.length):
            weight = 2.0 * (1.0 - lag / window.length)
            variance += weight * np.einsum(
                "gt,gt->g", added[:, lag:], added[:, : max(added.shape[1] - lag, 0)]
            )
        alpha = fit.coefficients[:, 0]
        error = np.sqrt(np.maximum(variance, 0.0) * fit.n / df)
        noise = error > ROUNDING * np.abs(alpha)
    return alpha, np.where(noise, error, np.nan), fit.n, df


def _portfolio(
    sample: CrossSection, panel: InCalendarTime, complete: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Average the members of each group by session, first over a firm's listings: (G, T) and (G, T, q).

    The first is the return, the second the regressors; NaN past the end of a group.
    """
    there = complete[:, None] & (panel.position >= 0) & np.isfinite(panel.ret)
    there &= np.isfinite(panel.regressors).all(axis=2)
    row, column = np.nonzero(there)
    group, position, ticker = sample.group[row], panel.position[row, column], sample.ticker[row]
    sessions, tickers = panel.position.max(initial=0) + 1, sample.ticker.max(initial=0) + 1
    key = (group * sessions + position) * tickers + ticker
    order = np.argsort(key, kind="stable")
    values = np.column_stack([panel.ret[row, column], panel.regressors[row, column]])
    key, values = _means(key[order], values[order])
    key, values = _means(key // tickers, values)
    group = key // sessions
    length = np.bincount(group, minlength=sample.groups)
    slot = np.arange(len(group)) - np.repeat(np.cumsum(length) - length, length)
    padded = np.full((sample.groups, length.max(initial=0), values.shape[1]), np.nan)
    padded[group, slot] = values
    return padded[:, :, 0], padded[:, :, 1:]


def _means(key: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the distinct of some ascending keys, and the mean of the rows of ``values`` that share each."""
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    if len(starts) in (0, len(key)):
        return key, values
    count = np.diff(starts, append=len(key))
    return key[starts], np.add.reduceat(values, starts, axis=0) / count[:, None]
