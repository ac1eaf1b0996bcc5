"""The mean correlation of firm-events: which pairs can move together, and how much they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window

MIN_SHARED = 30  #: a correlation over fewer sessions is counted as 0 (METHODS.md 5)


def mean_correlation(
    residuals: FloatArray,
    codes: IntArray,
    day0: IntArray,
    complete: BoolArray,
    windows: Sequence[Window],
) -> FloatArray:
    """Return ``r-bar`` for each window: the mean over all pairs of firm-events.

    A pair whose windows have sessions in common carries the correlation of its estimation residuals over the
    sessions they share, times the share of the window in common; every other pair carries 0, because day 0 of
    one is not day 0 of the other (METHODS.md 5). On one date this is Kolari & Pynnonen's (2010) own.

    Parameters
    ----------
    residuals
        Shape (n, L1), NaN where not used.
    codes
        Calendar position of each estimation session, shape (n, L1).
    day0
        Calendar position of day 0, shape (n,).
    complete
        Which firm-events are complete in which window, shape (n, W).

    Returns
    -------
    FloatArray
        Shape (W,); 0 where fewer than two firm-events are complete.
    """
    lengths = np.array([window.length for window in windows])
    cells = _cells(day0, codes)
    there = complete.astype(float)
    total = np.zeros(len(windows))
    for place, (position, first) in enumerate(cells):
        for other, second in cells[place:]:
            if other - position >= lengths.max():
                break
            if second is first and len(first) == 1:
                continue
            correlation = residual_correlation(residuals, codes, first, second)
            if second is first:
                correlation = np.triu(correlation, 1)
            pairs = ((there[first].T @ correlation) * there[second].T).sum(axis=1)
            total += pairs * np.maximum(lengths - (other - position), 0) / lengths
    n = complete.sum(axis=0)
    return total / np.maximum(n * (n - 1) / 2, 1)


def _cells(day0: IntArray, codes: IntArray) -> list[tuple[int, IntArray]]:
    """Return the firm-events that share day 0 and the same estimation sessions, by day 0."""
    keys = np.column_stack([day0, codes[:, 0], codes[:, -1]])
    order = np.lexsort(keys.T[::-1])
    breaks = np.flatnonzero((keys[order][1:] != keys[order][:-1]).any(axis=1)) + 1
    return [(int(day0[members[0]]), members) for members in np.split(order, breaks)]


def residual_correlation(
    residuals: FloatArray, codes: IntArray, first: IntArray, second: IntArray
) -> FloatArray:
    """Return the correlations of two sets of firm-events over the sessions each pair shares, shape (a, b).

    Within a set all firm-events have the same estimation sessions. Pairs that share fewer than ``MIN_SHARED``
    usable sessions, or have no variance over them, carry 0.
    """
    left, right = _shared_columns(codes[first[0]], codes[second[0]])
    a, b = residuals[first][:, left], residuals[second][:, right]
    if a.shape[1] < MIN_SHARED:
        return np.zeros((len(first), len(second)))
    return masked_correlation(a, b)


def _shared_columns(a: IntArray, b: IntArray) -> tuple[Any, Any]:
    """Return which columns of two windows are the same sessions: a shift on one calendar, else a search."""
    shift = int(np.searchsorted(a, b[0]))
    if np.array_equal(a[shift:], b[: len(b) - shift]):
        return slice(shift, None), slice(None, len(b) - shift)
    return np.intersect1d(a, b, assume_unique=True, return_indices=True)[1:]


def masked_correlation(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return Pearson correlations of the rows of ``a`` with those of ``b`` over jointly finite columns."""
    there_a, there_b = np.isfinite(a).astype(float), np.isfinite(b).astype(float)
    a, b = np.where(there_a > 0, a, 0.0), np.where(there_b > 0, b, 0.0)
    n = there_a @ there_b.T
    sum_a, sum_b = a @ there_b.T, there_a @ b.T
    with np.errstate(invalid="ignore", divide="ignore"):
        cross = n * (a @ b.T) - sum_a * sum_b
        spread_a, spread_b = n * ((a * a) @ there_b.T) - sum_a**2, n * (there_a @ (b * b).T) - sum_b**2
        correlation = cross / np.sqrt(spread_a * spread_b)
    return np.where((n >= MIN_SHARED) & np.isfinite(correlation), correlation, 0.0)
