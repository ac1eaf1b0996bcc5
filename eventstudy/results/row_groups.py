"""`RowGroups`: the rows of a table by key, groups read when one of them is first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.design import Window
from eventstudy.numerics.arrow import from_arrow, rows_at

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Key = tuple[str | None, ...]
AT_ONCE = 2_000  #: rows that are read together: a read costs as much as some hundred rows
SMALL = 0.05  #: p-values of diagnostics below it are counted
#: The columns that a table is grouped by.
KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("events", "abnormal_returns", "benchmarks", "cars", "claims"), ("event_id",)),
    "findings": ("rule",),
    "residuals": ("event_id", "ticker"),
    "averages": ("level", "key"),
    "tests": ("level", "key"),
    "comparisons": ("level", "key"),
    "specifications": ("event_id", "ticker"),
    "specification_curves": ("event_id", "ticker"),
}


@dataclass(frozen=True, eq=False)
class RowGroups:
    """The rows of a table by key.

    Attributes
    ----------
    table
        An Arrow table.
    places
        Row numbers of each key, keys in order of first appearance.
    """

    table: pa.Table
    places: Mapping[Key, IntArray]
    _read: dict[Key, list[Row]] = field(default_factory=dict)

    @classmethod
    def by(cls, table: pa.Table, *columns: str) -> RowGroups:
        """Group a table by text columns."""
        if not len(table):
            return cls(table, {})
        codes, names = zip(*(_coded(table[column]) for column in columns), strict=True)
        stacked = np.stack(codes)
        order = np.lexsort(stacked[::-1])  # stable: the rows of a group stay in their order
        starts = np.flatnonzero((np.diff(stacked[:, order], axis=1) != 0).any(axis=0)) + 1
        runs = sorted(np.split(order, starts), key=lambda run: run[0])
        keys = [tuple(texts[code[run[0]]] for code, texts in zip(codes, names, strict=True)) for run in runs]
        return cls(table, dict(zip(keys, runs, strict=True)))

    def __getitem__(self, key: Key) -> list[Row]:
        if key not in self.places:
            return []
        if key not in self._read:
            self._read_from(key)
        return self._read[key]

    @cached_property
    def _order(self) -> tuple[list[Key], dict[Key, int]]:
        """The keys in their order, and the number of each."""
        keys = list(self.places)
        return keys, {key: number for number, key in enumerate(keys)}

    def _read_from(self, key: Key) -> None:
        """Read a group and what was not read of those that follow it, `AT_ONCE` rows or a little more."""
        keys, number = self._order
        wanted, total = [], 0
        for each in islice(keys, number[key], None):
            if total >= AT_ONCE:
                break
            total += len(self.places[each])
            if each not in self._read:
                wanted.append(each)
        rows = iter(rows_at(self.table, np.concatenate([self.places[each] for each in wanted])))
        for each in wanted:
            self._read[each] = list(islice(rows, len(self.places[each])))


def _coded(column: pa.ChunkedArray) -> tuple[IntArray, list[str | None]]:
    """Return a code per row, and the text of each code; the last, -1, is that of null."""
    import pyarrow as pa

    array = column.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    codes = np.nan_to_num(from_arrow(array.indices), nan=-1.0).astype(np.int64)
    return codes, [*array.dictionary.to_pylist(), None]


def by_size(rows: list[Row]) -> list[Row]:
    """Return rows by the size of their statistic, largest first."""
    return sorted(rows, key=lambda row: -abs(row["statistic"] or 0.0))


def is_of(table: pa.Table, window: Window) -> Any:
    """Return which rows of a table are of a window, shape (N,)."""
    return (from_arrow(table["start"]) == window.start) & (from_arrow(table["end"]) == window.end)


def is_small(pvalue: float | None) -> bool:
    """Tell whether a p-value is known and below `SMALL`."""
    return pvalue is not None and pvalue < SMALL
