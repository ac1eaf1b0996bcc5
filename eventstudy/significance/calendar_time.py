"""Jaffe, Fama: the calendar-time portfolio of the firms in their event window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.kernels import least_squares
from eventstudy.significance.calendar_listings import Listed
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed
from eventstudy.significance.totals import ROUNDING, CellTotals, counted

AT_ONCE = 1 << 18  #: sessions of groups and windows that are fitted at once: bounds the memory
FEW_WINDOWS = 3  #: with fewer windows' worth of sessions, as many lags leave nothing of the residuals
FEW_SESSIONS = "few sessions for so many lags: the Newey-West error is too small"


@dataclass(frozen=True)
class Portfolios:
    """The firms that are in their window on each session of the calendar.

    Attributes
    ----------
    n
        Complete firm-events, shape (G, W).
    by_session
        Of each window: firms, and sums over them of the return and the regressors, shape (C, 1 + q).
    """

    n: IntArray
    by_session: tuple[CellTotals, ...]

    def __add__(self, other: Portfolios) -> Portfolios:
        """Return the firms of both shards."""
        cells = (one + more for one, more in zip(self.by_session, other.by_session, strict=True))
        return Portfolios(self.n + other.n, tuple(cells))


def portfolios(sample: CrossSection) -> Portfolios:
    """Take the returns and regressors of each session, those of a firm over its number of listings."""
    parts = [sample.history.columns(window) for window in sample.windows]
    n = counted(np.isfinite(sample.car), sample.group, sample.groups)
    return Portfolios(n, tuple(Listed.of(sample).totals(parts)))


def calendar_time(sample: Summed) -> SignificanceResult:
    """Regress the calendar-time portfolio of each group and window on the model's regressors."""
    sums = sample.sums(portfolios)
    length = np.array([window.length for window in sample.windows])
    alpha, error, sessions, df = _fits(sums.by_session, sample.groups, length)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = alpha / error
    few = np.isfinite(t) & (length > 1) & (sessions < FEW_WINDOWS * length)
    return SignificanceResult(
        t,
        t_pvalue(t, df, sample.alternative),
        sums.n,
        df=df,
        se=length * error,
        note=np.where(few, FEW_SESSIONS, ""),
    )


CALENDAR_TIME = SignificanceTest(
    function=calendar_time,
    sums=(portfolios,),
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


def _fits(by_session: Sequence[CellTotals], groups: int, lengths: IntArray) -> FloatArray:
    """Return what `_intercepts` does of all groups and windows, those of about as many sessions at a time.

    A group is padded to a length that follows from its own sessions, so its figures depend on no other.
    """
    sessions = np.concatenate([np.bincount(cells.group, minlength=groups) for cells in by_session])
    first = np.cumsum(sessions) - sessions
    means = [cells.total / cells.size for cells in by_session]
    means.append(np.full((1, means[0].shape[1]), np.nan))  # what a group is padded with
    of_sessions = np.concatenate(means)
    padded = 2 ** np.ceil(np.log2(np.maximum(sessions, 1))).astype(np.int64)
    found = np.full((4, len(lengths) * groups), np.nan)
    for width in np.unique(padded):
        alike = np.flatnonzero(padded == width)
        slot, step = np.arange(width), max(AT_ONCE // int(width), 1)
        for start in range(0, len(alike), step):
            some = alike[start : start + step]
            row = np.where(slot < sessions[some, None], first[some, None] + slot, -1)
            found[:, some] = _intercepts(of_sessions[row], lengths[some // groups])
    return found.reshape(4, len(lengths), groups).swapaxes(1, 2)


def _intercepts(portfolio: FloatArray, lengths: IntArray) -> tuple[Any, ...]:
    """Return intercept, its error, sessions and degrees of freedom of portfolios of n groups, (n,) each.

    Parameters
    ----------
    portfolio
        Means by session of the return and the q regressors, shape (n, T, 1 + q).
    lengths
        Sessions of the window of each, shape (n,).
    """
    ret, regressors = portfolio[:, :, 0], portfolio[:, :, 1:]
    fit = least_squares(ret, regressors)
    df = np.where(fit.df > 0, fit.df, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        # what a session adds to the intercept: row 0 of (X'X)^-1 X', times its residual
        centre = np.einsum("gq,gqr->gr", fit.centre, fit.root)
        moved = np.einsum("gtq,gq->gt", fit.leverage_root(regressors)[:, :, 1:], centre)
        added = np.nan_to_num((1.0 / fit.n[:, None] - moved) * fit.residuals)
        variance = (added**2).sum(axis=1)
        for lag in range(1, min(lengths.max(), added.shape[1])):
            weight = 2.0 * np.maximum(1.0 - lag / lengths, 0.0)
            variance += weight * np.einsum("gt,gt->g", added[:, lag:], added[:, :-lag])
        alpha = fit.coefficients[:, 0]
        error = np.sqrt(np.maximum(variance, 0.0) * fit.n / df)
        noise = error > ROUNDING * np.abs(alpha)
    return alpha, np.where(noise, error, np.nan), fit.n, df
