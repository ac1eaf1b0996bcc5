"""Exporting: every format says what the tables say, runs as nothing, and leaves other files alone."""

from __future__ import annotations

import csv
import datetime
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet as pq
import pytest
from panels import bundled
from printed_tables import read_latex
from result_folders import everything, example_tables, placed, saved_once

from eventstudy import results as store
from eventstudy.errors import OutputError, UnknownNameError, UsageError
from eventstudy.results.formats import typeset, workbook
from eventstudy.results.formats.parquet import write_partitioned
from eventstudy.schema import TABLES, arrow_schema

Tables = dict[str, pa.Table]
DIGITS = 1e-15  #: a cell of a workbook holds 16 digits
LONG = 10_001  #: rows of a table that is long for print


def with_values(name: str, **columns: Sequence[Any]) -> Tables:
    """Return one table whose other columns are missing."""
    rows = len(next(iter(columns.values())))
    return {
        name: pa.table({c.name: columns.get(c.name, [None] * rows) for c in TABLES[name]}, arrow_schema(name))
    }


class TestAnyFormat:
    def test_names_are_given_as_the_user_gave_them(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.chdir(tmp_path)
        assert store.export(example_tables(), format="csv", out="out/here", tables=["cars"]) == [
            str(Path("out", "here", "cars.csv"))
        ]
        uri = f"file://{tmp_path}/there"
        assert store.export(example_tables(), format="csv", out=uri, tables=["cars"]) == [f"{uri}/cars.csv"]
        assert (tmp_path / "there" / "cars.csv").is_file()

    def test_unknown_names(self, tmp_path: Path) -> None:
        tables = {"cars": example_tables()["cars"]}
        for wrong, why in (
            ({"tables": ["carz"]}, "did you mean 'cars'"),
            ({"tables": ["../cars"]}, "unknown table '../cars'"),
            ({"tables": ["events"]}, "unknown table 'events'; allowed: cars"),
            (
                {"tables": ["cars"], "partition_by": "tickers"},
                "unknown column 'tickers' .did you mean 'ticker'",
            ),
        ):
            with pytest.raises(UnknownNameError, match=why):
                store.export(tables, **{"format": "parquet", "out": str(tmp_path / "out"), **wrong})
        assert not (tmp_path / "out").exists()

    def test_partitions_are_for_parquet_and_for_keys(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="only parquet is partitioned"):
            store.export(example_tables(), format="csv", out=str(tmp_path), partition_by="ticker")
        with pytest.raises(UsageError, match="cannot partition by 'car': its values are measured numbers"):
            store.export(example_tables(), format="parquet", out=str(tmp_path), partition_by="car")
        assert not list(tmp_path.iterdir())

    def test_only_what_is_needed_is_imported(self, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path\n"
            "from eventstudy import results as store; from eventstudy.schema import TABLES\n"
            "saved = store.load(sys.argv[1]); tables = {n: saved.table(n) for n in TABLES}\n"
            "store.save(tables, {}, Path(sys.argv[2]))\n"
            "for form in ('parquet', 'json'): store.export(saved, format=form, out=sys.argv[3])\n"
            "print(sorted({'xlsxwriter', 'jinja2', 'pandas'} & set(sys.modules)))"
        )
        paths = [str(saved_once(0) / "results"), str(tmp_path / "b"), str(tmp_path / "c")]
        command = [sys.executable, "-c", code, *paths]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"


class TestParquet:
    def test_keeps_schema_units_and_the_study(self, tmp_path: Path) -> None:
        saved = store.load(placed(tmp_path / "results"))
        store.export(saved, format="parquet", out=str(tmp_path / "out"), tables=["cars"])
        table = pq.read_table(tmp_path / "out" / "cars.parquet")
        assert table.equals(saved.table("cars"))
        assert table.schema.field("car").metadata[b"unit"] == b"decimal"
        assert json.loads(table.schema.metadata[b"eventstudy"])["schema_version"] == 1

    @pytest.mark.parametrize(
        "tickers",
        [
            ["NA", "700", "TRUE", "NVDA"],
            ["700", "005930"],
            ["700"],
            ["-1", "+1", "1.5", "1e5"],
            ["2024-01-01"],
            ["TRUE", "false"],
            ["NaN", "nan", "null", "None", "inf"],
            ["../../up", "/etc", ".", "..", "a=b", "%41", "a b", "삼성", 'q"', "c:\\x", "~", "*?"],
            [],
        ],
    )
    def test_text_survives_as_the_name_of_a_partition(self, tmp_path: Path, tickers: list[str]) -> None:
        out, numbers = tmp_path / "deep" / "out", [float(i) for i in range(len(tickers))]
        tables = with_values("cars", ticker=tickers, car=numbers)
        before = set(everything(tmp_path))
        files = store.export(tables, format="parquet", out=str(out), partition_by="ticker")
        assert set(everything(tmp_path)) - before == {str(Path(f).relative_to(tmp_path)) for f in files}
        assert all(Path(file).resolve().is_relative_to(out.resolve() / "cars") for file in files)
        expected = list(zip(tickers, numbers, strict=True))

        arrow = pa.dataset.dataset(out / "cars", partitioning="hive").to_table(["ticker", "car"])
        assert sorted(zip(*arrow.to_pydict().values(), strict=True), key=lambda r: r[1]) == expected
        frame = pd.read_parquet(out / "cars").sort_values("car")
        assert list(zip(frame["ticker"], frame["car"], strict=True)) == expected
        files_read = f"read_parquet('{out}/cars/**/*.parquet', hive_partitioning=true)"
        query = f"select ticker, car from {files_read} order by car"
        assert duckdb.sql(query).fetchall() == expected

    def test_rows_without_a_value(self, tmp_path: Path) -> None:
        tables = with_values("events", kind=["ai", None], sigma=[1.0, 2.0])
        store.export(tables, format="parquet", out=str(tmp_path), partition_by="kind")
        found = pa.dataset.dataset(tmp_path / "events", partitioning="hive").to_table(["kind", "sigma"])
        assert sorted(found.to_pylist(), key=lambda r: r["sigma"]) == [
            {"kind": "ai", "sigma": 1.0},
            {"kind": None, "sigma": 2.0},
        ]

    def test_tables_without_the_column_are_written_whole(self, tmp_path: Path) -> None:
        files = store.export(
            example_tables(),
            format="parquet",
            out=str(tmp_path),
            tables=["cars", "tests"],
            partition_by="ticker",
        )
        assert str(tmp_path / "tests.parquet") in files
        assert str(tmp_path / "cars" / "ticker=NVDA" / "part-0.parquet") in files

    def test_more_partitions_than_arrow_allows_by_itself(self, tmp_path: Path) -> None:
        table = with_values("findings", ticker=[f"T{i}" for i in range(1030)])["findings"]
        write_partitioned([("findings", (table,))], tmp_path, by="ticker")
        assert len(list((tmp_path / "findings").iterdir())) == 1030

    def test_partitions_of_an_earlier_export_do_not_stay(self, tmp_path: Path) -> None:
        for tickers in (["OLD", "A"], ["A", "B"]):
            tables = with_values("cars", ticker=tickers, car=[1.0, 2.0])
            store.export(tables, format="parquet", out=str(tmp_path), partition_by="ticker")
        assert sorted(p.name for p in (tmp_path / "cars").iterdir()) == ["ticker=A", "ticker=B"]
        assert [p.name for p in tmp_path.iterdir()] == ["cars"]


class TestCsv:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b"])
    def test_no_text_is_a_formula(self, tmp_path: Path, start: str) -> None:
        text = f"{start}cmd|' /C calc'!A0"
        tables = with_values("events", event_id=[text], title=[text], sigma=[-0.5])
        (file,) = store.export(tables, format="csv", out=str(tmp_path), tables=["events"])
        with Path(file).open(encoding="utf-8", newline="") as lines:
            (row,) = csv.DictReader(lines)
        assert row["event_id"] == row["title"] == "'" + text
        assert row["sigma"] == "-0.5"

    def test_no_column_name_is_a_formula(self, tmp_path: Path) -> None:
        events = example_tables(1)["events"].append_column("=HYPERLINK(1)", pa.array([1]))
        (file,) = store.export({"events": events}, format="csv", out=str(tmp_path), tables=["events"])
        assert Path(file).read_text("utf-8").splitlines()[0].endswith(',"\'=HYPERLINK(1)"')

    def test_missing_is_not_the_empty_text(self, tmp_path: Path) -> None:
        tables = with_values("findings", ticker=["A", "B"], detail=["", None])
        (file,) = store.export(tables, format="csv", out=str(tmp_path), tables=["findings"])
        assert Path(file).read_text("utf-8") == (
            '"ticker","session","rule","severity","detail"\n"A",,,,""\n"B",,,,\n'
        )


class TestJson:
    def test_is_one_array_of_records_that_pandas_reads(self, tmp_path: Path) -> None:
        files = store.export(example_tables(), format="json", out=str(tmp_path))
        assert len(pd.read_json(files[0])) == 5
        cars = json.loads((tmp_path / "cars.json").read_text("utf-8"))
        assert cars[0]["car"] == 1 / 7 - 1
        assert cars[-2]["event_id"] == "700"


class TestXlsx:
    def sheet(self, tmp_path: Path, tables: Tables, name: str) -> Any:
        (file,) = store.export(tables, format="xlsx", out=str(tmp_path), tables=[name])
        return openpyxl.load_workbook(file)[name]

    def test_missing_infinite_and_early_values(self, tmp_path: Path) -> None:
        tables = with_values(
            "abnormal_returns",
            session=[datetime.date(1885, 2, 16), datetime.date(1900, 1, 2), None],
            ar=[math.inf, -math.inf, math.nan],
        )
        sheet = self.sheet(tmp_path, tables, "abnormal_returns")
        columns = [c.name for c in TABLES["abnormal_returns"]]
        rows = [dict(zip(columns, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert [row["ar"] for row in rows] == [
            "inf",
            "-inf",
        ]  # the last row is empty, so the sheet ends before
        assert [row["session"] for row in rows] == ["1885-02-16", datetime.datetime(1900, 1, 2)]

    def test_columns_are_explained(self, tmp_path: Path) -> None:
        (file,) = store.export(example_tables(), format="xlsx", out=str(tmp_path))
        book = openpyxl.load_workbook(file)
        assert book.sheetnames == ["summary", *TABLES, "columns"]
        lines = list(book["columns"].iter_rows(values_only=True))
        explained = [(name, c.name, c.unit, c.meaning) for name, cs in TABLES.items() for c in cs]
        assert lines == [("table", "column", "unit", "meaning"), *explained]

    def test_too_many_rows_for_a_sheet_are_left_out_and_it_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workbook, "ROWS", 5)
        tables = {"cars": example_tables(4)["cars"], "findings": example_tables(5)["findings"]}
        (file,) = store.export(tables, format="xlsx", out=str(tmp_path), tables=["cars", "findings"])
        book = openpyxl.load_workbook(file)
        assert book.sheetnames == ["summary", "cars", "columns"]
        lines = list(book["summary"].iter_rows(values_only=True))
        assert lines[0][0] == "Left out, since a sheet holds 4 rows: findings. Export to csv or parquet."
        assert ("findings", 5, "left out: too long for a sheet") in lines

    def test_text_too_long_for_a_cell_is_cut_and_it_is_said(self, tmp_path: Path) -> None:
        tables = with_values("findings", detail=["x" * 32_768, "y" * 32_767])
        (file,) = store.export(tables, format="xlsx", out=str(tmp_path), tables=["findings"])
        book = openpyxl.load_workbook(file)
        shown = [row[-1] for row in book["findings"].iter_rows(min_row=2, values_only=True)]
        assert shown == ["x" * 32_766 + "…", "y" * 32_767]
        assert str(book["summary"]["A1"].value).startswith("Cut, since longer than a cell: 1 text.")

    def test_sheets_have_percent_widths_filters_frozen_heads_and_links(self, tmp_path: Path) -> None:
        saved = store.load(bundled().to_parquet(tmp_path / "results"))
        (file,) = store.export(
            saved, format="xlsx", out=str(tmp_path / "study.xlsx"), tables=["cars", "events", "findings"]
        )
        assert file == str(tmp_path / "study.xlsx")
        book = openpyxl.load_workbook(file)
        cars = book["cars"]
        names = [cell.value for cell in cars[1]]
        shown = {names[at]: cell.number_format for at, cell in enumerate(cars[2])}
        assert (shown["car"], shown["pvalue"], shown["statistic"]) == ("0.00%", "0.0000", "0.00")
        value = cars.cell(2, 1 + names.index("car")).value
        assert value == pytest.approx(bundled().cars.loc[0, "car"], rel=DIGITS)
        assert cars.freeze_panes == "A2" and cars.auto_filter.ref.startswith("A1:")
        ids = [str(event) for event in bundled().events["event_id"]]
        assert cars.column_dimensions["A"].width >= max(map(len, ids))
        summary = book["summary"]
        links = {cell.hyperlink.location for row in summary for cell in row if cell.hyperlink}
        assert links == {f"'{name}'!A1" for name in ("cars", "events", "findings", "columns")}
        texts = [str(cell.value) for (cell, *_) in summary.iter_rows()]
        sentences = bundled().headline()["sentences"]
        assert texts[: len(sentences)] == sentences
        at = texts.index("deepseek-selloff") + 1
        own = bundled().cars.query("event_id == 'deepseek-selloff' and start == 0 and end == 0")
        figures = [summary.cell(at, column).value for column in range(2, 7)]
        np.testing.assert_allclose(figures, 100 * own["car"], atol=0.005)  # percent, two decimals


class TestLatex:
    def test_text_is_escaped_in_headers_and_cells(self, tmp_path: Path) -> None:
        events = with_values(
            "events", event_id=[r"A_B&C 5% $x$ #1 {y} ~ ^ \input{/etc/passwd}", "[a]", "*b\nc"]
        )
        events["events"] = events["events"].append_column("R&D_%", pa.array(["[1]", "-", None]))
        (file,) = store.export(events, format="latex", out=str(tmp_path), tables=["events"])
        text = Path(file).read_text("utf-8")
        body = text.split("\\midrule\n")[1]
        assert body.startswith(r"1 & A\_B\&C 5\% \$x\$ \#1 \{y\} \textasciitilde{} ")
        assert r"\input" not in text
        assert "R\\&D\\_\\%" in text
        assert "event\\_id" in text
        assert "\n2 & [a] &" in text
        assert "\n3 & *b c &" in text
        heads = [line for line in text.split("\n") if line.startswith("{\\#} & ")]
        assert sum(line.count(" & ") for line in heads) == len(TABLES["events"]) + 1
        for head, part in zip(heads, text.split("\\midrule\n")[1:], strict=True):
            rows = part.split("\\bottomrule")[0].strip().split("\n")
            columns = head.count(" & ")
            assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [columns] * 3

    def test_numbers_are_rounded_and_the_rule_is_stated(self, tmp_path: Path) -> None:
        tables = with_values(
            "comparisons",
            a=["A", "B", "C"],
            n=[3, None, 5],
            se=[0.123456, -0.00001, None],
            statistic=[1e3, 2.5, math.inf],
            df=[248.0, None, -0.0],
        )
        (file,) = store.export(tables, format="latex", out=str(tmp_path), tables=["comparisons"])
        text = Path(file).read_text("utf-8")
        assert text.startswith(
            f"% comparisons_1: rounded to 4 decimals; needs \\usepackage{{{typeset.PACKAGES}}}"
        )
        rows = read_latex(Path(file), "comparisons")
        found = [[row[name] for name in ("a", "n", "se", "statistic", "df")] for row in rows]
        assert found == [
            ["A", "3", "0.1235", "1000.0000", "248"],
            ["B", "", "0.0000", "2.5000", ""],
            ["C", "5", "", "inf", "0"],
        ]

    def test_a_long_table_breaks_across_pages(self, tmp_path: Path) -> None:
        tables = with_values("findings", ticker=["[A]"] * (typeset.PAGE + 1))
        (file,) = store.export(tables, format="latex", out=str(tmp_path), tables=["findings"])
        text = Path(file).read_text("utf-8")
        assert "\\begin{longtable}{lllll}" in text
        assert "\\endhead" in text
        assert text.count("\n{}[A] &") == typeset.PAGE + 1

    def test_by_default_the_tables_for_print(self, tmp_path: Path) -> None:
        files = store.export(example_tables(), format="latex", out=str(tmp_path))
        assert [Path(file).name for file in files] == [
            "cars.tex",
            "comparisons.tex",
            "events.tex",
            "tests.tex",
        ]

    def test_no_table_is_too_long(self, tmp_path: Path) -> None:
        tables = with_values("prices", close=pa.nulls(LONG, pa.float64()))
        (file,) = store.export(tables, format="latex", out=str(tmp_path), tables=["prices"])
        text = Path(file).read_text("utf-8")
        parts = text.split("\\endfoot\n")[1:]
        assert [part.partition("\\end{longtable}")[0].count("\\\\\n") for part in parts] == [LONG] * len(
            parts
        )


class TestOtherFiles:
    def test_are_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        for shift in (0, 1):
            store.export(example_tables(shift=shift), format="csv", out=str(tmp_path), tables=["cars"])
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["cars.csv", "notes.txt"]

    def test_a_folder_in_the_way_of_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "tests.csv").mkdir()
        with pytest.raises(OutputError, match="is a folder where a file is to be written"):
            store.export(example_tables(), format="csv", out=str(tmp_path))
        assert [p.name for p in tmp_path.iterdir()] == ["tests.csv"]

    @pytest.mark.parametrize("foreign", ["cars/notes.txt", "cars/ticker=A/mine.parquet", "cars"])
    def test_partitions_replace_no_folder_of_others(self, tmp_path: Path, foreign: str) -> None:
        (tmp_path / foreign).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / foreign).write_text("mine")
        with pytest.raises(OutputError, match="would replace what is no partition of ours"):
            store.export(example_tables(), format="parquet", out=str(tmp_path), partition_by="ticker")
        assert everything(tmp_path) == {foreign: b"mine"}

    @pytest.mark.parametrize("out", ["results", "results/deeper"])
    def test_nothing_is_put_into_a_result_folder(self, tmp_path: Path, out: str) -> None:
        saved = store.load(placed(tmp_path / "results"))
        before = everything(tmp_path)
        with pytest.raises(OutputError, match="is a result folder, which the next run replaces"):
            store.export(saved, format="csv", out=str(tmp_path / out))
        assert everything(tmp_path) == before


class Elsewhere:
    """An Arrow file system that is not this machine's, as far as the exporter can tell."""

    def __init__(self, folder: Path) -> None:
        self.system = pa.fs.SubTreeFileSystem(str(folder), pa.fs.LocalFileSystem())

    def from_uri(self, uri: str) -> tuple[pa.fs.FileSystem, str]:
        if "://" not in uri:  # Arrow's own writers ask too
            return pa.fs.LocalFileSystem(), uri
        return self.system, uri.split("://", 1)[1].split("@")[-1].split("?")[0]


class TestRemote:
    URI = "s3://user:secret@bucket/folder/?endpoint_override=127.0.0.1:1&scheme=http"

    @pytest.fixture
    def bucket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(pa.fs, "FileSystem", Elsewhere(tmp_path))
        return tmp_path / "bucket" / "folder"

    @pytest.mark.parametrize("form", store.FORMATS)
    def test_files_arrive_whole_under_a_name_without_secrets(
        self, bucket: Path, tmp_path: Path, form: str
    ) -> None:
        for _ in range(2):
            files = store.export(example_tables(), format=form, out=self.URI)
        assert files == [f"s3://bucket/folder/{name}" for name in sorted(everything(bucket))]
        local = store.export(example_tables(), format=form, out=str(tmp_path / "local"))
        assert [Path(file).name for file in files] == [Path(file).name for file in local]
        assert everything(bucket) == everything(tmp_path / "local")

    def test_old_partitions_are_removed_and_other_files_refused(self, bucket: Path) -> None:
        for tickers in (["OLD", "A"], ["A", "B"]):
            tables = with_values("cars", ticker=tickers, car=[1.0, 2.0])
            store.export(tables, format="parquet", out=self.URI, partition_by="ticker")
        assert set(everything(bucket)) == {f"cars/ticker={t}/part-0.parquet" for t in "AB"}
        (bucket / "cars" / "notes.txt").write_text("mine")
        with pytest.raises(OutputError, match=r"s3://bucket/folder/cars: would replace .*notes.txt"):
            store.export(tables, format="parquet", out=self.URI, partition_by="ticker")

    def test_an_upload_that_breaks_off_replaces_nothing(
        self, bucket: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.export(example_tables(), format="csv", out=self.URI)
        before, copy = everything(bucket), shutil.copyfileobj

        def break_off(source: Any, sink: Any) -> None:
            if "tests.csv" not in source.name:  # the last one
                return copy(source, sink)
            sink.write(source.read(10))
            raise OSError(f"When completing upload to {self.URI}: connection reset\nwith details")

        monkeypatch.setattr(shutil, "copyfileobj", break_off)
        with pytest.raises(OutputError) as caught:
            store.export(example_tables(shift=1), format="csv", out=self.URI)
        assert str(caught.value) == (
            "s3://bucket/folder: could not be written: When completing upload to s3://bucket/folder: "
            "connection reset; what was there is left as it was"
        )
        assert everything(bucket) == before

    @pytest.mark.parametrize("uri", ["ftp://user:secret@host/x", "nosuch://x"])
    def test_uri_of_an_unknown_kind(self, uri: str) -> None:
        with pytest.raises(
            OutputError, match=r"cannot be written to: .*name a folder, file:// or s3://"
        ) as caught:
            store.export(example_tables(), format="csv", out=uri)
        assert "secret" not in str(caught.value)

    def test_a_bare_s3_file_system_is_never_made(self) -> None:
        package = Path(store.__file__).parent
        calls = [
            p.name
            for p in package.rglob("*.py")
            if re.search(r"^[^#]*S3FileSystem\(", p.read_text("utf-8"), re.M)
        ]
        assert not calls
