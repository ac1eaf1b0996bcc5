"""The folder of a large study exported: the values of its tables, of which a part at a time is in memory."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from commands import said
from large_studies import DESIGN, SIZE, content, market, run_large, same_rows, write_files

import eventstudy as es
from eventstudy import results as store
from eventstudy.engine.large_result import LargeResult
from eventstudy.errors import OutputError, UnknownNameError, UsageError
from eventstudy.results import exporting
from eventstudy.results.formats import IN_PARTS, parquet

KEPT = {"events", "cars", "coefficients", "averages", "tests"}
OF_GROUPS = {"averages", "tests"}
WHOLE = [form for form in store.FORMATS if form not in IN_PARTS and (form != "docx" or find_spec("docx"))]
#: Bytes that Arrow may hold more of at the last part than at the second: a few parts of 24 rows.
SLACK = 64 * 1024


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> es.LargeResult:
    """Return a study of several shards."""
    folder = tmp_path_factory.mktemp("large")
    write_files(folder)
    result = run_large(folder, "study")
    assert len(result.files("cars")) > 3
    return result


def written(files: list[str]) -> set[str]:
    return {Path(file).name.partition(".")[0] for file in files}


def in_order(cars: pa.Table) -> list[dict[str, Any]]:
    return sorted(cars.to_pylist(), key=lambda row: (row["event_id"], row["start"]))


def test_a_file_of_parquet_is_the_table(large: es.LargeResult, tmp_path: Path) -> None:
    files = store.export(large, format="parquet", out=tmp_path)
    assert written(files) == KEPT
    for name in KEPT:
        found = pq.read_table(tmp_path / f"{name}.parquet")
        same_rows(found, large.table(name))
        assert found.schema.equals(large.table(name).schema, check_metadata=False)
        assert found.schema.field("ticker" if name == "cars" else found.column_names[0]).metadata


@pytest.mark.parametrize("form", ["csv", "json"])
def test_text_has_every_row_and_digit(large: es.LargeResult, tmp_path: Path, form: str) -> None:
    files = store.export(large, format=form, out=tmp_path)
    whole = {name: large.table(name) for name in KEPT}
    assert written(files) == KEPT
    expected = store.export(whole, format=form, out=tmp_path / "whole", tables=["cars"])
    own = store.export({"cars": whole["cars"]}, format=form, out=tmp_path / "own")
    assert Path(own[0]).read_bytes() == Path(expected[0]).read_bytes()
    text = (tmp_path / f"cars.{form}").read_text("utf-8")
    assert text == Path(expected[0]).read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines())) if form == "csv" else json.loads(text)
    cars = [row["car"] or None for row in rows]
    assert [None if car is None else float(car) for car in cars] == whole["cars"]["car"].to_pylist()


@pytest.mark.parametrize("at_once", [parquet.AT_ONCE, 30])
def test_partitions_hold_every_row_once(
    large: es.LargeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(parquet, "AT_ONCE", at_once)
    for _ in range(2):  # what an earlier export wrote may be replaced
        store.export(large, format="parquet", out=tmp_path, tables=["cars", "tests"], partition_by="ticker")
    cars = large.table("cars")
    parts = sorted((tmp_path / "cars").rglob("*.parquet"))
    assert len({part.parent for part in parts}) == len(set(cars["ticker"].to_pylist()))
    assert (len(parts) > len({part.parent for part in parts})) == (at_once == 30)
    found = ds.dataset(tmp_path / "cars", partitioning="hive").to_table(cars.column_names)
    assert in_order(found) == in_order(cars)
    own = pq.ParquetFile(parts[0]).read()["event_id"].chunk(0)
    assert len(own.dictionary) == len(own.unique()), "a partition has a dictionary of its own texts"
    assert (tmp_path / "tests.parquet").is_file()


@pytest.mark.parametrize("form", [*IN_PARTS, "partitions"])
def test_memory_does_not_grow_with_the_shards(
    large: es.LargeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(parquet, "AT_ONCE", 1)
    held: list[int] = []
    read = LargeResult._read

    def watched(self: LargeResult, part: Mapping[str, Any], names: list[str] | None) -> pa.Table:
        held.append(pa.total_allocated_bytes())
        wide = [pa.array(["x" * SLACK] * part["rows"])]  # a part is far larger than the slack
        return read(self, part, names).append_column("wide", wide)

    monkeypatch.setattr(LargeResult, "_read", watched)
    by = {"format": "parquet", "partition_by": "ticker"} if form == "partitions" else {"format": form}
    store.export(large, out=tmp_path, tables=["cars"], **by)
    assert len(held) == len(large.files("cars"))
    one = SLACK * max(part["rows"] for part in large.manifest["tables"]["cars"]["parts"])
    assert max(held[1:]) - held[1] < one, "more than one part is held"


@pytest.mark.parametrize("form", WHOLE)
def test_formats_of_whole_tables_take_those_of_groups(
    large: es.LargeResult, tmp_path: Path, form: str
) -> None:
    done = said("export", large.path, "--format", form, "--out", tmp_path / "out", cwd=tmp_path)
    assert done.code == 0, done.err
    left_out = "holds a table whole: events, cars, coefficients; export to csv or parquet"
    assert f"left out, since {form} {left_out}" in done.err
    if form == "xlsx":
        book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
        assert set(book.sheetnames) == {"summary", "columns", *OF_GROUPS}
        assert book["tests"].max_row == len(large.table("tests")) + 1
    with pytest.raises(UsageError, match=f"{form} holds a table whole.*cars.*parquet or csv or json"):
        store.export(large, format=form, out=tmp_path / "new", tables=["tests", "cars"])
    assert not (tmp_path / "new").exists()


def test_long_tables_of_groups_are_not_printed(
    large: es.LargeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a thousand groups the table of tests is minutes of work for Word, and thousands of pages."""
    rows = {name: len(large.table(name)) for name in OF_GROUPS}
    assert rows["averages"] < rows["tests"]
    monkeypatch.setattr(exporting, "PRINTED_ROWS", rows["averages"])
    done = said("export", large.path, "--format", "latex", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.code == 0 and "left out, since latex holds a table whole: events, cars," in done.err
    assert written([str(path) for path in (tmp_path / "out").iterdir()]) == {"averages"}
    with pytest.raises(UsageError, match="latex holds a table whole, which tests of a large study"):
        store.export(large, format="latex", out=tmp_path / "new", tables=["tests"])
    monkeypatch.setattr(exporting, "PRINTED_ROWS", 1)
    with pytest.raises(
        UsageError, match="latex can hold no table of this study; export it to parquet or csv"
    ):
        store.export(large, format="latex", out=tmp_path / "new")


def test_the_command_lists_its_files(large: es.LargeResult, tmp_path: Path) -> None:
    words = ("export", large.path, "--format", "csv", "--table", "cars", "--out", "out", "--json")
    done = said(*words, cwd=tmp_path)
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"files": ["out/cars.csv"]}
    assert not done.err


def test_what_is_not_there_is_refused_before_anything_is_written(
    large: es.LargeResult, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="the table abnormal_returns was not kept in"):
        store.export(large, format="csv", out=tmp_path / "new", tables=["cars", "abnormal_returns"])
    with pytest.raises(UsageError, match="cars_by_event is for print"):
        store.export(large, format="latex", out=tmp_path / "new", tables=["cars_by_event"])
    with pytest.raises(UnknownNameError, match="nothing"):
        store.export(large, format="csv", out=tmp_path / "new", tables=["nothing"])
    assert not list(tmp_path.iterdir())


def test_a_damaged_shard_leaves_nothing(large: es.LargeResult, tmp_path: Path) -> None:
    own = Path(shutil.copytree(large.path, tmp_path / "own"))
    last = es.load_large(own).files("cars")[-1]
    last.write_bytes(last.read_bytes()[:-1] + b"x")
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="is not the file that manifest"):
        store.export(es.load_large(own), format="csv", out=tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("below", ["", "cars", "mine/of-today"])
def test_nothing_is_written_into_the_study(large: es.LargeResult, tmp_path: Path, below: str) -> None:
    own = Path(shutil.copytree(large.path, tmp_path / "own"))
    before = content(own)
    with pytest.raises(OutputError, match="is the folder of a large study"):
        store.export(es.load_large(own), format="parquet", out=own / below, force=True)
    assert content(own) == before


def test_a_file_of_others_stays(large: es.LargeResult, tmp_path: Path) -> None:
    (tmp_path / "cars.csv").write_text("mine")
    done = said("export", large.path, "--format", "csv", "--out", tmp_path, cwd=tmp_path)
    assert done.code == 6 and "is not an output of eventstudy" in done.err
    assert content(tmp_path) == {"cars.csv": b"mine"}


def test_a_study_that_is_not_merged_says_so(large: es.LargeResult, tmp_path: Path) -> None:
    own = Path(shutil.copytree(large.path, tmp_path / "own"))
    (own / "manifest.json").unlink()
    done = said("export", own, "--format", "csv", "--out", "out", cwd=tmp_path)
    assert done.code == 6 and "eventstudy merge" in done.err


def test_firm_events_are_partitioned_by_a_group_of_the_list(tmp_path: Path) -> None:
    returns, events = market()
    design = DESIGN.replace(by=["sector"])
    sectors = events.assign(sector=["oil" if n % 2 else "retail" for n in range(len(events))])
    large = es.run_large(sectors, returns, tmp_path / "study", design=design, shard_size=SIZE)
    store.export(large, format="parquet", out=tmp_path / "out", partition_by="sector")
    found = ds.dataset(tmp_path / "out" / "events", partitioning="hive").to_table()
    assert sorted(found["sector"].to_pylist()) == sorted(sectors["sector"])
    assert (tmp_path / "out" / "cars.parquet").is_file()
    with pytest.raises(UnknownNameError, match="sector"):
        store.export(large, format="parquet", out=tmp_path, tables=["cars"], partition_by="sector")
