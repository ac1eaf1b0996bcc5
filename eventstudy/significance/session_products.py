"""Correlations of many firm-events with gaps: products of standardised residuals, averaged by session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.pair_correlation import MIN_SHARED, NO_VARIANCE
from eventstudy.significance.pairing import Pairing

UNIT = 2.0**-30  #: scores are multiples of it, so that millions of them are added without rounding
CHUNK = 1_024  #: rows standardised at once: they fit the cache


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


def product_totals(pairing: Pairing, groups: int, lengths: IntArray) -> ExactSums:
    """Return twice the correlation times the common sessions, summed over all pairs, shape (G, W).

    The pairs of two dates have one correlation: the mean product of their scores over all pairs and the
    sessions that both have. A score is a residual less the mean of its firm-event, over its deviation. On one
    date without gaps the mean of Pearson's correlations is the same figure.

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
    known = np.isfinite(pairing.residuals).sum(axis=1)[pairing.events] >= MIN_SHARED
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
    every = _summed(pairing, rows, cell, len(keys))
    patterns = [complete.tobytes() for complete in pairing.complete[rows].T]
    for pattern in dict.fromkeys(patterns):
        absent = np.flatnonzero(~np.frombuffer(pattern, dtype=bool))
        cells = every.less(_summed(pairing, rows[absent], cell[absent], len(keys)))
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


def _summed(pairing: Pairing, rows: IntArray, cell: IntArray, cells: int) -> _Cells:
    """Return the cells of some rows; ``cell`` is ascending, shape (n,)."""
    sessions = pairing.residuals.shape[1]
    score, count = np.zeros((2, cells, sessions))
    squares = np.zeros(cells)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        values = pairing.residuals[pairing.events[rows[part]]]
        there = np.isfinite(values)
        scores, used = _scores(values, there)
        starts = np.flatnonzero(np.diff(cell[part], prepend=-1))
        into = cell[part][starts]
        score[into] += np.add.reduceat(scores, starts)
        count[into] += np.add.reduceat(there, starts, dtype=float)
        squares[into] += np.add.reduceat(used, starts)
    return _Cells(score, count, np.bincount(cell, minlength=cells).astype(float), squares)


def _scores(values: FloatArray, there: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the scores of each row, 0 where there is no value, and how many it has, 0 without variance."""
    n = there.sum(axis=1).astype(float)
    values = np.where(there, values, 0.0)
    raw = (values**2).sum(axis=1)
    centred = np.where(there, values - (values.sum(axis=1) / n)[:, None], 0.0)
    variance = (centred**2).sum(axis=1) / n
    varies = variance * n > NO_VARIANCE * raw
    scale = np.where(varies, 1.0 / np.sqrt(np.where(varies, variance, 1.0)), 0.0) / UNIT
    scores = np.rint(centred * scale[:, None]) * UNIT
    return scores, np.where(varies, n, 0.0)
