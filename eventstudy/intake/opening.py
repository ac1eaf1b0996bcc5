"""Bytes to tables: which kind of file it is, and the tables in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.intake.unpacking import DEEPEST, ZIP, archive_of, is_packed, members, unpacked

LEAST_ROWS = 60  #: dated rows of a table of prices, where a file holds several
#: what is no table although it has the ending of one
OTHERS = (
    (b"%PDF", "is a PDF document"),
    (b"SQLite format 3", "is a database of SQLite"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"{\\rtf", "is a document in rich text"),
)
MARKUP = re.compile(rb"^\s*<(?:!doctype|html|\?xml|table|meta|head|body|script)", re.IGNORECASE)
JSON = re.compile(rb"^\s*[\[{]\s*[\"\[{\]}]")

Reader = Callable[[str, bytes, ReadingOptions], list[Table]]


class _Wanted(NamedTuple):
    """What is a table: how many dated rows it has, and whether rows may lack their date."""

    least_rows: int
    undated: bool


def tables_of(
    name: str,
    raw: bytes,
    options: ReadingOptions,
    *,
    least_rows: int = LEAST_ROWS,
    undated: bool = False,
) -> tuple[Table, ...]:
    """Return the tables in the bytes of a file: one, or one per sheet or inner file that holds a table.

    What a file is, its first bytes say; its ending counts for nothing.

    Parameters
    ----------
    least_rows
        Dated rows that make a sheet or an inner file a table where others hold less: 60 for prices, 1 for
        event lists.
    undated
        Rows of text and workbooks whose date is missing are rows, as in event lists; else they are errors.

    Raises
    ------
    FileContentError
        Bytes that hold no table, are of no known container or encoding, are too large unpacked, need an
        extra that is not installed, or can be split into columns in two ways; several tables of one form,
        with ``--sheet``.
    """
    return tuple(_tables(name, raw, options, _Wanted(least_rows, undated), 0))


def table_of_frame(name: str, frame: Any) -> Table:
    """Return the table of a frame of any library (pandas, polars, Arrow, DuckDB, anything narwhals knows).

    A pandas index that is not a plain range becomes the first column; a header of several levels becomes
    header rows.

    Raises
    ------
    FileContentError
        Something that is no frame, has no row, or is of months.
    """
    from eventstudy.intake.frames import table_of

    return table_of(name, frame)


def _tables(name: str, raw: bytes, options: ReadingOptions, wanted: _Wanted, depth: int) -> list[Table]:
    if not raw[:1000].strip() and not raw.strip():
        raise FileContentError(name, "is empty", "give a header and a row per date")
    if is_packed(raw):
        _check_depth(name, depth)
        return _tables(name, unpacked(name, raw), options, wanted, depth + 1)
    if raw.startswith(ZIP) and not _is_workbook(name, raw):
        _check_depth(name, depth)
        found: list[Table] = []
        for inner in members(name, raw):
            found += _tables(inner.name, inner.raw, options, wanted, depth + 1)
        return found
    for magic, problem in OTHERS:
        if raw.startswith(magic):
            raise FileContentError(name, problem, "export the table as CSV or as a workbook")
    from eventstudy.intake.choosing import chosen

    reader = _reader(raw, wanted.undated)
    try:
        tables = reader(name, raw, options)
    except FileContentError:
        raise
    except (MemoryError, RecursionError) as error:
        problem = f"is damaged or too large ({type(error).__name__})"
        raise FileContentError(name, problem, "export it again") from None
    except Exception as error:  # libraries raise what they like on damaged bytes
        problem = f"is damaged and cannot be read ({type(error).__name__}: {first_line(error)})"
        raise FileContentError(name, problem, "export it again") from error
    return list(chosen(name, tables, options.sheet, wanted.least_rows))


def _check_depth(name: str, depth: int) -> None:
    if depth >= DEEPEST:
        raise FileContentError(name, f"is packed more than {DEEPEST} times", "unpack it")


def _is_workbook(name: str, raw: bytes) -> bool:
    with archive_of(name, raw) as archive:
        parts = archive.namelist()
    return "[Content_Types].xml" in parts or "content.xml" in parts


def _reader(raw: bytes, undated: bool) -> Reader:
    """Return the reader of a kind of file, by its first bytes; of text where they say nothing."""
    from eventstudy.intake import columnar, r_files, statistical

    if raw.startswith((*ZIP, b"\xd0\xcf\x11\xe0")):
        from eventstudy.intake.workbooks import tables_of_workbook

        return partial(tables_of_workbook, undated=undated)
    for reads, reader in (
        (columnar.is_columnar, columnar.tables_of_columnar),
        (statistical.is_statistical, statistical.tables_of_statistical),
        (r_files.is_of_r, r_files.tables_of_r),
    ):
        if reads(raw):
            return reader
    if MARKUP.match(raw[:500]):
        return _refuse_markup
    if JSON.match(raw[:500]):
        return _refuse_json
    from eventstudy.intake.text import tables_of_text

    return partial(tables_of_text, undated=undated)


def _refuse_markup(name: str, raw: bytes, options: ReadingOptions) -> list[Table]:
    problem = "is a page of HTML or XML, whatever its name says"
    raise FileContentError(name, problem, "open it in a spreadsheet and save it as .xlsx or CSV")


def _refuse_json(name: str, raw: bytes, options: ReadingOptions) -> list[Table]:
    raise FileContentError(name, "is JSON", "export the table as CSV or Parquet")
