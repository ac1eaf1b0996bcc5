"""Correlations of many firm-events with gaps: products of standardised residuals, averaged by session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.numerics.row_sums import sum_chosen
from eventstudy.significance.pair_correlation import MIN_SHARED
from eventstudy.significance.pairing import Pairing
from eventstudy.significance.scores import UNIT, Scores


@dataclass(frozen=True)
class _Cells:
    """Scores of the firm-events of one group and date, C cells, in estimation order.

    Attributes
    ----------
    score, count
        Sum and number of the scores of each session, shape (C, T).
    members
        Firm-events, shape (C,).
    squares
        Sum of the squares of all scores, shape (C,): that of one firm-event is the number of its sessions.
    """

    score: FloatArray
    count: FloatArray
    members: FloatArray
    squares: FloatArray

    def less(self, others: _Cells) -> _Cells:
        """Return the cells without some of their firm-events."""
        return _Cells(
            *(mine - theirs for mine, theirs in zip(vars(self).values(), vars(others).values(), strict=True))
        )


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
    total = ExactSums.none((groups, len(lengths)))
    if not pairing.own.any():
        return total
    known = scores.there.sum(axis=1)[pairing.events] >= MIN_SHARED
    known &= pairing.begin >= pairing.begin[pairing.own].min()  # a pair is that of the earlier firm-event
    rows = np.flatnonzero(known)
    if not len(rows):
        return total
    rows = rows[np.lexsort((pairing.begin[rows], pairing.group[rows]))]
    begin = pairing.begin[rows] - pairing.begin[rows].min()
    keys, first, cell = np.unique(
        pairing.group[rows] * (begin.max() + lengths.max() + 1) + begin,
        return_index=True,
        return_inverse=True,
    )
    cell = cell.ravel()
    own, group = pairing.own[rows[first]], pairing.group[rows[first]]
    if (own[cell] != pairing.own[rows]).any():
        raise ValueError("firm-events of one date are in several shards")
    events = pairing.events[rows]
    every = _summed(scores, events, cell, len(keys))
    patterns = [complete.tobytes() for complete in pairing.complete[rows].T]
    for pattern in dict.fromkeys(patterns):
        absent = np.flatnonzero(~np.frombuffer(pattern, dtype=bool))
        cells = every.less(_summed(scores, events[absent], cell[absent], len(keys)))
        of_pattern = np.where([each == pattern for each in patterns], lengths, 0)
        for shift in range(min(of_pattern.max(), cells.score.shape[1] - MIN_SHARED + 1)):
            later = np.searchsorted(keys, keys + shift)
            paired = np.flatnonzero(own & (np.append(keys, -1)[later] == keys + shift))
            numbers = _correlations(cells, paired, later[paired], shift)[:, None]
            found = ExactSums.of(lambda part, numbers=numbers: [numbers[part]], group[paired], groups)  # type: ignore[misc]
            total = total + found.times(np.maximum(of_pattern - shift, 0) * (2 if shift else 1))
    return total


def _correlations(cells: _Cells, one: IntArray, other: IntArray, shift: int) -> FloatArray:
    """Return the correlations of cells with those ``shift`` sessions later, times their pairs, shape (P,).

    Pairs of one date are counted both ways.
    """
    length = cells.score.shape[1] - shift
    first, second = (one, slice(shift, None)), (other, slice(0, length))
    products = (cells.score[first] * cells.score[second]).sum(axis=1)
    shared = (cells.count[first] * cells.count[second]).sum(axis=1)
    pairs = cells.members[one] * cells.members[other]
    if not shift:
        products = products - cells.squares[one]
        shared = shared - cells.count[one].sum(axis=1)
        pairs = pairs - cells.members[one]
    enough = (pairs > 0) & (shared >= MIN_SHARED * pairs)
    return np.asarray(np.where(enough, products * pairs / np.where(enough, shared, 1.0), 0.0))


def _summed(scores: Scores, events: IntArray, cell: IntArray, cells: int) -> _Cells:
    """Return the cells of some firm-events by their rows; ``cell`` is ascending, shape (n,)."""
    score, count = (sum_chosen(each, events, cell, cells) for each in (scores.values, scores.there))
    squares = np.bincount(cell, weights=scores.squares[events], minlength=cells)
    members = np.bincount(cell, minlength=cells).astype(float)
    return _Cells(score.astype(float) * UNIT, count.astype(float), members, np.asarray(squares, dtype=float))
