"""Folders whose files store a column as several types, and the names that numbers and dates become."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from large_studies import DESIGN, SIZE, market

import eventstudy as es
from eventstudy.engine.large_files import LargeTable, open_large
from eventstudy.engine.returns_matrix import Wanted, codes_of, write_matrix
from eventstudy.errors import EventsFileError, FileContentError, PriceDataError
from eventstudy.intake.options import UNSTATED

DATES = pa.array([datetime(2024, 1, 3)]).cast(pa.date32())
OPTIONS: dict[str, Any] = {"design": DESIGN, "shard_size": SIZE}


def written(folder: Path, *files: pa.Table | dict[str, Any]) -> Path:
    """Write the files of a folder, in order."""
    folder.mkdir()
    for number, file in enumerate(files):
        pq.write_table(file if isinstance(file, pa.Table) else pa.table(file), folder / f"{number}.parquet")
    return folder


def halves(**first: pa.Array) -> tuple[pa.Table, pa.Table]:
    """Return the first 40 sessions of the market, with some columns replaced, and the others."""
    whole = pa.Table.from_pandas(market()[0].reset_index(), preserve_index=False)
    one, other = whole.slice(0, 40), whole.slice(40)
    for title, column in first.items():
        one = one.set_column(one.column_names.index(title), title, column)
    return one, other


def read(folder: Path, title: str) -> list[Any]:
    table = open_large("returns", str(folder), UNSTATED, least_rows=1)
    parts = table.parts([table.titles.index(title)])
    return [value for part in parts for value in part.columns[0].to_pylist()]


def stamps(zone: str | None, hour: int = 22) -> pa.Array:
    moment = pa.array([datetime(2024, 1, 3, hour)])
    return pa.compute.assume_timezone(moment, zone) if zone else moment


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("dates_first", [True, False])
def test_a_time_of_day_in_a_later_file_is_refused(
    zone: str | None, dates_first: bool, tmp_path: Path
) -> None:
    returns, _ = market()
    files = [{"ticker": ["A"], "kind": ["k"], "date": dates} for dates in (DATES, stamps(zone))]
    folder = written(tmp_path / "events", *(files if dates_first else files[::-1]))
    with pytest.raises(EventsFileError, match="date has times of day"):
        es.run_large(folder, returns, tmp_path / "out", **OPTIONS)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_dates_and_time_stamps_of_another_zone_are_not_mixed(zone: str, tmp_path: Path) -> None:
    """A midnight in New York is no date in UTC, and a date as a midnight in UTC lies on the day before."""
    folder = written(tmp_path / "returns", {"date": DATES}, {"date": stamps(zone, 0)})
    with pytest.raises(FileContentError, match=f"column date is stored as date32.* and timestamp.*{zone}"):
        read(folder, "date")


@pytest.mark.parametrize(
    "first", [pa.nulls(40), pa.array([0, 1] * 20), pa.array([0.1, 0.2] * 20, pa.float32())]
)
def test_a_clash_of_one_column_leaves_the_others_as_they_are(first: pa.Array, tmp_path: Path) -> None:
    one, other = halves(A=first)
    alike = written(tmp_path / "alike", one, other)
    noted = [
        one.append_column("note", pa.array([1.0] * len(one))),
        other.append_column("note", pa.array(["x"] * len(other))),
    ]
    clash = written(tmp_path / "clash", *noted)
    assert read(clash, "A") == read(alike, "A")
    _, events = market()
    found = es.run_large(events, clash, tmp_path / "one", **OPTIONS)
    wanted = es.run_large(events, alike, tmp_path / "two", **OPTIONS)
    assert found.table("cars").equals(wanted.table("cars"))


def test_the_first_rows_are_found_where_a_column_cannot_be_converted(tmp_path: Path) -> None:
    files = [{"date": DATES, "note": [1.0]}, {"date": DATES, "note": ["x"]}]
    table = open_large("returns", str(written(tmp_path / "few", *files)), UNSTATED, least_rows=1)
    head = table.head()
    assert head.titles == ("date", "note")
    assert head.columns[0].to_pylist() == DATES.to_pylist() * 2


@pytest.mark.parametrize(
    ("first", "later", "kinds"),
    [
        ([20240102], ["2024-01-03"], r"int64 and string in different files \(Failed to parse"),
        ([2**60 + 1], [0.5], r"int64 and double in different files \(Integer value"),
        ([True], [0.5], "bool and double in different files;"),
        ([1], stamps(None), r"int64 and timestamp\[us\] in different files;"),
    ],
)
def test_types_that_do_not_fit_are_told(first: Any, later: Any, kinds: str, tmp_path: Path) -> None:
    folder = written(tmp_path / "returns", {"A": ["a"], "B": first}, {"A": ["a"], "B": later})
    with pytest.raises(FileContentError, match=f"the column B is stored as {kinds}.*one type in all files"):
        read(folder, "B")
    assert read(folder, "A") == ["a", "a"]


def test_a_truth_value_is_no_return(tmp_path: Path) -> None:
    _, events = market()
    folder = written(tmp_path / "returns", *halves(A=pa.array([True] * 40)))
    with pytest.raises(PriceDataError, match="the column A is stored as bool and double"):
        es.run_large(events, folder, tmp_path / "out", **OPTIONS)


def test_a_file_with_two_columns_of_a_name_is_not_called_damaged(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], ["A", "A"])
    with pytest.raises(FileContentError, match="has two columns A; keep one"):
        open_large("returns", str(written(tmp_path / "returns", {"A": [1.0]}, twice)), UNSTATED, least_rows=1)


@pytest.mark.parametrize("year", [[2023], ["2023"]])
def test_a_column_may_have_the_name_of_a_folder(year: list[Any], tmp_path: Path) -> None:
    written(tmp_path / "year=2023", {"A": [0.1], "year": year})
    written(tmp_path / "year=2024", {"A": [0.2], "B": [0.3]})
    assert read(tmp_path, "A") == [0.1, 0.2]
    assert read(tmp_path, "B") == [None, 0.3]
    assert [str(each) for each in read(tmp_path, "year")] == ["2023", "2024"]


def test_titles_are_not_searched_once_for_each_title(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Titles(tuple[str, ...]):
        def count(self, value: Any, /) -> int:
            raise AssertionError(f"all titles are searched for {value}")

    table = open_large("returns", market()[0], UNSTATED, least_rows=1)
    titles = Titles(table.titles)
    monkeypatch.setattr(LargeTable, "titles", property(lambda table: titles))
    wanted = Wanted({"A"}, ("MKT",), None, "simple", UNSTATED)
    assert write_matrix(table, wanted, tmp_path / "matrix.npy").tickers == ("A",)


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_zeros_of_either_sign_are_one_group(kind: pa.DataType) -> None:
    codes, found = codes_of(pa.chunked_array([pa.array([-0.0, 0.0, 0.1, None], kind)]))
    assert found == ["0", "0.1"]
    assert np.array_equal(codes, [0, 0, 1, -1])


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
def test_midnights_of_a_zone_are_dates(zone: str) -> None:
    assert codes_of(pa.chunked_array([stamps(zone, 0)]))[1] == ["2024-01-03"]
    assert codes_of(pa.chunked_array([stamps(zone)]))[1][0].startswith("2024-01-03 22:00:00")
