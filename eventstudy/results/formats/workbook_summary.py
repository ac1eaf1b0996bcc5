"""The first sheet of a workbook: what was found, and where each table is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from eventstudy.results.formats.print_table import PrintTable
from eventstudy.words.formatting import MOST_DIGITS, counted

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

SUMMARY = "summary"
ACROSS = 10  #: columns that a sentence spans
LINE = 110  #: letters of a sentence in one line
_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")


class Listed(NamedTuple):
    """A table of the workbook: how many rows it has, and whether they fit a sheet."""

    name: str
    rows: int
    fits: bool


def fill_summary(
    book: Workbook,
    sheet: Worksheet,
    sentences: Sequence[str],
    tables: Sequence[PrintTable],
    listed: Sequence[Listed],
    most: int,
    cut: int,
) -> None:
    """Write the sentences, the tables for print, and a line per table with a link to its sheet."""
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bottom": 1, "align": "right"})
    right = book.add_format({"align": "right"})
    numbers = ["#,##0", *(f"0.{'0' * digits}" for digits in range(1, MOST_DIGITS + 1))]  # by their decimals
    shown = [book.add_format({"num_format": number}) for number in numbers]
    link = book.get_default_url_format()
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, ACROSS, 11)
    row = 0
    for text in sentences:
        sheet.set_row(row, 15 * (1 + len(text) // LINE))
        sheet.merge_range(row, 0, row, ACROSS - 1, "", wrap)
        sheet.write_string(row, 0, text, wrap)
        row += 1
    for table in tables:
        row += 1
        sheet.write_string(row, 0, table.caption, bold)
        for column, text in enumerate(table.head):
            sheet.write_string(row + 1, column, text, head if column else bold)
        for row, cells in enumerate(table.rows, start=row + 2):  # noqa: B020  (goes on below the table)
            for column, text in enumerate(cells):
                _write(sheet, row, column, text, shown[len(text.partition(".")[2])], right)
        row += 1
        sheet.set_row(row, 15 * (1 + len(table.notes) // LINE))
        sheet.merge_range(row, 0, row, ACROSS - 1, "", wrap)
        sheet.write_string(row, 0, table.notes, wrap)
        row += 1
    row += 1 if row else 0
    for text in _remarks(listed, most, cut):
        sheet.write_string(row, 0, text, bold)
        row += 1
    for column, text in enumerate(("table", "rows")):
        sheet.write_string(row, column, text, head if column else bold)
    for row, each in enumerate(listed, start=row + 1):  # noqa: B020
        if each.fits:
            sheet.write_url(row, 0, f"internal:'{each.name}'!A1", link, each.name)
        else:
            sheet.write_string(row, 0, each.name)
            sheet.write_string(row, 2, "left out: too long for a sheet")
        sheet.write_number(row, 1, each.rows)
    sheet.write_url(row + 1, 0, "internal:'columns'!A1", link, "columns")


def _write(sheet: Worksheet, row: int, column: int, text: str, number: Any, right: Any) -> None:
    if column and _NUMBER.fullmatch(text):
        sheet.write_number(row, column, float(text.replace(",", "")), number)
    else:
        sheet.write_string(row, column, text, right if column else None)


def _remarks(listed: Sequence[Listed], most: int, cut: int) -> Iterator[str]:
    """Say what the workbook does not hold."""
    long = [each.name for each in listed if not each.fits]
    if long:
        yield f"Left out, since a sheet holds {most:,} rows: {', '.join(long)}. Export to csv or parquet."
    if cut:
        yield f"Cut, since longer than a cell: {counted(cut, 'text')}. Export to csv or parquet."
