"""Differences of CARs with error, t and adjusted p-values: rows of the `comparisons` table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.inference.resampling import ROUNDING
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.pairs import upper_triangle

Where = tuple[str, str, Sequence[Window]]  #: level, key and C windows of a group


class Differences(NamedTuple):
    """P differences of two means; ``size`` is their variance without covariance; shape (P,)."""

    a: TextArray
    b: TextArray
    value: FloatArray
    variance: FloatArray
    size: FloatArray
    df: FloatArray
    n: IntArray


def every_pair(
    where: Where,
    names: TextArray,
    values: FloatArray,
    covariance: FloatArray,
    df: FloatArray,
    alternative: Alternative,
    notes: Sequence[str],
) -> Columns:
    """Return the differences of every two of n CARs with a known covariance, window by window.

    Parameters
    ----------
    values, covariance, df
        Shapes (C, n), (C, n, n) and (C, n).
    notes
        Of the pairs of all windows.
    """
    a, b = upper_triangle(len(names), 1)
    spread = np.diagonal(covariance, axis1=1, axis2=2)
    size = spread[:, a] + spread[:, b]
    found = Differences(
        a=np.tile(names[a], len(values)),
        b=np.tile(names[b], len(values)),
        value=(values[:, a] - values[:, b]).ravel(),
        variance=(size - 2 * covariance[:, a, b]).ravel(),
        size=size.ravel(),
        df=np.minimum(df[:, a], df[:, b]).ravel(),
        n=np.full(size.size, 2),
    )
    return compared(where, found, alternative, notes)


def collected(rows: Sequence[tuple[Any, ...]]) -> Differences:
    """Return differences that are given one by one as columns."""
    return Differences(*(np.array(column) for column in zip(*rows, strict=True)))


def compared(
    where: Where, found: Differences, alternative: Alternative, notes: Sequence[str] | None = None
) -> Columns:
    """Return differences with standard error and t; NaN where a difference is rounding alone.

    Each window has as many.
    """
    level, key, windows = where
    real = (found.variance > ROUNDING * found.size) & np.isfinite(found.value)
    se = np.sqrt(np.where(real, found.variance, np.nan))
    statistic = found.value / se
    bounds = np.array([(window.start, window.end) for window in windows], dtype=object)
    start, end = np.repeat(bounds, len(found.a) // len(windows), axis=0).T
    return {
        "level": np.full(len(found.a), level, dtype=object),
        "key": np.full(len(found.a), key, dtype=object),
        "start": start,
        "end": end,
        "a": found.a.astype(object),
        "b": found.b.astype(object),
        "difference": found.value,
        "se": se,
        "statistic": statistic,
        "df": found.df,
        "pvalue": t_pvalue(statistic, found.df, alternative),
        "n": found.n,
        "note": np.array([""] * len(found.a) if notes is None else notes, dtype=object),
    }


def with_romano_wolf(table: Columns, *drawn: tuple[FloatArray, str]) -> Columns:
    """Add p-values adjusted over the pairs of a group and window, or why there are none, of each window."""
    reasons = [reason for pvalue, reason in drawn for _ in range(len(pvalue))]
    notes = [f"{a}; {b}" if a and b else a or b for a, b in zip(table["note"], reasons, strict=True)]
    pvalue = np.concatenate([pvalue for pvalue, _ in drawn])
    return table | {"pvalue_rw": pvalue, "note": np.array(notes, dtype=object)}
