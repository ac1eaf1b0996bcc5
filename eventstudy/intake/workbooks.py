"""Workbooks (xlsx, xlsm, xlsb, xls, ods) to tables: a table per sheet that holds one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.cells import is_date, is_empty, is_row, may_be_date
from eventstudy.intake.corners import check_area
from eventstudy.intake.extent import Extent, extent_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.separators import HEAD
from eventstudy.intake.table import Table
from eventstudy.intake.trimming import assembled
from eventstudy.intake.typed import column_of
from eventstudy.intake.workbook_parts import checked_parts

FIRST_SERIAL, LAST_SERIAL = 10_000, 80_000  #: days of Excel that can be dates of prices: 1927 to 2119

Rows = list[list[Any]]
Range = tuple[tuple[int, int], tuple[int, int]]


def tables_of_workbook(
    name: str, raw: bytes, options: ReadingOptions, *, undated: bool = False
) -> list[Table]:
    """Return a table for each sheet that holds dated rows; formulas and macros are never run.

    With ``undated`` rows whose date is missing are rows of the table, as in an event list.

    Raises
    ------
    FileContentError
        A workbook that is damaged, has a password, is too large, or has a formula without a stored value;
        none of whose sheets holds a table; a row without a date between dated rows.
    """
    epoch = checked_parts(name, raw)
    tables = [
        table
        for title, rows, merged in _sheets(name, raw)
        if (table := _table(f"{name}[{title}]", rows, merged, epoch, undated))
    ]
    if not tables:
        raise FileContentError(name, "has no sheet with dated rows", "give a header and a row per date")
    return tables


def _sheets(name: str, raw: bytes) -> list[tuple[str, Rows, Sequence[Range]]]:
    """Return the name, the rows and the merged cells of each sheet that is not empty."""
    from python_calamine import CalamineError, PasswordError, load_workbook

    sheets: list[tuple[str, Rows, Sequence[Range]]] = []
    try:
        book = load_workbook(io.BytesIO(raw))
        for title in book.sheet_names:
            sheet = book.get_sheet_by_name(title)
            if sheet.end is None:
                continue
            check_area(f"{name}[{title}]", sheet.end[0] + 1, sheet.end[1] + 1)
            rows = sheet.to_python(skip_empty_area=False)
            sheets.append((title, rows, sheet.merged_cell_ranges or ()))
    except PasswordError:
        raise FileContentError(name, "has a password", "save it without one") from None
    except CalamineError as error:
        raise FileContentError(name, f"is damaged ({first_line(error)})", "save it again") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust raises is no Exception
            raise
        raise FileContentError(name, f"is damaged ({first_line(error)})", "save it again") from None
    return sheets


def _fill_merged(rows: Rows, ranges: Sequence[Range]) -> None:
    """Write the value of merged cells into each of them, among the rows that may be a header.

    Cells merged from the first column on are a title, and stay as they are.
    """
    for (top, left), (bottom, right) in ranges:
        is_title = left == 0 and right > 0
        if not is_title and bottom < min(HEAD, len(rows)) and right < len(rows[0]):
            for row in range(top, bottom + 1):
                rows[row][left : right + 1] = [rows[top][left]] * (right + 1 - left)


def _table(name: str, rows: Rows, merged: Sequence[Range], epoch: str, undated: bool) -> Table | None:
    _fill_merged(rows, merged)
    rows = _without_blank_edge(rows)
    extent = extent_of(rows[:HEAD], undated=undated)
    if extent is None:
        return None
    last, kept = _rows_of(name, rows, extent, undated)
    body = [rows[row] for row in kept]
    columns = [column_of([row[place] for row in body]) for place in range(len(rows[0]))]
    top = extent.headers[0] if extent.headers else extent.first
    dense = len(kept) == last + 1 - extent.first
    return assembled(
        name,
        columns,
        headers=[rows[row] for row in extent.headers],
        above=[row for row in rows[:top] if not all(map(is_empty, row))],
        below=[row for row in rows[last + 1 :] if not all(map(is_empty, row))],
        first_line=kept[0] + 1,
        lines=None if dense else tuple(row + 1 for row in kept),
        formats=MappingProxyType({at: epoch for at, column in enumerate(columns) if _is_serial(column)}),
    )


def _without_blank_edge(rows: Rows) -> Rows:
    """Return the rows without the columns at their left that are empty."""
    edge = min(
        (
            next(place for place, cell in enumerate(row) if not is_empty(cell))
            for row in rows
            if any(not is_empty(cell) for cell in row)
        ),
        default=0,
    )
    return [row[edge:] for row in rows] if edge else rows


def _rows_of(name: str, rows: Rows, extent: Extent, undated: bool) -> tuple[int, list[int]]:
    """Return the last row of the table and all its rows; one without a date may be an error."""
    test = is_date if extent.certain else may_be_date
    dated = [
        row for row in range(extent.first, len(rows)) if any(test(rows[row][place]) for place in extent.dates)
    ]
    if undated:
        last = dated[-1]
        while last + 1 < len(rows) and is_row(rows[last + 1]):
            last += 1
        return last, [row for row in range(extent.first, last + 1) if not all(map(is_empty, rows[row]))]
    known = set(dated)
    for row in range(extent.first, dated[-1]):
        if row not in known and not all(map(is_empty, rows[row])):
            cell = rows[row][extent.dates[0]]
            where = "has no date" if is_empty(cell) else f"has {str(cell)[:40]!r} for a date"
            raise FileContentError(name, where, "give one, or leave the row out", line=row + 1)
    return dated[-1], dated


def _is_serial(column: pa.ChunkedArray) -> bool:
    """Whether a column holds whole numbers that Excel may show as dates."""
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return False
    values = column.cast(pa.float64())
    low, high = (bound.as_py() for bound in pc.min_max(values).values())
    whole = low is not None and pc.all(pc.equal(values, pc.floor(values))).as_py()
    return bool(whole and low >= FIRST_SERIAL and high <= LAST_SERIAL)
