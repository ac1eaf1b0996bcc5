"""Export to an Excel workbook: one sheet per table, and one that explains the columns."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART, scratch_folder
from eventstudy.errors import OutputError

if TYPE_CHECKING:
    import pyarrow as pa
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WORKBOOK = "results.xlsx"
AUTHOR = "eventstudy"  #: in the properties of the workbook
ROWS, CHARACTERS = 1_048_576, 32_767  #: Excel's limits on a sheet and on a cell
_ELSEWHERE = "export to csv or parquet, which have no such limit"


def write_xlsx(tables: Iterable[tuple[str, pa.Table]], folder: Path) -> None:
    """Write all tables to one workbook, ``results.xlsx``, one sheet each, headers frozen.

    Notes
    -----
    Text is text, never a formula or a link. Dates are dates (those before 1900, which Excel does not know,
    ISO text), missing values are empty cells, and infinity is the text ``inf``. The sheet ``columns`` gives
    every column's unit and meaning.

    Raises
    ------
    OutputError
        A table is longer than a sheet, or a text longer than a cell.
    """
    import xlsxwriter

    with scratch_folder() as rows:
        content = io.BytesIO()  # a zip file on a full disk would complain again when it is collected
        _fill_book(xlsxwriter.Workbook(content, {"constant_memory": True, "tmpdir": str(rows)}), tables)
    (folder / f"{WORKBOOK}{PART}").write_bytes(content.getvalue())


def _fill_book(workbook: Workbook, tables: Iterable[tuple[str, pa.Table]]) -> None:
    with workbook as book:
        created = datetime.datetime(2000, 1, 1)  # the same tables, the same bytes
        book.set_properties({"author": AUTHOR, "created": created})
        header, date = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        legend = [("table", "column", "unit", "meaning")]
        for name, table in tables:
            if len(table) >= ROWS:
                problem = f"table {name!r} has {len(table):,} rows; a sheet holds {ROWS - 1:,} and the header"
                raise OutputError(WORKBOOK, problem, _ELSEWHERE)
            _fill(_sheet(book, name, table.column_names, header), name, table, date)
            legend += [(name, field.name, *_unit_and_meaning(field)) for field in table.schema]
        sheet = _sheet(book, "columns", legend[0], header)
        for row, line in enumerate(legend[1:], start=1):
            for column, text in enumerate(line):
                sheet.write_string(row, column, text)


def _sheet(book: Workbook, name: str, titles: Iterable[str], header: Any) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, header)
    return sheet


def _fill(sheet: Worksheet, name: str, table: pa.Table, date: Any) -> None:
    batches = table.to_batches(max_chunksize=10_000)
    rows = (cells for batch in batches for cells in zip(*batch.to_pydict().values(), strict=True))
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if value is not None:
                _write_cell(sheet, name, row, column, value, date)


def _write_cell(sheet: Worksheet, table: str, row: int, column: int, value: Any, date: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime.date) and value.year >= 1900:
        sheet.write_datetime(row, column, value, date)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    elif len(text := str(value)) > CHARACTERS:
        problem = (
            f"table {table!r}, row {row}: a text of {len(text):,} characters; a cell holds {CHARACTERS:,}"
        )
        raise OutputError(WORKBOOK, problem, _ELSEWHERE)
    else:
        sheet.write_string(row, column, text)


def _unit_and_meaning(field: pa.Field) -> tuple[str, str]:
    metadata = field.metadata or {}
    return metadata.get(b"unit", b"").decode(), metadata.get(b"meaning", b"").decode()
