"""Export to an Excel workbook: a summary, one sheet per table, and one that explains the columns."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART, scratch_folder
from eventstudy.results.formats.parts import NamedParts, whole
from eventstudy.results.formats.print_table import PrintTable
from eventstudy.results.formats.workbook_summary import SUMMARY, Listed, fill_summary
from eventstudy.results.outputs.ownership import AUTHOR

if TYPE_CHECKING:
    import pyarrow as pa
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WORKBOOK = "results.xlsx"
ROWS, CHARACTERS = 1_048_576, 32_767  #: Excel's limits on a sheet and on a cell
CUT = "…"  #: ends a text that is longer than a cell
WIDEST, NUMBER = 40, 11  #: letters of a wide column of text, and of one of numbers
_LEGEND = ("table", "column", "unit", "meaning")


@dataclass
class _Formats:
    """How cells look, and how many texts were too long for theirs."""

    head: Any
    date: Any
    numbers: dict[str, Any]
    cut: int = 0


@dataclass(frozen=True)
class Summary:
    """What the first sheet says of a study, before its list of tables."""

    sentences: Sequence[str] = ()
    tables: Sequence[PrintTable] = field(default_factory=tuple)


def write_xlsx(tables: NamedParts, folder: Path, summary: Summary | None = None) -> None:
    """Write all tables to one workbook, ``results.xlsx``, one sheet each, heads frozen and with filters.

    Notes
    -----
    Returns are shown as percent and hold 16 digits. Text is text, never a formula. Dates are dates (those
    before 1900, which Excel does not know, ISO text), missing values are empty cells, and infinity is the
    text ``inf``. The sheet ``summary`` leads to every table; it says which are longer than a sheet and
    therefore left out, and how many texts are longer than a cell and therefore cut. The sheet ``columns``
    gives every column's unit and meaning.
    """
    write_workbook(tables, folder / f"{WORKBOOK}{PART}", summary)


def write_workbook(tables: NamedParts, file: Path, summary: Summary | None = None) -> None:
    """Write all tables to one workbook of a name, as `write_xlsx`."""
    import xlsxwriter

    with scratch_folder() as rows:
        content = io.BytesIO()  # a zip file on a full disk would complain again when it is collected
        book = xlsxwriter.Workbook(content, {"constant_memory": True, "tmpdir": str(rows)})
        _fill_book(book, tables, summary or Summary())
    file.write_bytes(content.getvalue())


def _fill_book(workbook: Workbook, tables: NamedParts, summary: Summary) -> None:
    with workbook as book:
        created = datetime.datetime(2000, 1, 1)  # the same tables, the same bytes
        book.set_properties({"author": AUTHOR, "created": created})
        formats = _Formats(
            head=book.add_format({"bold": True, "bottom": 1}),
            date=book.add_format({"num_format": "yyyy-mm-dd"}),
            numbers={form: book.add_format({"num_format": form}) for form in ("0.00%", "0.0000", "0.00")},
        )
        front, legend, listed = book.add_worksheet(SUMMARY), [_LEGEND], []
        for name, table in whole(tables):
            fits = len(table) < ROWS
            listed.append(Listed(name, len(table), fits))
            legend += [(name, each.name, *_unit_and_meaning(each)) for each in table.schema]
            if fits:
                _fill(_sheet(book, name, table.column_names, formats), table, formats)
        sheet = _sheet(book, "columns", _LEGEND, formats)
        sheet.autofilter(0, 0, len(legend) - 1, len(_LEGEND) - 1)
        for column, width in enumerate((20, 24, 16, 90)):
            sheet.set_column(column, column, width)
        for row, line in enumerate(legend[1:], start=1):
            for column, text in enumerate(line):
                sheet.write_string(row, column, text)
        fill_summary(book, front, summary.sentences, summary.tables, listed, ROWS - 1, formats.cut)
        front.activate()


def _sheet(book: Workbook, name: str, titles: Iterable[str], formats: _Formats) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, formats.head)
    return sheet


def _fill(sheet: Worksheet, table: pa.Table, formats: _Formats) -> None:
    sheet.autofilter(0, 0, len(table), max(len(table.column_names) - 1, 0))
    for column, (name, values) in enumerate(zip(table.schema, table.columns, strict=True)):
        sheet.set_column(column, column, _width(name, values), formats.numbers.get(_number_format(name)))
    batches = table.to_batches(max_chunksize=10_000)
    rows = (cells for batch in batches for cells in zip(*batch.to_pydict().values(), strict=True))
    looks = [formats.numbers.get(_number_format(each)) for each in table.schema]
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if value is not None:
                _write_cell(sheet, row, column, value, formats, looks[column])


def _number_format(column: pa.Field) -> str:
    """Return how numbers of a column are shown: percent, p-values, statistics, or as they are."""
    import pyarrow as pa

    unit, _ = _unit_and_meaning(column)
    if not pa.types.is_floating(column.type):
        return ""
    if unit == "decimal":
        return "0.00%"
    return "0.0000" if "pvalue" in column.name else "0.00" if "statistic" in column.name else ""


def _width(column: pa.Field, values: pa.ChunkedArray) -> float:
    """Return the width of a column in letters: of its name with the filter's button, and of its texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    head = len(column.name) + 3
    if not (pa.types.is_string(column.type) or pa.types.is_dictionary(column.type)):
        return float(max(head, NUMBER))
    longest = pc.max(pc.utf8_length(values.cast(pa.string()))).as_py() or 0
    return float(max(head, min(longest + 1, WIDEST)))


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any, formats: _Formats, look: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime.date) and value.year >= 1900:
        sheet.write_datetime(row, column, value, formats.date)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, look)
    else:
        text = str(value)
        if len(text) > CHARACTERS:
            formats.cut += 1
            text = text[: CHARACTERS - 1] + CUT
        sheet.write_string(row, column, text)


def _unit_and_meaning(field: pa.Field) -> tuple[str, str]:
    metadata = field.metadata or {}
    return metadata.get(b"unit", b"").decode(), metadata.get(b"meaning", b"").decode()
