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

Where = tuple[str, str, Window]  #: level, key and window of a group


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
    note: str = "",
    shared: IntArray | None = None,
) -> Columns:
    """Return the differences of every two of some CARs with a known covariance."""
    a, b = upper_triangle(len(names), 1)
    spread = np.diag(covariance)
    size = spread[a] + spread[b]
    overlap = np.zeros(len(a), dtype=np.int64) if shared is None else shared[a, b]
    notes = [f"the windows share {count} session{'s'[: count - 1]}" if count else note for count in overlap]
    variance, least = size - 2 * covariance[a, b], np.minimum(df[a], df[b])
    both = np.full(len(a), 2)
    found = Differences(names[a], names[b], values[a] - values[b], variance, size, least, both)
    return compared(where, found, alternative, notes)


def collected(rows: Sequence[tuple[Any, ...]]) -> Differences:
    """Return differences that are given one by one as columns."""
    return Differences(*(np.array(column) for column in zip(*rows, strict=True)))


def compared(
    where: Where, found: Differences, alternative: Alternative, notes: Sequence[str] | None = None
) -> Columns:
    """Return differences with standard error and t; NaN where a difference is rounding alone."""
    level, key, window = where
    real = (found.variance > ROUNDING * found.size) & np.isfinite(found.value)
    se = np.sqrt(np.where(real, found.variance, np.nan))
    statistic = found.value / se
    constant = {"level": level, "key": key, "start": window.start, "end": window.end}
    return {
        **{name: np.full(len(found.a), value, dtype=object) for name, value in constant.items()},
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


def with_romano_wolf(table: Columns, pvalue: FloatArray, reason: str) -> Columns:
    """Add p-values adjusted over the pairs of a group and window, or why there are none."""
    notes = [f"{note}; {reason}" if note and reason else note or reason for note in table["note"]]
    return table | {"pvalue_rw": pvalue, "note": np.array(notes, dtype=object)}
