"""The contract of every export format in the registry; a new one needs a reader in `READERS`."""

from __future__ import annotations

import datetime
import errno
import inspect
import json
import math
import os
import re
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from printed_tables import read_docx, read_latex
from result_folders import everything, example_tables, filled, placed, rows_of

from eventstudy import results as store
from eventstudy.errors import OutputError, UnknownNameError
from eventstudy.schema import TABLES

NO_DOCX = "python-docx, of the extra word, is not installed"
Rows = list[dict[str, Any]]
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "'quoted",
    'a,"b"',
    "http://example.com",
    "700",
    "TRUE",
    "a&b_c 50% #1 {x} $y$",
    "<script>alert(1)</script>",
    "[a]",
    "왜",
)


def read_parquet(file: Path, name: str) -> Rows:
    rows: Rows = pq.read_table(file).to_pylist()
    return rows


def read_csv(file: Path, name: str) -> Rows:
    """Read a CSV export back: what is quoted is text, an apostrophe before it is dropped."""
    kinds = {column.name: column.kind for column in TABLES[name]}
    header, *lines = _cells(file.read_bytes().decode())
    return [
        {key: _typed(cell, kinds[key]) for (key, _), cell in zip(header, line, strict=True)} for line in lines
    ]


def _cells(text: str) -> list[list[tuple[str, bool]]]:
    """Split a CSV file into cells, and whether each was quoted, which the csv module does not tell."""
    rows: list[list[tuple[str, bool]]] = [[]]
    for cell, end in re.findall(r'("(?:[^"]|"")*"|[^",\n]*)(,|\n)', text):
        quoted = cell.startswith('"')
        rows[-1].append((cell[1:-1].replace('""', '"') if quoted else cell, quoted))
        rows += [[]] if end == "\n" else []
    return rows[:-1]


def _typed(cell: tuple[str, bool], kind: str) -> Any:
    text, quoted = cell
    if quoted:
        return text.removeprefix("'")
    if not text:
        return None
    readers: dict[str, Callable[[str], Any]] = {
        "number": float,
        "flag": lambda each: each == "true",
        "date": datetime.date.fromisoformat,
    }
    return readers.get(kind, int)(text)


def read_json(file: Path, name: str) -> Rows:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    rows: Rows = json.loads(file.read_text("utf-8"), parse_constant=refuse)
    return rows


def read_xlsx(file: Path, name: str) -> Rows:
    header, *rows = openpyxl.load_workbook(file)[name].iter_rows()
    for row in rows:
        assert not any(cell.data_type == "f" or cell.hyperlink for cell in row)
    keys = [cell.value for cell in header]
    return [dict(zip(keys, (_plain(cell.value) for cell in row), strict=True)) for row in rows]


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


READERS: dict[str, Callable[[Path, str], Rows]] = {
    "parquet": read_parquet,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "latex": read_latex,
    "json": read_json,
    "docx": read_docx,
}


def as_json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, datetime.date) else value


def as_latex(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


#: What a format makes of a value that it cannot hold as it is.
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "json": as_json,
    "latex": as_latex,
    "docx": as_latex,
    "xlsx": lambda value: str(value) if isinstance(value, float) and math.isinf(value) else value,
}
ONE_FILE = ("xlsx", "docx")  #: formats that put every table into one file
EXACT = ("parquet", "csv", "json")  #: formats that hold every text and every number
every_format = pytest.mark.parametrize(
    "form",
    [
        pytest.param(
            form, marks=pytest.mark.skipif(form == "docx" and find_spec("docx") is None, reason=NO_DOCX)
        )
        for form in store.FORMATS
    ],
)


def assert_reads_back(form: str, table: pa.Table, name: str, out: Path) -> None:
    """Export one table and read it back."""
    (file,) = store.export({name: table}, format=form, out=str(out), tables=[name])
    written = WRITTEN.get(form, lambda value: value)
    expected = [{key: written(value) for key, value in row.items()} for row in table.to_pylist()]
    assert READERS[form](Path(file), name) == expected


@every_format
@pytest.mark.parametrize("name", TABLES)
def test_every_table_reads_back_with_what_is_missing(tmp_path: Path, form: str, name: str) -> None:
    assert_reads_back(form, example_tables(9)[name], name, tmp_path)


@every_format
def test_hostile_text_stays_text(tmp_path: Path, form: str) -> None:
    columns = [column.name for column in TABLES["findings"]]
    rows = [
        tuple(text if name in ("ticker", "rule", "detail") else None for name in columns) for text in HOSTILE
    ]
    assert_reads_back(form, filled("findings", rows), "findings", tmp_path)


@every_format
def test_infinite_and_missing_numbers(tmp_path: Path, form: str) -> None:
    columns = [column.name for column in TABLES["comparisons"]]
    numbers = {"se": (math.inf, -math.inf, None), "statistic": (0.5, None, -0.25)}
    rows = [tuple(numbers[name][at] if name in numbers else None for name in columns) for at in range(3)]
    assert_reads_back(form, filled("comparisons", rows), "comparisons", tmp_path)


@pytest.mark.parametrize("form", EXACT)
@given(name=st.sampled_from(sorted(TABLES)), draw=st.data())
@settings(max_examples=25)
def test_any_table_reads_back(form: str, name: str, draw: st.DataObject) -> None:
    table = filled(name, draw.draw(rows_of(TABLES[name])))
    with tempfile.TemporaryDirectory() as out:
        assert_reads_back(form, table, name, Path(out))


@every_format
def test_all_tables_even_empty_ones(tmp_path: Path, form: str) -> None:
    files = store.export(example_tables(0), format=form, out=str(tmp_path / "out"))
    assert sorted(files) == sorted(str(p) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert len(files) == {"xlsx": 1, "docx": 1, "latex": 4}.get(form, len(TABLES))


@every_format
def test_the_same_tables_give_the_same_bytes(tmp_path: Path, form: str) -> None:
    saved = store.load(placed(tmp_path / "results"))
    for out, source in (("a", saved), ("b", {n: saved.table(n) for n in TABLES}), ("a", saved)):
        store.export(source, format=form, out=str(tmp_path / out))
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


@every_format
def test_only_the_tables_named(tmp_path: Path, form: str) -> None:
    files = store.export(
        example_tables(), format=form, out=str(tmp_path), tables=["findings", "cars", "cars"]
    )
    assert len(files) == (1 if form in ONE_FILE else 2)
    assert form in ONE_FILE or {Path(file).stem for file in files} == {"findings", "cars"}


@every_format
def test_a_failure_leaves_every_file_as_it_was(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.export(example_tables(), format=form, out=str(tmp_path / "out"))
    before = everything(tmp_path)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for out in ("out", "new"):
        with pytest.raises(OutputError, match="No space left on device; what was there is left as it was"):
            store.export(example_tables(shift=1), format=form, out=str(tmp_path / out))
    assert everything(tmp_path) == before and not (tmp_path / "new").exists()


@every_format
def test_a_file_in_the_way_is_kept(tmp_path: Path, form: str) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="could not be written: File exists"):
        store.export(example_tables(), format=form, out=str(tmp_path / "out"))
    assert everything(tmp_path) == {"out": b"mine"}


@every_format
def test_it_is_documented(form: str) -> None:
    assert (inspect.getdoc(store.FORMATS[form]) or "").startswith("Write ")
    assert form in (inspect.getdoc(store.export) or ""), "the docstring of export lists every format"


def test_unknown_formats_are_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=f"allowed: {', '.join(store.FORMATS)}"):
        store.export(example_tables(), format="excel", out=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
