"""Correlations summed over all pairs of firm-events without gaps, in time that grows with their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.double_double import two_product
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.pair_correlation import MIN_SHARED
from eventstudy.significance.pairing import Pairing, two_parts

CELL = 256  #: firm-events worked on at once: their residuals stay in the cache
CELLS = 64  #: dates whose products are added at once


def aligned_totals(pairing: Pairing, groups: int, lengths: IntArray) -> ExactSums:
    """Return twice the correlation times the common sessions, summed over pairs without gaps, (G, W).

    Rows that begin ``s`` sessions apart share all but ``s`` columns. The sum of the products of unit rows is
    the product of their sums by date.

    Parameters
    ----------
    lengths
        Of the W windows, shape (W,).
    """
    total = ExactSums.none((groups, len(lengths)))
    rows = np.flatnonzero(pairing.gapless)
    if not len(rows):
        return total
    rows = rows[np.lexsort((pairing.begin[rows], pairing.group[rows]))]
    begin = pairing.begin[rows] - pairing.begin[rows].min()
    key = pairing.group[rows] * (begin.max() + lengths.max() + 1) + begin
    patterns, pattern = np.unique(pairing.complete[rows], axis=1, return_inverse=True)
    for place, mask in enumerate(patterns.T):
        of_pattern = np.where(pattern.ravel() == place, lengths, 0)
        shifts = min(of_pattern.max(), pairing.residuals.shape[1] - MIN_SHARED + 1)
        for shift in range(shifts):
            products = _products(pairing, rows[mask], key[mask], shift)
            found = ExactSums.collected(products, (groups, 1))
            total = total + found.times(np.maximum(of_pattern - shift, 0) * (2 if shift else 1))
    return total


def _products(
    pairing: Pairing, rows: IntArray, key: IntArray, shift: int
) -> Iterator[tuple[Sequence[FloatArray], IntArray]]:
    """Yield numbers that add up to the correlations of own rows with those that begin ``shift`` later.

    Rows of one date are paired both ways.
    """
    cells, cell, size = np.unique(key, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    own = pairing.own[rows]
    later = np.searchsorted(cells, cells + shift)
    found = np.append(cells, -1)[later] == cells + shift
    found &= np.bincount(cell[own], minlength=len(cells)) > 0
    chosen = np.flatnonzero(found & (size > 1) if shift == 0 else found)
    if not len(chosen):
        return
    length = pairing.residuals.shape[1] - shift
    place = np.where(own, _among(cell, chosen), -1)
    firsts = _sums(pairing, rows, place, slice(shift, None))
    seconds = _sums(pairing, rows, _among(cell, later[chosen]), slice(0, length))
    group = pairing.group[rows[np.searchsorted(cell, chosen)]]
    for start in range(0, len(chosen), CELLS):
        part = slice(start, start + CELLS)
        (a, a_low), (b, b_low) = ([each[part].reshape(-1, 1) for each in two] for two in (firsts, seconds))
        pairs = [number for x, y in ((a, b), (a, b_low), (a_low, b)) for number in two_product(x, y)]
        yield pairs, np.repeat(group[part], length)
    if shift == 0:  # a row is no pair with itself
        for some, (high, low) in _unit_parts(pairing, rows, place, slice(None)):
            squares = [(-(high * each)).sum(axis=1, keepdims=True) for each in (high, 2.0 * low)]
            yield squares, pairing.group[rows[some]]


def _among(cell: IntArray, chosen: IntArray) -> IntArray:
    """Return the place of each row's cell among the chosen ones, ascending, or -1; shape of ``cell``."""
    place = np.searchsorted(chosen, cell)
    return np.where(np.append(chosen, -1)[place] == cell, place, -1)


def _sums(pairing: Pairing, rows: IntArray, place: IntArray, columns: slice) -> tuple[FloatArray, FloatArray]:
    """Return unit rows summed by place in two parts, (C, columns), without rounding."""
    high, low = np.zeros((2, place.max() + 1, pairing.residuals[:1, columns].shape[1]))
    for part, values in _unit_parts(pairing, rows, place, columns):
        starts = np.flatnonzero(np.diff(place[part], prepend=-1))
        for into, each in zip((high, low), values, strict=True):
            into[place[part][starts]] += np.add.reduceat(each, starts)
    return high, low


def _unit_parts(
    pairing: Pairing, rows: IntArray, place: IntArray, columns: slice
) -> Iterator[tuple[IntArray, tuple[FloatArray, FloatArray]]]:
    """Yield the rows that have a place, some at a time, as unit rows in two parts."""
    chosen = np.flatnonzero(place >= 0)
    for start in range(0, len(chosen), CELL):
        part = chosen[start : start + CELL]
        yield part, two_parts(_unit_rows(pairing.residuals[pairing.events[rows[part]], columns]))


def _unit_rows(values: FloatArray) -> FloatArray:
    """Return rows centred and of unit length; a row without variance becomes 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return np.asarray(centred / np.where(length > 0, length, 1.0))
