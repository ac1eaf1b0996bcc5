"""Products of the scores of firm-events of one group and date, their cell, with those of later dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance.scores import Scores

CHUNK = 2_048  #: rows added at once: bounds the memory
SLOTS = 8  #: cells of so many patterns are kept at once: bounds the memory


@dataclass(frozen=True)
class Pairs:
    """P pairs of cells whose windows begin ``shift`` sessions apart, in the order of the shift; (P,) each."""

    one: IntArray
    other: IntArray
    shift: IntArray

    def below(self, shifts: int) -> Pairs:
        """Return those of the first shifts."""
        some = slice(0, np.searchsorted(self.shift, shifts))
        return Pairs(self.one[some], self.other[some], self.shift[some])


@dataclass(frozen=True)
class Cells:
    """The cells of m firm-events.

    Attributes
    ----------
    events
        Their rows of the scores, shape (m,).
    cell
        Codes of their cells, ascending, each of at least one, shape (m,).
    by_date
        The C cells in the order of their dates, in which their scores lie, shape (C,).
    """

    events: IntArray
    cell: IntArray
    by_date: IntArray


@dataclass(frozen=True)
class Products:
    """Sums over the sessions of pairs of cells.

    Attributes
    ----------
    scores, counts
        Of the products of the summed scores, in multiples of their unit squared, and of their numbers, (P,).
    members, n, squares
        Firm-events of each cell, the number of their scores, and the sum of their squares, shape (C,).
    """

    scores: FloatArray
    counts: FloatArray
    members: FloatArray
    n: FloatArray
    squares: FloatArray


def products(scores: Scores, cells: Cells, patterns: Sequence[tuple[BoolArray, Pairs]]) -> Iterator[Products]:
    """Yield the products of each pattern: which firm-events it leaves out, shape (m,), and its pairs."""
    parts = []
    for absent, pairs in patterns:
        paired = np.zeros(len(cells.by_date), dtype=bool)
        paired[pairs.one] = paired[pairs.other] = True
        parts.append((absent & paired[cells.cell], paired, pairs))
    return (_compiled if worth_compiling(len(cells.events)) else _plain)(scores, cells, parts)


#: Who is left out of cells that take part, these cells, shape (C,), and their pairs.
Parts = Sequence[tuple[BoolArray, BoolArray, Pairs]]


def _of_rows(scores: Scores, cells: Cells) -> FloatArray:
    """Return one, the number of scores and the sum of their squares of each firm-event, shape (3, m)."""
    return np.stack([np.ones(len(cells.events)), scores.n[cells.events], scores.squares[cells.events]])


def _plain(scores: Scores, cells: Cells, parts: Parts) -> Iterator[Products]:
    of_rows, many, width = _of_rows(scores, cells), len(cells.by_date), scores.values.shape[1]
    score, count = np.zeros((2, many, width))  # whole numbers
    totals = np.zeros((3, many))

    def add(rows: IntArray, sign: float) -> None:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            starts = np.flatnonzero(np.diff(cells.cell[chunk], prepend=-1))
            for into, values in ((score, scores.values), (count, scores.there)):
                sums = sum_runs(values[cells.events[chunk]], starts, len(rows))
                into[cells.cell[chunk][starts]] += sign * sums
        for total, of_row in zip(totals, of_rows, strict=True):
            total += sign * np.bincount(cells.cell[rows], weights=of_row[rows], minlength=many)

    add(np.arange(len(cells.events)), 1.0)
    for absent, _, pairs in parts:
        rows = np.flatnonzero(absent)
        changed = np.unique(cells.cell[rows])
        whole = score[changed], count[changed], totals[:, changed]
        add(rows, -1.0)
        found = np.empty((2, len(pairs.one)))
        starts = np.flatnonzero(np.diff(pairs.shift, prepend=-1))
        for start, stop in zip(starts, [*starts[1:], len(pairs.one)], strict=True):
            shift = pairs.shift[start]
            one, other = pairs.one[start:stop], pairs.other[start:stop]
            for into, values in zip(found, (score, count), strict=True):
                into[start:stop] = (values[one, shift:] * values[other, : width - shift]).sum(axis=1)
        yield Products(*found, *totals.copy())
        score[changed], count[changed], totals[:, changed] = whole


def _compiled(scores: Scores, cells: Cells, parts: Parts) -> Iterator[Products]:
    from eventstudy.numerics.compiled_scores import lagged_products, sum_cells

    of_rows, shape = _of_rows(scores, cells), (len(cells.by_date), scores.values.shape[1])
    starts = np.append(np.flatnonzero(np.diff(cells.cell, prepend=-1)), len(cells.cell))
    lagged = np.array([pairs.shift.max(initial=0) > 0 for _, _, pairs in parts])
    batch = np.maximum(np.cumsum(lagged) - 1, 0) // SLOTS
    for each in range(batch[-1] + 1):
        some = slice(*np.searchsorted(batch, [each, each + 1]))
        absent, paired = (
            np.stack([part[0] for part in parts[some]]),
            np.stack([part[1] for part in parts[some]]),
        )
        slot = np.where(lagged[some], np.cumsum(lagged[some]) - 1, -1)
        score, count = np.empty((2, lagged[some].sum(), *shape))
        of_cells = np.zeros((2, len(slot), shape[0]))
        totals = np.repeat(np.add.reduceat(of_rows, starts[:-1], axis=1)[None], len(slot), axis=0)
        sum_cells(
            *(scores.values, scores.there, cells.events, starts, cells.by_date, of_rows),
            *(absent, paired, slot, score, count, *of_cells, totals),
        )
        for place, (_, _, pairs) in enumerate(parts[some]):
            found = np.empty((2, len(pairs.one)))
            if slot[place] < 0:
                found[:] = of_cells[:, place, pairs.one]
            else:
                kept = score[slot[place]], count[slot[place]]
                lagged_products(*kept, pairs.one, pairs.other, pairs.shift, *found)
            yield Products(*found, *totals[place])
