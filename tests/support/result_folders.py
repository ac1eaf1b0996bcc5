"""Result tables of examples, saved and put in place."""

from __future__ import annotations

import atexit
import datetime
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa

from eventstudy import results as store
from eventstudy.schema import TABLES, Column, arrow_schema

EXAMPLES: dict[str, Callable[[int], Any]] = {
    "key": lambda i: ("NVDA", "005930.KS", "NA", "700")[i % 4],
    "text": lambda i: None if i % 5 == 4 else f"why, 왜, {i}",
    "date": lambda i: datetime.date(2024, 2, 8) + datetime.timedelta(days=i),
    "tau": lambda i: i % 11 - 5,
    "count": lambda i: i,
    "number": lambda i: None if i % 7 == 6 else (i + 1) / 7 - 1,
    "flag": lambda i: i % 2 == 0,
}


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "key": st.text(max_size=4),
    "text": st.text(max_size=8),
    "date": st.dates(datetime.date(1885, 1, 1), datetime.date(2200, 1, 1)),
    "tau": st.integers(-(2**31), 2**31 - 1),
    "count": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False),
    "flag": st.booleans(),
}


def example_tables(rows: int = 5, shift: int = 0) -> dict[str, pa.Table]:
    """Return every table with some rows; another `shift` gives other values."""
    return {name: example_table(name, rows, shift) for name in TABLES}


@cache
def example_table(name: str, rows: int, shift: int) -> pa.Table:
    cells = {c.name: [EXAMPLES[c.kind](row + shift) for row in range(rows)] for c in TABLES[name]}
    return pa.table(cells, schema=arrow_schema(name))


def rows_of(columns: tuple[Column, ...]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Rows of a table whose every cell may be missing."""
    return st.lists(st.tuples(*(st.none() | VALUES[c.kind] for c in columns)), max_size=5)


def filled(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    """Return the table of those rows."""
    schema = arrow_schema(name)
    cells = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.Table.from_arrays(
        [pa.array(list(c), f.type) for c, f in zip(cells, schema, strict=True)], schema=schema
    )


def save(path: Path, shift: int = 0) -> Path:
    """Save a small result that `shift` identifies."""
    return store.save(example_tables(shift=shift), {"seal": shift}, path)


@cache
def saved_once(shift: int) -> Path:
    """Save a small result once for all tests and return its parent folder."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return save(folder / "results", shift).parent


def placed(path: Path, shift: int = 0) -> Path:
    """Put a saved result with its shed at `path`, which ends in results: a copy is faster than a save."""
    shutil.copytree(saved_once(shift), path.parent, symlinks=True, dirs_exist_ok=True)
    return path


def seal(path: Path) -> int:
    """Return the `shift` of the result at `path`, after reading every table of it."""
    saved = store.load(path)
    expected = example_tables(shift=saved.manifest["seal"])
    assert all(saved.table(name).equals(expected[name]) for name in TABLES)
    number: int = saved.manifest["seal"]
    return number


def everything(folder: Path) -> dict[str, bytes | str]:
    """Return all that lies below a folder; links by what they name."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }
