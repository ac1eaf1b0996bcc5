"""Correlations of many firm-events with gaps: products of standardised residuals, averaged by session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance.pair_correlation import MIN_SHARED
from eventstudy.significance.pairing import Pairing
from eventstudy.significance.scores import UNIT, Scores

CHUNK = 2_048  #: rows added at once: bounds the memory


@dataclass(frozen=True)
class _Pairs:
    """Cells of one group, the later of which begins ``shift`` sessions after the other; ascending shifts."""

    one: IntArray
    other: IntArray
    shift: IntArray

    def below(self, shifts: int) -> _Pairs:
        """Return those of the first shifts."""
        some = slice(0, np.searchsorted(self.shift, shifts))
        return _Pairs(self.one[some], self.other[some], self.shift[some])


@dataclass(frozen=True)
class _Cells:
    """Scores of the firm-events of one group and date, C cells, in estimation order: whole numbers.

    Attributes
    ----------
    score, count
        Sum, in multiples of ``UNIT``, and number of the scores of each session, shape (C, T).
    members
        Firm-events, shape (C,).
    n, squares
        Number of all scores and sum of their squares, shape (C,).
    """

    score: FloatArray
    count: FloatArray
    members: FloatArray
    n: FloatArray
    squares: FloatArray

    @classmethod
    def none(cls, cells: int, sessions: int) -> _Cells:
        """Return cells without firm-events."""
        return cls(*np.zeros((2, cells, sessions)), *np.zeros((3, cells)))

    def add(self, scores: Scores, events: IntArray, cell: IntArray, sign: float) -> None:
        """Add firm-events by their rows, or with sign -1 take them out; fastest in the order of the rows."""
        if worth_compiling(len(events)):
            from eventstudy.numerics.compiled_scores import add_scores

            add_scores(scores.values, scores.there, events, cell, sign, self.score, self.count)
        else:
            order = np.argsort(cell, kind="stable")
            for start in range(0, len(events), CHUNK):
                rows = order[start : start + CHUNK]
                starts = np.flatnonzero(np.diff(cell[rows], prepend=-1))
                for into, values in ((self.score, scores.values), (self.count, scores.there)):
                    into[cell[rows][starts]] += sign * sum_runs(values[events[rows]], starts, len(events))
        of_rows = (np.ones(len(scores.n)), scores.n, scores.squares)
        for of_cell, of_row in zip((self.members, self.n, self.squares), of_rows, strict=True):
            of_cell += sign * np.bincount(cell, weights=of_row[events], minlength=len(of_cell))

    def correlations(self, pairs: _Pairs) -> FloatArray:
        """Return the correlations of pairs of cells, times their pairs of firm-events, shape (P,).

        Pairs of one date are counted both ways.
        """
        products, shared = self._products(pairs)
        one, same = pairs.one, pairs.shift == 0
        products = products * UNIT**2 - np.where(same, self.squares[one], 0.0)
        shared = shared - np.where(same, self.n[one], 0.0)
        of_both = self.members[one] * self.members[pairs.other] - np.where(same, self.members[one], 0.0)
        enough = (of_both > 0) & (shared >= MIN_SHARED * of_both)
        return np.asarray(np.where(enough, products * of_both / np.where(enough, shared, 1.0), 0.0))

    def _products(self, pairs: _Pairs) -> FloatArray:
        """Return the sums over sessions of the products of scores and of counts, shape (2, P)."""
        found = np.empty((2, len(pairs.one)))
        if worth_compiling(len(pairs.one)):
            from eventstudy.numerics.compiled_scores import lagged_products

            lagged_products(self.score, self.count, pairs.one, pairs.other, pairs.shift, *found)
            return found
        width, starts = self.score.shape[1], np.flatnonzero(np.diff(pairs.shift, prepend=-1))
        for start, stop in zip(starts, [*starts[1:], len(pairs.one)], strict=True):
            shift = pairs.shift[start]
            one, other = pairs.one[start:stop], pairs.other[start:stop]
            for into, values in zip(found, (self.score, self.count), strict=True):
                into[start:stop] = (values[one, shift:] * values[other, : width - shift]).sum(axis=1)
        return found


def product_totals(pairing: Pairing, scores: Scores, groups: int, lengths: IntArray) -> ExactSums:
    """Return twice the correlation times the common sessions, summed over all pairs, shape (G, W).

    The pairs of two dates have one correlation: the mean product of their scores over all pairs and the
    sessions that both have. On one date without gaps the mean of Pearson's correlations is the same figure.

    Parameters
    ----------
    pairing
        All firm-events of a date are the sample's, or none; windows have no gap on the calendar.
    lengths
        Of the W windows, shape (W,).

    Raises
    ------
    ValueError
        Some firm-events of a date are the sample's and others are not.
    """
    nothing = ExactSums.none((groups, len(lengths)))
    if not pairing.own.any():
        return nothing
    known = scores.n[pairing.events] >= MIN_SHARED
    known &= pairing.begin >= pairing.begin[pairing.own].min()  # a pair is that of the earlier firm-event
    rows = np.flatnonzero(known)
    if not len(rows):
        return nothing
    rows = rows[np.argsort(pairing.events[rows], kind="stable")]  # in the order in which the scores lie
    begin = pairing.begin[rows] - pairing.begin[rows].min()
    key = pairing.group[rows] * (begin.max() + lengths.max() + 1) + begin
    order = np.argsort(key, kind="stable")
    new = np.diff(key[order], prepend=-1) > 0
    cell, first = np.empty_like(order), rows[order][new]
    cell[order] = np.cumsum(new) - 1
    own, group, events = pairing.own[first], pairing.group[first], pairing.events[rows]
    if (own[cell] != pairing.own[rows]).any():
        raise ValueError("firm-events of one date are in several shards")
    most = min(lengths.max(), scores.values.shape[1] - MIN_SHARED + 1)
    pairs = _pairs(key[order][new], own, most)
    cells = _Cells.none(len(first), scores.values.shape[1])
    cells.add(scores, events, cell, 1.0)
    patterns: dict[bytes, list[int]] = {}
    for place, complete in enumerate(pairing.complete[rows].T):
        patterns.setdefault(complete.tobytes(), []).append(place)
    numbers, codes, base, step = [], [], np.zeros(len(lengths), dtype=np.int64), 0
    for pattern, places in patterns.items():
        some = pairs.below(shifts := min(lengths[places].max(), most))
        paired = np.zeros(len(first), dtype=bool)
        paired[some.one] = paired[some.other] = True
        absent = np.flatnonzero(~np.frombuffer(pattern, dtype=bool) & paired[cell])
        cells.add(scores, events[absent], cell[absent], -1.0)
        numbers.append(cells.correlations(some))
        cells.add(scores, events[absent], cell[absent], 1.0)
        codes.append((step + some.shift) * groups + group[some.one])
        base[places] = step
        step += shifts
    number, code = np.concatenate(numbers)[:, None], np.concatenate(codes)
    of_steps = ExactSums.of(lambda part: [number[part]], code, step * groups)
    limbs = of_steps.limbs.reshape(-1, step, groups)
    return _over_shifts(ExactSums(limbs, of_steps.lowest), base, lengths, most)


def _pairs(keys: IntArray, own: IntArray, shifts: int) -> _Pairs:
    """Return the pairs of own cells and those that begin some sessions later; a key is that of a session."""
    parts = []
    for shift in range(shifts):
        later = np.searchsorted(keys, keys + shift)
        one = np.flatnonzero(own & (np.append(keys, -1)[later] == keys + shift))
        parts.append((one, later[one], np.full(len(one), shift)))
    return _Pairs(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _over_shifts(sums: ExactSums, base: IntArray, lengths: IntArray, most: int) -> ExactSums:
    """Return the sums over the shifts of each window, times the sessions in common, shape (G, W).

    Parameters
    ----------
    sums
        Of each shift, shape (steps, G); those of a window begin at its ``base``, shape (W,).
    most
        Shifts of a window.
    """
    shifts = np.minimum(lengths, most)
    window = np.repeat(np.arange(len(lengths)), shifts)
    shift = np.arange(len(window)) - np.repeat(np.cumsum(shifts) - shifts, shifts)
    times = (lengths[window] - shift) * np.where(shift, 2, 1)
    each = ExactSums(sums.limbs[:, base[window] + shift], sums.lowest).times(times[:, None])
    of_windows = each.at(window, len(lengths))
    return ExactSums(np.ascontiguousarray(of_windows.limbs.transpose(0, 2, 1)), of_windows.lowest)
