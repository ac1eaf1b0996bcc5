"""The mean correlation of all pairs of firm-events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window

MIN_SHARED = 30  #: a correlation over fewer sessions is counted as 0
CELL = 1_000  #: firm-events worked on at once: bounds the memory of market-wide events


def mean_correlation(
    residuals: FloatArray,
    date: IntArray,
    estimation: IntArray,
    sessions: IntArray,
    complete: BoolArray,
    windows: Sequence[Window],
    start: int,
) -> FloatArray:
    """Return ``r-bar`` for each window: the mean over all pairs of firm-events.

    A pair whose windows have sessions in common has the correlation of its estimation residuals over the
    sessions they share, times the share of the window in common; every other pair has 0, because day 0 of
    one is not day 0 of the other. On one date this is Kolari & Pynnonen's (2010) own.

    Parameters
    ----------
    residuals
        Shape (n, L1), NaN where not used.
    date
        Which of D event dates each firm-event has, shape (n,). A date is one of one exchange.
    estimation, sessions
        Calendar position of each session of the estimation window, shape (D, L1), and of the event window,
        shape (D, L).
    complete
        Which firm-events are complete in which window, shape (n, W).
    start
        First session of the event window, in event time.

    Returns
    -------
    FloatArray
        Shape (W,); 0 where fewer than two firm-events are complete; NaN without estimation sessions.
    """
    if not residuals.shape[1]:
        return np.full(len(windows), np.nan)
    quick = _regular(estimation, sessions)[date] & np.isfinite(residuals).all(axis=1)
    total = _aligned_pairs(residuals[quick], sessions[date[quick], 0], complete[quick], windows)
    if not quick.all():
        bounds = np.array(windows).T - start + [[0], [1]]
        total += _other_pairs(residuals, date, estimation, sessions, complete, bounds, quick)
    n = complete.sum(axis=0)
    return np.asarray(total / np.maximum(n * (n - 1) / 2, 1))


def _regular(estimation: IntArray, sessions: IntArray) -> BoolArray:
    """Tell which event dates have windows without a gap on the calendar, at the same offset."""
    offset = estimation[:, 0] - sessions[:, 0]
    whole = [(np.diff(positions, axis=1) == 1).all(axis=1) for positions in (estimation, sessions)]
    return np.asarray(whole[0] & whole[1] & (offset == offset.max(initial=np.iinfo(np.int64).min)))


def _aligned_pairs(
    residuals: FloatArray, begin: IntArray, complete: BoolArray, windows: Sequence[Window]
) -> FloatArray:
    """Return the weighted sum of correlations over all pairs of complete rows on one calendar, shape (W,).

    Rows that begin ``s`` sessions apart share all but ``s`` columns. The sum of the products of unit rows is
    the product of their sums, so the work grows with the firm-events and not with their pairs.

    Parameters
    ----------
    begin
        Calendar position at which the event window begins, shape (n,).
    """
    lengths = np.array([window.length for window in windows])
    total = np.zeros(len(windows))
    order = np.argsort(begin, kind="stable")
    dates, date = np.unique(begin[order], return_inverse=True)
    patterns, pattern = np.unique(complete[order], axis=1, return_inverse=True)
    for shift in range(min(lengths.max(), residuals.shape[1] - MIN_SHARED + 1)):
        partner = np.searchsorted(dates, dates + shift)
        one = np.flatnonzero(np.append(dates, -1)[partner] == dates + shift)
        if not one.size:
            continue
        for place, mask in enumerate(patterns.T):
            later, squares = _date_sums(residuals[:, shift:], order, date, mask)
            earlier = _date_sums(residuals[:, :-shift], order, date, mask)[0] if shift else later
            pairs = np.vdot(later[one], earlier[partner[one]])
            if shift == 0:
                pairs = (pairs - squares) / 2
            total += (pattern.ravel() == place) * pairs * np.maximum(lengths - shift, 0) / lengths
    return total


def _date_sums(
    rows: FloatArray, order: IntArray, date: IntArray, mask: BoolArray
) -> tuple[FloatArray, float]:
    """Return unit rows summed by date, (D, columns), and their squares; ``date``, ``mask`` as ``order``."""
    sums, squares = np.zeros((date.max(initial=-1) + 1, rows.shape[1])), 0.0
    for part in range(0, len(order), CELL):
        block = slice(part, part + CELL)
        unit = _unit_rows(rows[order[block]]) * mask[block, None]
        starts = np.flatnonzero(np.diff(date[block], prepend=-1))
        sums[date[block][starts]] += np.add.reduceat(unit, starts)
        squares += float(np.vdot(unit, unit))
    return sums, squares


def _other_pairs(
    residuals: FloatArray,
    date: IntArray,
    estimation: IntArray,
    sessions: IntArray,
    complete: BoolArray,
    bounds: IntArray,
    quick: BoolArray,
) -> FloatArray:
    """Return the weighted sum over the pairs of which not both are ``quick``, by matrix products per date."""
    cells = _cells(date, sessions[:, 0])
    there = complete.astype(float)
    total = np.zeros(complete.shape[1])
    for place, first in enumerate(cells):
        for second in cells[place:]:
            one, other = date[first[0]], date[second[0]]
            if sessions[other, 0] > sessions[one, -1]:
                break
            done = quick[first][:, None] & quick[second]
            if done.all():
                continue
            left, right = _shared_columns(estimation[one], estimation[other])
            correlation = masked_correlation(residuals[first][:, left], residuals[second][:, right])
            correlation[done] = 0.0
            if second is first:
                correlation = np.triu(correlation, 1)
            pairs = ((there[first].T @ correlation) * there[second].T).sum(axis=1)
            total += pairs * _common_share(sessions[one], sessions[other], *bounds)
    return total


def _cells(date: IntArray, begins: IntArray) -> list[IntArray]:
    """Return the firm-events of each date, at most ``CELL`` together, in the order their windows begin."""
    order = np.lexsort((date, begins[date]))
    dates = np.split(order, np.flatnonzero(np.diff(date[order])) + 1)
    return [members[part : part + CELL] for members in dates for part in range(0, len(members), CELL)]


def _common_share(mine: IntArray, theirs: IntArray, low: IntArray, high: IntArray) -> FloatArray:
    """Return which share of its sessions each window ``low <= column < high`` of two event windows shares."""
    shift = int(np.searchsorted(mine, theirs[0]))
    if np.array_equal(mine[shift:], theirs[: len(theirs) - shift]):  # one calendar
        return np.asarray(np.maximum(high - low - shift, 0) / (high - low))
    same = np.zeros((len(mine) + 1, len(theirs) + 1))
    same[1:, 1:] = (mine[:, None] == theirs).cumsum(axis=0).cumsum(axis=1)
    common = same[high, high] - same[low, high] - same[high, low] + same[low, low]
    return np.asarray(common / (high - low))


def _shared_columns(a: IntArray, b: IntArray) -> tuple[Any, Any]:
    """Return which columns of two windows are the same sessions: a shift on one calendar, else a search."""
    shift = int(np.searchsorted(a, b[0]))
    if np.array_equal(a[shift:], b[: len(b) - shift]):
        return slice(shift, None), slice(None, len(b) - shift)
    return np.intersect1d(a, b, assume_unique=True, return_indices=True)[1:]


def masked_correlation(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return Pearson correlations of the rows of ``a`` with those of ``b`` over jointly finite columns.

    Pairs that share fewer than ``MIN_SHARED`` columns, or have no variance over them, carry 0.
    """
    there_a, there_b = np.isfinite(a).astype(float), np.isfinite(b).astype(float)
    if there_a.all() and there_b.all() and a.shape[1] >= MIN_SHARED:
        return _unit_rows(a) @ _unit_rows(b).T
    a, b = np.where(there_a > 0, a, 0.0), np.where(there_b > 0, b, 0.0)
    n = there_a @ there_b.T
    sum_a, sum_b = a @ there_b.T, there_a @ b.T
    with np.errstate(invalid="ignore", divide="ignore"):
        cross = n * (a @ b.T) - sum_a * sum_b
        spread_a, spread_b = n * ((a * a) @ there_b.T) - sum_a**2, n * (there_a @ (b * b).T) - sum_b**2
        correlation = cross / np.sqrt(spread_a * spread_b)
    return np.where((n >= MIN_SHARED) & np.isfinite(correlation), correlation, 0.0)


def _unit_rows(values: FloatArray) -> FloatArray:
    """Return rows centred and of unit length; a row without variance becomes 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return np.asarray(centred / np.where(length > 0, length, 1.0))
