"""Kolari & Pynnonen: the generalised rank tests, of a session or a window."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.numerics.distributions import normal_pvalue, t_pvalue
from eventstudy.significance.history import CHUNK
from eventstudy.significance.rank_scores import score_totals, scores
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection, moments

IN_CACHE = 512  #: firm-events times windows per step: more exceed the processor's cache
NO_VARIATION = "the standardised CARs do not vary"


def grank_t(sample: CrossSection) -> SignificanceResult:
    """Return the generalised rank t of each group and window."""
    place, there = _event_places(sample)
    mean, n = _mean_event_rank(sample, place, there)
    squares, sessions = _over_estimation(sample, place, there)
    with np.errstate(invalid="ignore", divide="ignore"):
        entries = sessions + 1.0
        variance = (squares / n + mean**2) / entries
        z = mean / np.sqrt(np.where(variance > 0, variance, np.nan))
        room = entries - 1.0 - z**2
        t = z * np.sqrt((entries - 2.0) / np.where(room > 0, room, np.nan))
    df = np.where(np.isfinite(t), entries - 2.0, np.nan)
    complete, note = _counted(sample, n)
    return SignificanceResult(t, t_pvalue(t, df, sample.alternative), complete, df=df, note=note)


GRANK_T = SignificanceTest(
    function=grank_t,
    distribution="t",
    parametric=False,
    robust_to=("event-induced variance", "cross-correlation", "fat tails"),
    summary="Mean rank of the event among the estimation residuals over the deviation of mean ranks in time.",
    null="no firm-event has an abnormal return",
    formulas=(
        r"t = Z \sqrt{(T - 2) / (T - 1 - Z^2)} \sim t(T - 2), \quad Z = \bar U_0 / S, \quad "
        r"S^2 = \frac 1 T \sum_t \frac{N_t}{N} \bar U_t^2, \quad "
        r"U_{it} = \mathrm{rank}_{it} / (T_i + 1) - 1/2",
    ),
    notes="""Each firm-event ranks `T_i = M_i + 1` entries: its `M_i` internally studentised residuals `e / (s
    sqrt(1 - h))` and one for the event, `SCAR / sd(SCAR)`, with the standard deviation over the group's `N`
    complete firm-events; ties share their mean rank. `U-bar_t` is the mean over the `N_t` firm-events with an
    entry at `t`, `t = 0` is the event, and `T` counts the event and the estimation sessions that have a firm.

    Needs no distribution; robust to event-induced variance, which `sd(SCAR)` removes, and to
    cross-correlation, which `S` includes. Firm-events without complete returns in the window are left out;
    needs two.""",
    references="""Kolari & Pynnönen 2011, Journal of Empirical Finance 18, 953-971,
    doi:10.1016/j.jempfin.2011.08.003""",
)


def grank_z(sample: CrossSection) -> SignificanceResult:
    """Return the generalised rank z of each group and window."""
    place, there = _event_places(sample)
    mean, n = _mean_event_rank(sample, place, there)
    halves = scores(score_totals(sample, _entries(sample), lambda rows: there[rows].astype(np.int64)))
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (n - 4.0 * halves) / 12.0  # (T - 1) / (T + 1) = 1 - 4 / (2 (T + 1))
        z = mean * n / np.sqrt(np.where(variance > 0, variance, np.nan))
    complete, note = _counted(sample, n)
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), complete, note=note)


GRANK_Z = SignificanceTest(
    function=grank_z,
    distribution="normal",
    parametric=False,
    robust_to=("event-induced variance", "fat tails"),
    summary="Mean rank of the event among the estimation residuals over the deviation of independent ranks.",
    null="no firm-event has an abnormal return",
    formulas=(r"z = \bar U_0 \Big/ \sqrt{\frac{1}{N^2} \sum_i \frac{T_i - 1}{12 (T_i + 1)}} \sim N(0, 1)",),
    notes="""Ranks as in `grank_t`; where all firm-events have the same number of entries this is `sqrt(12 N
    (T + 1) / (T - 1)) U-bar_0`. Needs no distribution but independent firms; robust to event-induced
    variance. Firm-events without complete returns in the window are left out; needs two.""",
    references="""Kolari & Pynnönen 2011, Journal of Empirical Finance 18, 953-971,
    doi:10.1016/j.jempfin.2011.08.003""",
)


def _counted(sample: CrossSection, ranked: IntArray) -> tuple[IntArray, TextArray]:
    """Return the complete firm-events, and a note where several do not vary and so have no rank, (G, W)."""
    n: IntArray = sample.total(np.isfinite(sample.scar).astype(np.int64))
    return n, np.where((n > 1) & (ranked == 0), NO_VARIATION, "").astype(object)


def _entries(sample: CrossSection) -> IntArray:
    """Return how many entries each firm-event ranks: its studentised residuals and the event; (n,)."""
    return sample.history.n_studentised[sample.events] + 1


def _event_places(sample: CrossSection) -> tuple[IntArray, BoolArray]:
    """Return where the event entry falls among the studentised residuals, and which firm-events have one.

    The place is the number of residuals below, plus that of those below or equal, plus one, so
    their doubled ranks compare with it as the residuals with the event entry. Shapes (n, W).
    """
    _, deviation, _ = moments(sample, sample.scar)
    with np.errstate(invalid="ignore"):
        entry = sample.scar / deviation[sample.group]
    place = np.ones(entry.shape, dtype=np.int64)
    for start in range(0, len(entry), CHUNK):
        rows = slice(start, start + CHUNK)
        studentised = sample.history.studentised[sample.events[rows]]
        for window, column in enumerate(entry[rows].T):
            for lower in (studentised < column[:, None], studentised <= column[:, None]):
                place[rows, window] += np.count_nonzero(lower, axis=1)
    return place, np.isfinite(entry)


def _mean_event_rank(sample: CrossSection, place: IntArray, there: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return ``U-bar_0`` and the firm-events behind it, (G, W)."""
    n: IntArray = sample.total(there.astype(np.int64))
    entries = _entries(sample)
    total = score_totals(
        sample, entries, lambda rows: np.where(there[rows], place[rows] - entries[rows, None], 0)
    )
    with np.errstate(invalid="ignore"):
        return scores(total) / n, n


def _over_estimation(
    sample: CrossSection, place: IntArray, there: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return ``sum_t N_t U-bar_t^2`` over the estimation sessions that have a firm, and their number; (G, W).

    Several windows at once where the sample is small.
    """
    squares, sessions = np.empty((2, sample.groups, len(sample.windows)))
    step = max(1, IN_CACHE // max(len(place), 1))
    for first in range(0, len(sample.windows), step):
        some = slice(first, first + step)
        total, firms = _session_totals(sample, place[:, some], there[:, some])
        squares[:, some] = (total**2 / np.maximum(firms, 1)).sum(axis=2)
        sessions[:, some] = (firms > 0).sum(axis=2)
    return squares, sessions


def _session_totals(sample: CrossSection, place: IntArray, there: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return the sums of ``U_it`` session by session, and the firm-events behind them: (G, W, L1).

    The event entry lifts the doubled rank of every residual above it by two, of its equals by one: centred
    that is ``double - T + sign(double - place)``.
    """
    ranks, entries = sample.history.double_ranks_studentised, _entries(sample)

    def centred(rows: IntArray) -> IntArray:
        double = ranks[sample.events[rows], None].astype(np.int32)
        event = place[rows, :, None].astype(np.int32)
        lifted = double - entries[rows, None, None].astype(np.int32) + (double > event) - (double < event)
        return np.where((double > 0) & there[rows, :, None], lifted, 0)

    def present(rows: slice) -> IntArray:
        return ((ranks[sample.events[rows], None] > 0) & there[rows, :, None]).astype(np.int64)

    return scores(score_totals(sample, entries, centred)), sample.total_of(present)
