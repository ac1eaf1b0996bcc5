"""Frames of every library become the same table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from eventstudy.errors import FileContentError
from eventstudy.intake.opening import table_of_frame

DAYS = [date(2021, 12, 13) + timedelta(day) for day in range(9)]
CLOSES = [100.25 + day for day in range(9)]
ARROW = pa.table({"date": DAYS, "ticker": ["NVDA"] * 9, "close": CLOSES})


class OnlyStream:
    """A frame of an unknown library that hands over a stream of Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def frames() -> dict[str, Any]:
    pandas = ARROW.to_pandas()
    return {
        "pandas": pandas,
        "pandas-index": pandas.set_index("date"),
        "pandas-datetime": pandas.assign(date=pd.to_datetime(pandas["date"])),
        "pandas-categories": pandas.astype({"ticker": "category"}),
        "pandas-arrow": pandas.convert_dtypes(dtype_backend="pyarrow"),
        "polars": pl.from_arrow(ARROW),
        "polars-lazy": pl.from_arrow(ARROW).lazy(),
        "narwhals": nw.from_native(pl.from_arrow(ARROW)),
        "table": ARROW,
        "large": ARROW.cast(
            pa.schema({"date": pa.date64(), "ticker": pa.large_string(), "close": pa.float64()})
        ),
        "batch": ARROW.to_batches()[0],
        "reader": ARROW.to_reader(),
        "duckdb": duckdb.from_arrow(ARROW),
        "stream": OnlyStream(ARROW),
    }


@pytest.mark.parametrize("kind", frames())
def test_every_library_gives_the_same(kind: str) -> None:
    table = table_of_frame("frame", frames()[kind])
    assert table.titles == ("date", "ticker", "close")
    days = [day.date() if hasattr(day, "date") else day for day in table.columns[0].to_pylist()]
    assert days == DAYS
    assert table.columns[1].to_pylist() == ["NVDA"] * 9
    assert table.columns[2].to_pylist() == CLOSES
    assert (table.n_rows, table.first_line) == (9, 1)


def test_large_columns_are_not_copied() -> None:
    closes = np.random.default_rng(1).normal(size=1_000_000)
    for frame in (
        pd.DataFrame({"close": closes}),
        pl.DataFrame({"close": closes}),
        pa.table({"close": closes}),
    ):
        before = pa.total_allocated_bytes()
        table = table_of_frame("frame", frame)
        assert table.n_rows == len(closes)
        assert pa.total_allocated_bytes() - before < closes.nbytes / 10


def test_an_index_that_only_counts_rows_is_left_out() -> None:
    frame = ARROW.to_pandas()
    assert table_of_frame("frame", frame.iloc[::-1]).titles == ("date", "ticker", "close")
    assert table_of_frame("frame", frame.set_index("ticker")).titles == ("ticker", "date", "close")
    nameless = pd.DataFrame({"NVDA": CLOSES}, index=pd.to_datetime(DAYS))
    assert table_of_frame("frame", nameless).titles == ("", "NVDA")
    assert table_of_frame("frame", nameless["NVDA"]).titles == ("", "NVDA")


def test_columns_of_two_levels_are_header_rows() -> None:
    columns = pd.MultiIndex.from_product([["Close", "Volume"], ["NVDA", "SPY"]], names=["Price", "Ticker"])
    frame = pd.DataFrame(np.ones((9, 4)), index=pd.DatetimeIndex(DAYS, name="Date"), columns=columns)
    table = table_of_frame("frame", frame)
    assert table.headers == (
        ("", "Close", "Close", "Volume", "Volume"),
        ("Date", "NVDA", "SPY", "NVDA", "SPY"),
    )


def test_stamps_keep_their_zone_and_other_types_become_plain() -> None:
    stamps = pd.to_datetime(DAYS).tz_localize("America/New_York")
    frame = pa.table(
        {
            "when": pa.Array.from_pandas(stamps),
            "close": pa.array([Decimal("1.25")] * 9),
            "name": pa.array(["a "] * 9).dictionary_encode(),
            "half": pa.array(np.ones(9, np.float16)),
        }
    )
    table = table_of_frame("frame", frame)
    assert table.columns[0].type.tz == "America/New_York"
    assert table.columns[1].to_pylist() == [1.25] * 9
    assert table.columns[2].to_pylist() == ["a"] * 9
    assert table.columns[3].to_pylist() == [1.0] * 9


def test_objects_of_several_kinds_are_text() -> None:
    table = table_of_frame("frame", pd.DataFrame({"ret": ["C", 0.1, None, pd.NA, np.nan], "day": DAYS[:5]}))
    assert table.columns[0].to_pylist() == ["C", "0.1", None, None, None]


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ([1, 2], "is list, no frame"),
        ("prices.csv", "is str, no frame"),
        (pd.DataFrame(), "has no rows"),
        (pd.DataFrame({"date": []}), "has no rows"),
        (pd.DataFrame({"a": [1.0]}, index=pd.PeriodIndex(["2024-01"], freq="M")), "periods of M"),
        (pa.table({"a": [[1, 2]]}), "holds list"),
        (pl.DataFrame({"a": [{"b": 1}]}), "holds struct"),
    ],
)
def test_what_is_no_frame_is_said(frame: Any, says: str) -> None:
    with pytest.raises(FileContentError, match=says):
        table_of_frame("frame", frame)


def test_days_as_periods_are_dates() -> None:
    frame = pd.DataFrame({"a": CLOSES}, index=pd.PeriodIndex(DAYS, freq="D"))
    assert str(table_of_frame("frame", frame).columns[0].type).startswith("timestamp")
