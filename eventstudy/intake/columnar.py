"""Parquet, Feather and Arrow files to tables: columns are read when they are used, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.arrow_tables import index_columns, plain_column
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.intake.trimming import WIDEST

LARGEST_UNPACKED = 20_000_000  #: values that the columns of a file in use may hold ...
PER_BYTE = 20  #: ... unless it has a byte for so many of them
MOST_KEPT = 64 * 2**20  #: bytes of the columns that are kept; one that is needed again is read again
LARGEST_TEXT = 4_000_000_000  #: bytes of text of a column, written out

PARQUET = b"PAR1"
FEATHER = (b"ARROW1", b"FEA1")
STREAM = b"\xff\xff\xff\xff"


def is_columnar(raw: bytes) -> bool:
    """Whether bytes are of Parquet, Feather or Arrow."""
    return raw.startswith((PARQUET, *FEATHER, STREAM))


def tables_of_columnar(name: str, raw: bytes, options: ReadingOptions) -> list[Table]:
    """Return the table of a Parquet, Feather or Arrow file; the index of pandas is its first column.

    Raises
    ------
    FileContentError
        A file that is damaged, too wide, or unpacks to far more values than it has bytes.
    """
    columns = ParquetColumns(name, raw) if raw.startswith(PARQUET) else ArrowColumns(name, raw)
    titles = columns.titles
    if len(titles) > WIDEST:
        raise FileContentError(name, f"has {len(titles):,} columns", f"give at most {WIDEST:,}")
    if not titles:
        raise FileContentError(name, "has no columns", "give a date, and prices")
    return [Table(name, columns, (titles,), first_line=1)]


class LazyColumns(Sequence[pa.ChunkedArray]):
    """Columns of a file, each read when it is used; the last ones are kept, up to `MOST_KEPT` bytes."""

    def __init__(self, name: str, titles: Sequence[str], order: Sequence[int], n_bytes: int) -> None:
        self._name, self._order, self._n_bytes = name, list(order), n_bytes
        self.titles = tuple(titles[place] for place in order)
        self._read: dict[int, pa.ChunkedArray] = {}

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> pa.ChunkedArray: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[pa.ChunkedArray, ...]: ...
    def __getitem__(self, place: int | slice) -> pa.ChunkedArray | tuple[pa.ChunkedArray, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        at = range(len(self))[place]
        if at not in self._read:
            try:
                column = plain_column(self._name, self.titles[at], self._column(self._order[at]))
            except (pa.ArrowException, OSError, MemoryError) as error:
                problem = f"is damaged: {self.titles[at]} cannot be read ({first_line(error)})"
                raise FileContentError(self._name, problem, "export it again") from None
            if column.nbytes + sum(each.nbytes for each in self._read.values()) > MOST_KEPT:
                self._read.clear()
            self._read[at] = column
        return self._read[at]

    def __iter__(self) -> Iterator[pa.ChunkedArray]:
        return (self[place] for place in range(len(self)))

    def _check(self, values: int) -> None:
        if values > max(LARGEST_UNPACKED, PER_BYTE * self._n_bytes):
            problem = f"unpacks from {self._n_bytes:,} bytes to {values:,} values"
            raise FileContentError(self._name, problem, "give it as CSV")

    def _column(self, place: int) -> pa.ChunkedArray:
        raise NotImplementedError


class ParquetColumns(LazyColumns):
    """Columns of a Parquet file; repeated text is stored once, row group by row group."""

    def __init__(self, name: str, raw: bytes) -> None:
        source = pa.BufferReader(raw)
        schema = pq.read_schema(source)
        texts = [field.name for field in schema if pa.types.is_string(field.type) or _is_large(field.type)]
        self._file = pq.ParquetFile(source, read_dictionary=texts)
        self._used: set[int] = set()
        self._names = schema.names
        if len(set(schema.names)) < len(schema.names):
            raise FileContentError(name, "has two columns of one name", "name each once")
        super().__init__(name, *index_columns(schema), len(raw))

    def _column(self, place: int) -> pa.ChunkedArray:
        self._used.add(place)
        self._check(len(self._used) * self._file.metadata.num_rows)
        title = self._names[place]
        parts = [
            self._file.read_row_group(group, columns=[title], use_threads=False).column(title)
            for group in range(self._file.metadata.num_row_groups)
        ]
        for part in parts:
            _check_text(self._name, part)
        kind = parts[0].type if parts else pa.string()
        column = pa.chunked_array([chunk for part in parts for chunk in part.chunks], kind)
        if len(column) != self._file.metadata.num_rows:
            problem = f"is damaged: {title} has {len(column):,} of {self._file.metadata.num_rows:,} rows"
            raise FileContentError(self._name, problem, "export it again")
        return column


class ArrowColumns(LazyColumns):
    """Columns of a Feather or Arrow IPC file, mapped from its bytes."""

    def __init__(self, name: str, raw: bytes) -> None:
        if raw.startswith(FEATHER[1]):
            raise FileContentError(name, "is Feather of version 1", "write it as Parquet, or Feather 2")
        opened = pa.ipc.open_file if raw.startswith(FEATHER[0]) else pa.ipc.open_stream
        self._table = opened(pa.BufferReader(raw)).read_all()
        super().__init__(name, *index_columns(self._table.schema), len(raw))
        self._check(self._table.num_rows * max(1, self._table.num_columns))

    def _column(self, place: int) -> pa.ChunkedArray:
        column = self._table.column(place)
        column.validate(full=True)
        return column


def _is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _check_text(name: str, column: pa.ChunkedArray) -> None:
    """Refuse a column whose repeated text, written out, would not fit into memory."""
    size = 0
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
            size += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    if size > LARGEST_TEXT:
        raise FileContentError(name, f"unpacks to {size:,} bytes of text", "give it as CSV")
