"""Parquet, Feather and Arrow files become tables, a column when it is used."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from eventstudy.errors import FileContentError
from eventstudy.intake import columnar
from eventstudy.intake.columnar import ParquetColumns
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
DAYS = [date(2021, 12, 13) + timedelta(day) for day in range(70)]
ARROW = pa.table(
    {
        "date": DAYS,
        "ticker": pa.array(["NVDA ", ""] * 35).dictionary_encode(),
        "close": np.arange(70.0),
        "div": pa.array([Decimal("0.25")] * 70),
    }
)


def parquet(table: pa.Table, **more: Any) -> bytes:
    raw = io.BytesIO()
    pq.write_table(table, raw, **more)
    return raw.getvalue()


def ipc(table: pa.Table, new: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def feather(table: pa.Table) -> bytes:
    raw = io.BytesIO()
    pyarrow.feather.write_feather(table, raw)
    return raw.getvalue()


def only(raw: bytes, name: str = "p.parquet") -> Table:
    (table,) = tables_of(name, raw, PLAIN)
    return table


@pytest.mark.parametrize(
    "raw",
    [
        parquet(ARROW),
        parquet(ARROW, row_group_size=9),
        parquet(ARROW, compression="zstd", use_dictionary=False),
        ipc(ARROW, pa.ipc.new_file),
        ipc(ARROW, pa.ipc.new_stream),
        feather(ARROW),
    ],
    ids=["parquet", "groups", "zstd", "file", "stream", "feather"],
)
def test_every_format_holds_the_same(raw: bytes) -> None:
    table = only(raw)
    assert table.titles == ("date", "ticker", "close", "div")
    assert table.n_rows == 70
    cells = [column.to_pylist() for column in table.columns]
    assert cells == [DAYS, ["NVDA", None] * 35, list(range(70)), [0.25] * 70]
    assert [len(column) for column in table.columns[1:3]] == [70, 70]


def test_the_index_of_pandas_comes_first() -> None:
    raw = io.BytesIO()
    pd.DataFrame({"NVDA": np.arange(70.0)}, index=pd.to_datetime(DAYS)).to_parquet(raw)
    table = only(raw.getvalue())
    assert table.titles == ("", "NVDA")
    assert [day.date() for day in table.columns[0].to_pylist()] == DAYS
    counted = io.BytesIO()
    pd.DataFrame({"NVDA": np.arange(70.0)}).to_parquet(counted)
    assert only(counted.getvalue()).titles == ("NVDA",)


def test_only_columns_in_use_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    inner = ParquetColumns._column
    monkeypatch.setattr(
        ParquetColumns, "_column", lambda self, place: read.append(place) or inner(self, place)
    )
    table = only(parquet(ARROW))
    read.clear()  # what told the number of rows
    for _ in range(3):
        table.columns[2]
    assert read == [2]
    assert table.columns[2][5].as_py() == 5.0


def test_a_file_that_unpacks_without_bound_is_refused() -> None:
    """Ten billion equal values take a few kilobytes: no column is read beyond what the bytes can hold."""
    raw = parquet(pa.table({"date": pa.array(np.zeros(30_000_000, np.int8))}), row_group_size=30_000_000)
    assert len(raw) < 100_000
    with pytest.raises(FileContentError, match="unpacks from"):
        len(only(raw).columns[0])


def test_long_text_that_repeats_is_refused_before_it_is_written_out() -> None:
    codes = pa.array(np.zeros(100_000, np.int32))
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000]))
    raw = parquet(pa.table({"ticker": column, "close": np.zeros(100_000)}))
    assert len(raw) < 2_000_000
    with pytest.raises(FileContentError, match="bytes of text"):
        only(raw).columns[0]


def test_lists_and_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(FileContentError, match="holds list"):
        only(parquet(pa.table({"date": DAYS, "x": [[1.0]] * 70}))).columns[1]
    twice = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"])
    with pytest.raises(FileContentError, match="two columns of one name"):
        only(parquet(twice))


def test_names_with_points_are_columns_of_their_own() -> None:
    raw = parquet(pa.table({"date": DAYS[:2], "NVDA": [1.0, 2.0], "NVDA.O": [3.0, 4.0]}))
    assert [column.to_pylist() for column in only(raw).columns[1:]] == [[1.0, 2.0], [3.0, 4.0]]


def test_too_many_columns_are_refused() -> None:
    wide = pa.table({f"T{n}": pa.array([1.0]) for n in range(20_001)})
    with pytest.raises(FileContentError, match="20,001 columns"):
        only(ipc(wide, pa.ipc.new_file))


def test_columns_beyond_those_kept_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "MOST_KEPT", 1)
    monkeypatch.setattr(columnar, "LARGEST_UNPACKED", 2 * len(DAYS))
    monkeypatch.setattr(columnar, "PER_BYTE", 0)
    columns = ParquetColumns("p.parquet", parquet(ARROW))
    for _ in range(3):  # reading again counts towards no limit
        assert columns[0].to_pylist() == DAYS
        assert columns[2].to_pylist() == list(range(70))
    assert len(columns._read) == 1
    with pytest.raises(FileContentError, match="unpacks"):
        columns[1]
