"""Corrado's ranks of one firm-event: the event window among the sessions of its own series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.distributions import normal_pvalue, rank_sum_pvalue
from eventstudy.significance.history import CHUNK, History
from eventstudy.significance.result import SignificanceTest

EXACT_LENGTH = 100  #: sessions; the ranks of a longer window have a normal sum


def rank_single(
    history: History, windows: Sequence[Window], complete: BoolArray, alternative: Alternative
) -> tuple[FloatArray, FloatArray]:
    """Test the ranks of one firm-event's window among all sessions of its own series.

    Parameters
    ----------
    windows
        W windows inside the event window.
    complete
        Which firm-events have all returns of a window, shape (N, W); the others are NaN.

    Returns
    -------
    tuple of FloatArray
        Statistic and p-value, shape (N, W); NaN over several sessions that depend on each other.
    """
    shape = (len(history.ar), len(windows))
    statistic, pvalue = np.full(shape, np.nan), np.full(shape, np.nan)
    for start in range(0, shape[0], CHUNK):
        rows = slice(start, start + CHUNK)
        series = _series(history.double_ranks[rows])
        event = slice(series.there.shape[1] - history.window.length, None)
        for place, window in enumerate(windows):
            if history.autocorrelated and window.length > 1:
                continue
            part = history.columns(window)
            draws = np.where(complete[rows, place], series.there[:, event][:, part].sum(axis=1), 0)
            total = series.centred[:, event][:, part].sum(axis=1)
            statistic[rows, place] = _standardised(series, total, draws)
            pvalue[rows, place] = _pvalue(series, total, draws, statistic[rows, place], alternative)
    return statistic, pvalue


RANK_SINGLE = SignificanceTest(
    function=rank_single,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("fat tails",),
    summary="Ranks of the window's abnormal returns among all sessions of the firm-event's own series.",
    null="the sessions of the window are any L of the T",
    formulas=(
        r"z = \sum_\tau (U_\tau - 1/2) \Big/ \sqrt{L \frac{T - L}{T - 1} \sigma_U^2}, \quad "
        r"U_\tau = \mathrm{rank}_\tau / (T + 1)",
    ),
    notes="""Ranks are among the `T` sessions of estimation and event window that have an abnormal return; the
    variance is that of `L` draws without replacement from the series' own `U`. The p-value is exact: over one
    session the share of sessions as extreme; over more, from the distribution of the sum of `L` of the ranks
    1 to `T`, whose tails the normal overstates (with two sessions p cannot fall below 0.014). N(0, 1) is used
    where returns tie or a window is longer than 100 sessions. Needs no distribution; not robust to
    event-induced variance. NaN where the window has a missing return.""",
    references="""Corrado 1989, Journal of Financial Economics 23, 385-395, doi:10.1016/0304-405X(89)90064-0;
    Mann & Whitney 1947, Annals of Mathematical Statistics 18, 50-60, doi:10.1214/aoms/1177730491 (the sum of
    ranks)""",
)


class _Series(NamedTuple):
    """The ranks of n firm-events over both windows, centred: ``2 (T + 1) (U - 1/2)``, 0 where missing."""

    there: BoolArray
    entries: IntArray
    centred: IntArray
    squares: IntArray


def _series(double_ranks: IntArray) -> _Series:
    there = double_ranks > 0
    entries = there.sum(axis=1)
    centred = np.where(there, double_ranks.astype(np.int64) - (entries[:, None] + 1), 0)
    return _Series(there, entries, centred, np.einsum("nt,nt->n", centred, centred))


def _standardised(series: _Series, total: IntArray, draws: IntArray) -> FloatArray:
    """Return sums of ``draws`` centred ranks over their deviation; NaN where it is zero, shape (n,)."""
    n = series.entries
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = draws * (n - draws) / (n - 1) * (series.squares / n)
        return total / np.sqrt(np.where(variance > 0, variance, np.nan))


def _pvalue(
    series: _Series, total: IntArray, draws: IntArray, statistic: FloatArray, alternative: Alternative
) -> FloatArray:
    """Return the p-value of each sum of draws: exact where it can be, shape (n,)."""
    n, known = series.entries, np.isfinite(statistic)
    pvalue = normal_pvalue(statistic, alternative)
    alone = known & (draws == 1)
    if alone.any():
        pvalue[alone] = _share_as_extreme(series, total, alternative)[alone]
    untied = 3 * series.squares == n * (n**2 - 1)
    exact = known & untied & (draws > 1) & (draws <= EXACT_LENGTH)
    pair = draws * (n.max(initial=0) + 1) + n
    for each in np.unique(pair[exact]).tolist():
        length, among = divmod(each, n.max() + 1)
        same = exact & (pair == each)
        pvalue[same] = rank_sum_pvalue((total[same] + length * (among + 1)) // 2, length, among, alternative)
    return pvalue


def _share_as_extreme(series: _Series, total: IntArray, alternative: Alternative) -> FloatArray:
    """Return the share of the sessions of each series whose rank is as extreme as a given one, shape (n,)."""
    side = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[alternative]
    as_extreme = side(series.centred) >= side(total)[:, None]
    with np.errstate(invalid="ignore"):
        return np.asarray((as_extreme & series.there).sum(axis=1) / series.entries)
