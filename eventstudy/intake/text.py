"""Text files to tables: Arrow reads the rows, Python looks at what is above, below and irregular."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from eventstudy._typing import BoolArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.arrow_tables import trimmed
from eventstudy.intake.cells import DATE, SERIAL, dated, is_date, is_row, may_be_date
from eventstudy.intake.choosing import named
from eventstudy.intake.encodings import as_utf8
from eventstudy.intake.headers import header_rows
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.records import Records, counts_of, records_of
from eventstudy.intake.separators import Grid, grid_of
from eventstudy.intake.table import Table
from eventstudy.intake.trimming import assembled

TEXT = pa.dictionary(pa.int32(), pa.string())  #: a repeated text is stored once
REPEATED = 0.5  #: of the texts of the head that are distinct, at most, in a column stored so
TOO_SHORT = "write a separator for each empty cell"
MOST_BLOCKS = 50  #: tables one below the other
BLOCK = 1 << 20  #: bytes that Arrow reads at a time, at least
LARGEST_BLOCK = 1 << 30


class Body(NamedTuple):
    """Rows as read: a column per cell, and the record of each row (None: one after the other)."""

    columns: list[pa.ChunkedArray]
    records: IntArray | None


class _Blocks(Exception):  # noqa: N818
    """The rows are several tables, one below the other; the last one begins at ``record``."""

    def __init__(self, record: int) -> None:
        self.record = record
        super().__init__(record)


def tables_of_text(name: str, raw: bytes, options: ReadingOptions, *, undated: bool = False) -> list[Table]:
    """Return the table in a text file, or the tables one below the other.

    With ``undated`` rows whose date is missing are rows, as in an event list.

    Raises
    ------
    FileContentError
        No table, an unknown encoding, two possible separators, rows of another number of cells or without a
        date between dated rows, each with its line.
    """
    utf8, encoding = as_utf8(name, raw, options.encoding)
    if b"\r" in utf8:
        utf8 = utf8.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    records = records_of(name, utf8)
    if not len(records):
        raise FileContentError(name, "is empty", "give a header and a row per date")
    tables: list[Table] = []
    rest = records
    for _ in range(MOST_BLOCKS):
        part = rest
        while True:
            try:
                tables.append(_table(name, part, encoding, undated))
                break
            except _Blocks as several:
                part = part[: several.record]
        if len(part) == len(rest):
            return named(name, tables)
        rest = rest[len(part) :]
    raise FileContentError(name, f"holds more than {MOST_BLOCKS} tables", "give them in files of their own")


def _table(name: str, records: Records, encoding: str, undated: bool) -> Table:
    grid = grid_of(name, records, undated=undated)
    first, last = grid.extent.first, _last(records, grid)
    while undated and _is_row(records, grid, last + 1):
        last += 1
    if last < first:
        raise FileContentError(name, "holds a header and no row", "give one row per date")
    _check_footer(name, records, grid, last)
    body = _body(name, records, grid, first, last)
    body = _without_gaps(name, records, grid, first, body, undated)
    at = np.arange(first, last + 1) if body.records is None else body.records
    lines = None
    if body.records is not None or not records.is_a_line_each:
        lines = tuple(records.lines(at).tolist())
    below = (records.cells(record, grid.separator) for record in range(last + 1, len(records)))
    start = grid.extent.headers[0] if grid.extent.headers else first
    return assembled(
        name,
        body.columns,
        headers=header_rows(name, records, grid, body.columns, at),
        above=[row for row in grid.head[:start] if any(row)],
        below=[row for row in below if any(row)],
        first_line=int(records.lines(at[:1])[0]),
        lines=lines,
        separator=grid.separator,
        encoding=encoding,
    )


def _last(records: Records, grid: Grid) -> int:
    """Return the last record of the table: the last dated one, or the last that is not empty."""
    _, first, dates, certain = grid.extent
    test = is_date if certain else may_be_date
    for record in range(len(records) - 1, first - 1, -1):
        cells = records.cells(record, grid.separator)
        if any(place < len(cells) and test(cells[place]) for place in dates) or (not dates and any(cells)):
            return record
    return first - 1


def _check_footer(name: str, records: Records, grid: Grid, last: int) -> None:
    """Refuse a last row that lacks its date: below a table stand notes and totals, or an empty line."""
    if _is_row(records, grid, below := last + 1):
        raise _no_date(name, records, below, records.cells(below, grid.separator), grid)


def _is_row(records: Records, grid: Grid, record: int) -> bool:
    """Whether a record has the cells of a row, and is no note or total."""
    if record >= len(records):
        return False
    cells = records.cells(record, grid.separator)
    return len(cells) == grid.width and is_row(cells)


def _body(name: str, records: Records, grid: Grid, first: int, last: int) -> Body:
    """Read the records from ``first`` to ``last``, those with another number of cells one by one."""
    start, end = int(records.starts[first]), int(records.ends[last])
    dense = records.is_a_line_each and bool((records.starts < records.ends)[first : last + 1].all())
    if grid.separator != " " and dense:
        try:
            return Body(_read(pa.py_buffer(records.raw).slice(start, end - start), records, grid), None)
        except pa.ArrowInvalid:
            pass  # a row has another number of cells: found below, with its line
    kept, texts = _regular(name, records, grid, first, last)
    try:
        return Body(_read(pa.py_buffer(b"\n".join(texts)), records, grid), kept)
    except pa.ArrowInvalid as error:
        raise FileContentError(name, f"cannot be read ({str(error).splitlines()[0]})") from None


def _read(buffer: pa.Buffer, records: Records, grid: Grid) -> list[pa.ChunkedArray]:
    labels = [str(place) for place in range(grid.width)]
    rows = [row for row in grid.head[grid.extent.first :] if len(row) == grid.width]
    types = {label: _type_of([row[place] for row in rows]) for place, label in enumerate(labels)}
    for place in grid.extent.dates if grid.extent.certain else ():
        types[labels[place]] = TEXT
    table = pyarrow.csv.read_csv(
        pa.BufferReader(buffer),
        read_options=pyarrow.csv.ReadOptions(
            column_names=labels,
            use_threads=False,
            block_size=min(max(BLOCK, 4 * _longest(records)), LARGEST_BLOCK),
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter="\t" if grid.separator == " " else grid.separator,
            newlines_in_values=not records.is_a_line_each,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
    )
    columns = list(table.columns)
    if b" " in records.raw or b"\t" in records.raw or not records.raw.isascii():
        return [
            pa.chunked_array([trimmed(chunk) for chunk in column.chunks], column.type) for column in columns
        ]
    return columns


def _longest(records: Records) -> int:
    return int((records.ends - records.starts).max())


def _type_of(cells: list[str]) -> pa.DataType:
    """Return how the texts of a column are stored: once each where they repeat and are no figures."""
    words = [cell for cell in cells if (cell and not cell[-1].isdigit()) or cell[:1].isalpha()]
    return TEXT if words and len(set(cells)) <= max(1.0, REPEATED * len(cells)) else pa.string()


def _regular(name: str, records: Records, grid: Grid, first: int, last: int) -> tuple[IntArray, list[bytes]]:
    """Return the records that are rows, and their text with the usual number of cells."""
    part = records[first : last + 1]
    if grid.separator == " ":
        split = [part.cells(record, " ") for record in range(len(part))]
        counts = np.array([len(cells) for cells in split])
    else:
        counts = counts_of(part, grid.separator)
    head = [grid.head[row] for row in (*grid.extent.headers, *range(grid.extent.first, len(grid.head)))]
    used = max(place + 1 for row in head for place, cell in enumerate(row) if cell)  # then blank columns
    kept, texts = [], []
    for record in range(len(part)):
        text = part.raw[part.starts[record] : part.ends[record]]
        if not text.strip():
            continue
        if counts[record] != grid.width:
            cells = part.cells(record, grid.separator)
            if not any(cells):
                continue
            if any(cells[grid.width :]) or len(cells) < min(used, grid.width):
                raise _irregular(name, records, grid, first, first + record)
            text = _joined([*cells, *[""] * grid.width][: grid.width], grid.separator)
        elif grid.separator == " ":
            text = "\t".join(split[record]).encode()
        kept.append(first + record)
        texts.append(text)
    return np.array(kept, dtype=np.int64), texts


def _joined(cells: list[str], separator: str) -> bytes:
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    return ("\t" if separator == " " else separator).join(quoted).encode()


def _irregular(name: str, records: Records, grid: Grid, first: int, record: int) -> Exception:
    """Return what a row of another number of cells means: another table below, or a mistake."""
    cells = records.cells(record, grid.separator)
    if len(cells) < grid.width and not any(map(is_date, cells)) and _stands_apart(records, record):
        return _Blocks(record)
    cut = record == len(records) - 1 and not records.raw.endswith(b"\n")
    remedy = TOO_SHORT if len(cells) < grid.width else "put cells that hold the separator in quotes"
    remedy = "the file seems to be cut off" if cut else remedy
    problem = f"has {len(cells)} cells, and the other rows have {grid.width}"
    return FileContentError(name, problem, remedy, line=records.line(record))


def _stands_apart(records: Records, record: int) -> bool:
    return record > 0 and not records.text(record - 1).strip(" ,;\t|\n")


def _without_gaps(name: str, records: Records, grid: Grid, first: int, body: Body, undated: bool) -> Body:
    """Return the rows without those that are empty; one without a date may be an error or another table."""
    places = grid.extent.dates
    has_date = _flags(body.columns, places, DATE if grid.extent.certain else SERIAL)
    if has_date.all():
        return body
    at = np.arange(first, first + len(has_date)) if body.records is None else body.records
    keep = np.ones(len(has_date), dtype=bool)
    for row in np.flatnonzero(~has_date):
        if any(column[int(row)].as_py() is not None for column in body.columns):
            record = int(at[row])
            if _stands_apart(records, record):
                raise _Blocks(record)
            if not undated:
                raise _no_date(name, records, record, records.cells(record, grid.separator), grid)
        else:
            keep[row] = False
    mask = pa.array(keep)
    return Body([column.filter(mask) for column in body.columns], at[keep])


def _flags(columns: list[pa.ChunkedArray], places: tuple[int, ...], pattern: str) -> BoolArray:
    """Return which rows have a date, or any cell where no column holds dates; shape (T,)."""
    found = np.zeros(len(columns[0]), dtype=bool)
    for place in places or range(len(columns)):
        if not found.all():
            found |= dated(columns[place], pattern if places else ".")
    return found


def _no_date(name: str, records: Records, record: int, cells: list[str], grid: Grid) -> FileContentError:
    place = grid.extent.dates[0]
    title = grid.head[grid.extent.headers[-1]][place] if grid.extent.headers else ""
    found = cells[place] if place < len(cells) else ""
    where = f"{title or f'column {place + 1}'} is {found[:40]!r}, no date" if found else "has no date"
    return FileContentError(name, where, "give one, or leave the row out", line=records.line(record))
