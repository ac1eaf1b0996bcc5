"""Kolari & Pynnonen: the generalised rank tests, of a session or a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.distributions import normal_pvalue, t_pvalue
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance.history import CHUNK
from eventstudy.significance.rank_scores import (
    LIMBS,
    add_weighted,
    few_score_totals,
    in_cells,
    scores,
)
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection, add_totals
from eventstudy.significance.sums import Summed, scar_powers
from eventstudy.significance.totals import counted

IN_CACHE = 512  #: firm-events times windows per step: more exceed the processor's cache
MOST_SESSIONS = 16_000  #: of the estimation window whose ranks, twice, are compared in 16 bits
NO_VARIATION = "the standardised CARs do not vary"


@dataclass(frozen=True)
class EventRanks:
    """Sums over firm-events of the rank of the event entry among their studentised residuals, (G, W).

    Attributes
    ----------
    complete, ranked
        Firm-events with a SCAR, and with a rank.
    total, halves
        Sums of ``U_i0`` and of ``1 / (2 (T_i + 1))``, as limbs of `score_totals`.
    """

    complete: IntArray
    ranked: IntArray
    total: IntArray
    halves: IntArray

    def __add__(self, other: EventRanks) -> EventRanks:
        """Return the sums of both shards."""
        return EventRanks(
            *(one + more for one, more in zip(vars(self).values(), vars(other).values(), strict=True))
        )


def event_ranks(sample: CrossSection) -> EventRanks:
    """Take the ranks of the event entries."""
    (place, there), entries = sample.sums(_event_places), _entries(sample)
    centred = np.where(there, place - entries[:, None], 0)
    return EventRanks(
        complete=counted(np.isfinite(sample.scar), sample.group, sample.groups),
        ranked=counted(there, sample.group, sample.groups),
        total=few_score_totals(sample, entries, centred),
        halves=few_score_totals(sample, entries, there.astype(np.int64)),
    )


@dataclass(frozen=True)
class EstimationRanks:
    """Sums over firm-events of the ranks of their estimation sessions, the event entry among them.

    Attributes
    ----------
    total
        Of ``U_it``, as limbs of `score_totals`, shape (3, G, W, L1).
    firms
        Firm-events behind them, shape (G, W, L1).
    """

    total: IntArray
    firms: IntArray

    def __add__(self, other: EstimationRanks) -> EstimationRanks:
        """Return the sums of both shards."""
        return EstimationRanks(self.total + other.total, self.firms + other.firms)


def estimation_ranks(sample: CrossSection) -> EstimationRanks:
    """Take the ranks of the estimation sessions."""
    place, there = sample.sums(_event_places)
    if worth_compiling(len(place)) and sample.history.studentised.shape[1] <= MOST_SESSIONS:
        return EstimationRanks(*_session_totals_compiled(sample, place, there))
    return EstimationRanks(*_session_totals(sample, place, there))


def grank_t(sample: Summed) -> SignificanceResult:
    """Return the generalised rank t of each group and window."""
    events = sample.sums(event_ranks)
    mean, n = _mean_event_rank(events), events.ranked
    squares, sessions = _over_estimation(sample)
    with np.errstate(invalid="ignore", divide="ignore"):
        entries = sessions + 1.0
        variance = (squares / n + mean**2) / entries
        z = mean / np.sqrt(np.where(variance > 0, variance, np.nan))
        room = entries - 1.0 - z**2
        t = z * np.sqrt((entries - 2.0) / np.where(room > 0, room, np.nan))
    df = np.where(np.isfinite(t), entries - 2.0, np.nan)
    complete, note = _counted(events)
    return SignificanceResult(t, t_pvalue(t, df, sample.alternative), complete, df=df, note=note)


GRANK_T = SignificanceTest(
    function=grank_t,
    sums=(scar_powers,),
    second=(event_ranks, estimation_ranks),
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


def grank_z(sample: Summed) -> SignificanceResult:
    """Return the generalised rank z of each group and window."""
    events = sample.sums(event_ranks)
    mean, n = _mean_event_rank(events), events.ranked
    halves = scores(events.halves)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (n - 4.0 * halves) / 12.0  # (T - 1) / (T + 1) = 1 - 4 / (2 (T + 1))
        z = mean * n / np.sqrt(np.where(variance > 0, variance, np.nan))
    complete, note = _counted(events)
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), complete, note=note)


GRANK_Z = SignificanceTest(
    function=grank_z,
    sums=(scar_powers,),
    second=(event_ranks,),
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


def _counted(events: EventRanks) -> tuple[IntArray, TextArray]:
    """Return the complete firm-events, and a note where several do not vary and so have no rank, (G, W)."""
    n = events.complete
    return n, np.where((n > 1) & (events.ranked == 0), NO_VARIATION, "").astype(object)


def _entries(sample: CrossSection) -> IntArray:
    """Return how many entries each firm-event ranks: its studentised residuals and the event; (n,)."""
    return sample.history.n_studentised[sample.events] + 1


def _event_places(sample: CrossSection) -> tuple[IntArray, BoolArray]:
    """Return where the event entry falls among the studentised residuals, and which firm-events have one.

    The place is the number of residuals below, plus that of those below or equal, plus one, so
    their doubled ranks compare with it as the residuals with the event entry. Shapes (n, W).
    """
    _, deviation, _ = sample.sums(scar_powers).moments()
    with np.errstate(invalid="ignore"):
        entry = sample.scar / deviation[sample.group]
    if worth_compiling(len(entry)):
        from eventstudy.numerics.compiled_ranks import places_among_compiled

        places = places_among_compiled(sample.history.studentised, sample.events, entry)
        return places, np.isfinite(entry)
    place = np.ones(entry.shape, dtype=np.int64)
    for start in range(0, len(entry), CHUNK):
        rows = slice(start, start + CHUNK)
        studentised = sample.history.studentised[sample.events[rows]]
        for window, column in enumerate(entry[rows].T):
            for lower in (studentised < column[:, None], studentised <= column[:, None]):
                place[rows, window] += np.count_nonzero(lower, axis=1)
    return place, np.isfinite(entry)


def _mean_event_rank(events: EventRanks) -> FloatArray:
    """Return ``U-bar_0``, (G, W)."""
    with np.errstate(invalid="ignore"):
        mean: FloatArray = scores(events.total) / events.ranked
        return mean


def _over_estimation(sample: Summed) -> tuple[FloatArray, FloatArray]:
    """Return ``sum_t N_t U-bar_t^2`` over the estimation sessions with a firm, and their number; (G, W)."""
    blocks = []
    for ranks in sample.in_blocks(estimation_ranks):
        squares = (scores(ranks.total) ** 2 / np.maximum(ranks.firms, 1)).sum(axis=2)
        blocks.append((squares, (ranks.firms > 0).sum(axis=2).astype(float)))
    squares, sessions = (np.concatenate(block) for block in zip(*blocks, strict=True))
    return squares, sessions


def _session_totals(sample: CrossSection, place: IntArray, there: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the sums of `EstimationRanks`, those of several windows at once where the sample is small.

    The event entry lifts the doubled rank of every residual above it by two, of its equals by one: centred
    that is ``double - T + sign(double - place)``, of which only the sign depends on the window.
    """
    ranks, entries = sample.history.double_ranks_studentised, _entries(sample)
    shape = (sample.groups, place.shape[1], ranks.shape[1])
    total, firms = np.zeros((LIMBS, *shape), dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for rows, cells in in_cells(sample, entries):
        double = ranks[sample.events[rows]]
        known = double > 0
        centred = np.where(known, double.astype(np.int32) - entries[rows, None].astype(np.int32), 0)
        of_cells, count = (sum_runs(each, cells, len(rows))[:, None] for each in (centred, known))
        cell = np.repeat(np.arange(len(cells)), np.diff(cells, append=len(rows)))
        group, step = sample.group[rows[cells]], max(1, IN_CACHE // len(rows))
        for first in range(0, place.shape[1], step):
            some = slice(first, first + step)
            event, used = place[rows, some, None].astype(double.dtype), there[rows, some]
            above, below = (each.view(np.int8) for each in (double[:, None] > event, double[:, None] < event))
            sign = (above - below) * known[:, None].view(np.int8) * used[:, :, None].view(np.int8)
            sums = sum_runs(sign, cells, len(rows)) + of_cells
            present = np.repeat(count, used.shape[1], axis=1)
            row, window = np.nonzero(~used)  # few: they are among those of all windows
            at = cell[row] * used.shape[1] + window
            order = np.argsort(at, kind="stable")
            starts = np.flatnonzero(np.diff(at[order], prepend=-1))
            for into, each in ((sums, centred), (present, known)):
                less = sum_runs(each[row[order]], starts, len(rows))
                into[np.divmod(at[order][starts], used.shape[1])] -= less
            add_weighted(total[:, :, some], sums, entries[rows[cells]], group)
            add_totals(firms[:, some], present, group)
    return total, firms


def _session_totals_compiled(
    sample: CrossSection, place: IntArray, there: BoolArray
) -> tuple[IntArray, IntArray]:
    """Do what `_session_totals` does."""
    from eventstudy.numerics.compiled_ranks import lifted_totals

    ranks, entries = sample.history.double_ranks_studentised, _entries(sample)
    shape = (sample.groups, place.shape[1], ranks.shape[1])
    total, firms = np.zeros((LIMBS, *shape), dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for rows, cells in in_cells(sample, entries):
        cell = np.repeat(np.arange(len(cells)), np.diff(cells, append=len(rows)))
        own = ranks[sample.events[rows]], place[rows], there[rows], entries[rows]
        sums, present = lifted_totals(*own, cell)
        group = sample.group[rows[cells]]
        add_weighted(total, sums, entries[rows[cells]], group)
        add_totals(firms, present, group)
    return total, firms
