"""Winsorising: the ends of a distribution pulled in to its quantiles."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray


def winsorise(values: FloatArray, group: IntArray, groups: int, share: float) -> FloatArray:
    """Return the values of each group and column clipped to their quantiles ``share`` and ``1 - share``.

    Quantiles are linear, as `numpy.quantile` has them, over the finite values. NaN stays.

    Parameters
    ----------
    values, group
        Shapes (n, W) and (n,), codes from 0 to ``groups - 1``.
    share
        From 0, which changes nothing, to below 0.5.
    """
    clipped = np.array(values, dtype=float)
    for column in clipped.T if share else ():
        order = np.lexsort((column, group))  # NaN sorts behind all
        first = np.searchsorted(group[order], np.arange(groups))
        count = np.bincount(group, np.isfinite(column), minlength=groups).astype(np.int64)
        ends = [_quantile(column[order], first, count, q)[group] for q in (share, 1.0 - share)]
        np.clip(column, *ends, out=column)
    return clipped


def _quantile(ordered: FloatArray, first: IntArray, count: IntArray, q: float) -> FloatArray:
    """Return the linear quantile of each run of ``count`` ascending values from ``first`` on; NaN of none."""
    place = q * (count - 1)
    low = np.floor(place).astype(np.int64)
    weight = place - low
    last = max(len(ordered) - 1, 0)
    below = ordered[np.clip(first + low, 0, last)]
    above = ordered[np.clip(first + np.minimum(low + 1, count - 1), 0, last)]
    step = above - below
    quantile = np.where(weight < 0.5, below + step * weight, above - step * (1.0 - weight))
    return np.where(count > 0, quantile, np.nan)
