"""Tables as `intake` hands them to a layout, and seeded securities to fill them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from eventstudy.intake.layout import Layout
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.sessions import trading_sessions

EXACT = 1e-12  #: figures are moved and multiplied once or twice, never estimated


def text_table(frame: pd.DataFrame, name: str = "f.csv") -> Table:
    """Return a frame as the table of a text file: every cell a string, null where it is empty."""
    columns = [
        [None if cell == "" or cell is None else str(cell) for cell in frame[title]] for title in frame
    ]
    return Table(
        name,
        tuple(pa.chunked_array([pa.array(cells, pa.string())]) for cells in columns),
        (tuple(map(str, frame.columns)),),
        separator=",",
        encoding="utf-8",
    )


def typed_table(frame: pd.DataFrame, name: str = "f.parquet") -> Table:
    """Return a frame as the table of a typed container."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return Table(name, tuple(table.columns), (tuple(table.column_names),), first_line=1)


def grid_table(rows: Sequence[Sequence[Any]], headers: int, name: str = "f.csv", **more: Any) -> Table:
    """Return rows of cells, the first of which are headers, as the table of a text file."""
    width = max(map(len, rows))
    frame = pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows[headers:]], dtype=object)
    tops = tuple(tuple(map(str, (*row, *[""] * (width - len(row))))) for row in rows[:headers])
    return replace(text_table(frame, name), headers=tops, first_line=headers + 1, **more)


def read(layout: Layout[Any], table: Table, **options: Any) -> Any:
    """Return what a layout makes of a table that it must fit."""
    assert layout.fits(table)
    return layout.read(table, ReadingOptions(**options))


def sessions(number: int, start: str = "2019-01-02") -> Any:
    """Return sessions of New York, datetime64[D] of shape (number,)."""
    first = pd.Timestamp(start).date()
    last = first + timedelta(days=2 * number + 10)
    return trading_sessions("XNYS", first, last)[:number]


def seeded_returns(ids: Sequence[Any], number: int, seed: int = 1, digits: int = 6) -> dict[str, Any]:
    """Return decimal returns by id, shape (number,), rounded as files round them; the first is NaN."""
    rng = np.random.default_rng(seed)
    found = {str(name): np.round(rng.normal(0, 0.02, number), digits) for name in ids}
    for values in found.values():
        values[0] = np.nan
    return found


def returns_of(series: SeriesColumns) -> Any:
    """Return the returns of a series by day: stated, else ratios of its closes."""
    if "return" in series.columns:
        return pd.Series(series.columns["return"], pd.DatetimeIndex(series.sessions))
    closes = pd.Series(series.columns["close"], pd.DatetimeIndex(series.sessions))
    return closes / closes.shift() - 1


def assert_returns(series: Mapping[str, SeriesColumns], expected: Mapping[str, Any], days: Any) -> None:
    """Fail where a series has other returns than expected, or lacks a day."""
    assert set(expected) <= set(series)
    for name, values in expected.items():
        found = returns_of(series[name]).reindex(pd.DatetimeIndex(days))
        np.testing.assert_allclose(found, values, rtol=0, atol=EXACT, err_msg=name)
