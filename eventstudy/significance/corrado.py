"""Corrado, and Corrado & Zivney: ranks and signs in estimation and event window together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.rank_scores import score_totals, scores
from eventstudy.significance.result import SIZE, SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed
from eventstudy.significance.totals import over_groups

TOO_FEW = f"too few: p cannot fall below {SIZE}"


@dataclass(frozen=True)
class SessionScores:
    """Sums of scores over the firm-events of each group, session by session of both windows.

    Attributes
    ----------
    window
        The event window, the last sessions.
    total
        Whole numbers, shape (..., G, L1 + L).
    firms
        Firm-events with a score, shape (G, L1 + L).
    present
        Firm-events with a score in some session of each of the W windows, shape (G, W).
    """

    window: Window
    total: IntArray
    firms: IntArray
    present: IntArray

    def __add__(self, other: SessionScores) -> SessionScores:
        """Return the sums of both shards."""
        return SessionScores(
            self.window, self.total + other.total, self.firms + other.firms, self.present + other.present
        )

    def of_all_groups(self) -> SessionScores:
        """Return the sums of all groups as those of one."""
        return SessionScores(
            *(self.window, over_groups(self.total, -2), over_groups(self.firms), over_groups(self.present))
        )


def session_ranks(sample: CrossSection) -> SessionScores:
    """Take the centred ranks of each session."""
    ranks = sample.history.double_ranks
    entries = sample.history.n_sessions[sample.events]

    def centred(rows: IntArray) -> IntArray:
        double = ranks[sample.events[rows]].astype(np.int32)
        return np.where(double > 0, double - (entries[rows, None] + 1).astype(np.int32), 0)

    return _session_scores(sample, score_totals(sample, entries, centred))


def corrado_rank(sample: Summed) -> SignificanceResult:
    """Sum the ranks of each window, standardised by all sessions of both windows."""
    ranks = sample.sums(session_ranks)
    return _in_event_time(sample, ranks, scores(ranks.total), largest=0.5)


CORRADO_RANK = SignificanceTest(
    function=corrado_rank,
    sums=(session_ranks,),
    distribution="normal",
    parametric=False,
    robust_to=("cross-correlation", "skewness", "fat tails"),
    independent_sessions=True,
    summary="Ranks of the event window's abnormal returns among those of both windows.",
    null="event-window abnormal returns have the distribution of the firm-event's own series",
    formulas=(
        r"z = \sum_\tau u_\tau / (\sqrt L S_U), \quad "
        r"u_\tau = \sum_i (U_{i\tau} - 1/2) / \sqrt{N_\tau}, \quad "
        r"U_{i\tau} = \mathrm{rank}_{i\tau} / (T_i + 1), \quad S_U^2 = \overline{u_\tau^2} \sim N(0, 1)",
    ),
    notes="""`T_i` counts the sessions of estimation and event window with an abnormal return; ties share
    their mean rank. The mean of `S_U` runs over all sessions of both windows that have a firm, `L` over those
    of the window. Needs no distribution; `S_U` includes cross-correlation. Partly robust to event-induced
    variance. Loses power over long windows, where a drift raises the ranks of the comparison sessions too.

    A missing return leaves the other firm-events in: `n` counts those that enter some session of the window.
    For one firm-event `U` is uniform, not normal: see `rank_single`.""",
    references="""Corrado 1989, Journal of Financial Economics 23, 385-395, doi:10.1016/0304-405X(89)90064-0;
    Corrado & Zivney 1992, Journal of Financial and Quantitative Analysis 27, 465-478, doi:10.2307/2331331
    (missing returns); Cowan 1992, Review of Quantitative Finance and Accounting 2, 343-358,
    doi:10.1007/BF00939016 (windows)""",
)


def session_signs(sample: CrossSection) -> SessionScores:
    """Take the signs of each session about the median of its firm-event."""
    signs = sample.history.signs
    return _session_scores(sample, sample.total_of(lambda rows: signs[sample.events[rows]]))


def corrado_sign(sample: Summed) -> SignificanceResult:
    """Sum the signs about the median of each window, standardised by all sessions of both windows."""
    signs = sample.sums(session_signs)
    return _in_event_time(sample, signs, signs.total, largest=1.0)


CORRADO_SIGN = SignificanceTest(
    function=corrado_sign,
    sums=(session_signs,),
    distribution="normal",
    parametric=False,
    robust_to=("event-induced variance", "cross-correlation", "skewness", "fat tails"),
    independent_sessions=True,
    summary="Signs of the event window's abnormal returns about the median of both windows.",
    null="event-window abnormal returns are above their median as often as below",
    formulas=(
        r"z = \sum_\tau g_\tau / (\sqrt L S_G), \quad g_\tau = \sum_i G_{i\tau} / \sqrt{N_\tau}, \quad "
        r"G_{i\tau} = \mathrm{sign}(AR_{i\tau} - \mathrm{median}_i), \quad "
        r"S_G^2 = \overline{g_\tau^2} \sim N(0, 1)",
    ),
    notes="""The median is over all sessions of estimation and event window with an abnormal return (the mean
    of the two middle ones for an even number); a return equal to it has `G = 0`. Means and windows as in
    `corrado_rank`. Needs no symmetric distribution; `S_G` includes cross-correlation; robust to event-induced
    variance. Missing returns and `n` as in `corrado_rank`.""",
    references="""Corrado & Zivney 1992, Journal of Financial and Quantitative Analysis 27, 465-478,
    doi:10.2307/2331331""",
)


def _session_scores(sample: CrossSection, total: IntArray) -> SessionScores:
    """Return sums of scores with the firm-events behind them."""
    history = sample.history
    parts = [history.columns(window) for window in sample.windows]

    def ranked(rows: slice) -> BoolArray:
        return np.asarray(history.double_ranks[sample.events[rows]] > 0)

    def present(rows: slice) -> BoolArray:
        there: BoolArray = np.isfinite(history.ar[sample.events[rows]])
        return np.column_stack([there[:, part].any(axis=1) for part in parts])

    return SessionScores(history.window, total, sample.total_of(ranked), sample.total_of(present))


def _in_event_time(sample: Summed, sums: SessionScores, total: Any, *, largest: float) -> SignificanceResult:
    """Return the test of scores over windows, standardised by all sessions of both windows.

    Parameters
    ----------
    total
        Sums of scores over the firms of a session, shape (G, L1 + L).
    largest
        The score of one firm-event is at most this.
    """
    firms, n = sums.firms, sums.present
    there = firms > 0
    root = np.sqrt(firms)
    standardised = total / np.where(there, root, 1.0)
    before = firms.shape[1] - sums.window.length
    start = sums.window.start
    parts = [slice(window.start - start, window.end - start + 1) for window in sample.windows]

    def over_windows(sessions: Any) -> Any:
        return np.column_stack([sessions[:, before:][:, part].sum(axis=1) for part in parts])

    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((standardised**2).sum(axis=1) / there.sum(axis=1))
        scale = np.where(spread > 0, spread, np.nan)[:, None] * np.sqrt(over_windows(there))
        z = over_windows(standardised) / scale
        furthest = largest * over_windows(root) / scale
    smallest = normal_pvalue(furthest, "two-sided" if sample.alternative == "two-sided" else "greater")
    note = np.where(smallest > SIZE, TOO_FEW, "")
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), n, note=note)
