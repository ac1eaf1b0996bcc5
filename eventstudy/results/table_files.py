"""Result tables as Arrow and as parquet files: schema, checksum of the content, detection of damage.

A table is *conformed* before anything else: every column of its schema, in its order and type, missing
numbers null (never NaN), text columns encoded afresh. Tables of the same content are then the same bytes on
disk. Further columns (the characteristics of a table of events) follow at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.errors import OutputError, UsageError, first_line
from eventstudy.schema import MEASURE_KEY, TABLES, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 1_000_000  #: rows whose texts are listed at a time for the checksum
METADATA_KEY = b"eventstudy"  #: the JSON document about the study in every file's schema metadata


def conform(name: str, table: pa.Table, *, absent_as_null: bool = False) -> pa.Table:
    """Return a table with exactly the columns, types and units of its schema, extra columns behind.

    Parameters
    ----------
    name
        Table name, a key of ``eventstudy.schema.TABLES``.
    table
        Columns in any order; text as string, large string or dictionary.
    absent_as_null
        Fill columns that are not there with null instead of refusing: for files written before they existed.

    Raises
    ------
    UsageError
        A column of the schema is missing, or holds values its type cannot.
    """
    import pyarrow as pa

    measure = (table.schema.metadata or {}).get(MEASURE_KEY.encode(), b"returns").decode()
    schema = arrow_schema(name, measure)
    given, fixed = set(table.column_names), set(schema.names)  # pyarrow makes a list of them each time
    absent = [name for name in schema.names if name not in given]
    if absent and not absent_as_null:
        raise UsageError(f"table {name!r} lacks the column(s) {', '.join(absent)}; its schema is fixed")
    extra = [_open_field(field) for field in table.schema if field.name not in fixed]
    fields = [*schema, *extra]
    columns = [
        pa.nulls(len(table), field.type) if field.name in absent else _cast(name, table[field.name], field)
        for field in fields
    ]
    about = {key: text for key, text in (table.schema.metadata or {}).items() if key == METADATA_KEY}
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata={**schema.metadata, **about}))


def digest(table: pa.Table) -> str:
    """Return the sha256 of a conformed table's names and values.

    It depends neither on chunks, dictionaries and compression nor on the version of any library, so it can be
    compared between machines.
    """
    whole = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        streams = [hashlib.sha256(), hashlib.sha256()]
        for chunk in column.chunks:
            for start in range(0, len(chunk), AT_ONCE):
                for stream, part in zip(streams, _bytes_of(chunk.slice(start, AT_ONCE)), strict=True):
                    stream.update(part)
        whole.update(json.dumps([name, len(column), *(stream.hexdigest() for stream in streams)]).encode())
    return whole.hexdigest()


def write_table(table: pa.Table, path: Path, about: Mapping[str, Any]) -> None:
    """Write a conformed table to a new file and force it to disk; ``about`` goes into its metadata."""
    with path.open("xb") as sink:
        write_content(table, sink, about)
        sink.flush()
        os.fsync(sink.fileno())


def write_content(table: pa.Table, sink: IO[bytes], about: Mapping[str, Any]) -> None:
    """Write a conformed table as parquet to an open file; ``about`` goes into its metadata."""
    write_parts([table], sink, about)


def write_parts(tables: Iterable[pa.Table], sink: IO[bytes], about: Mapping[str, Any]) -> int:
    """Write the parts of a conformed table, one after the other, as `write_content`; return their rows."""
    import pyarrow.parquet as pq

    rows, document = 0, {METADATA_KEY: json.dumps(about, sort_keys=True).encode()}
    with ExitStack() as stack:
        writer = None
        for table in tables:
            schema = table.schema.with_metadata({**(table.schema.metadata or {}), **document})
            if writer is None:
                options = {"compression": "zstd", "write_page_checksum": True}
                writer = stack.enter_context(pq.ParquetWriter(sink, schema, **options))
            writer.write_table(table.replace_schema_metadata(schema.metadata))
            rows += len(table)
    return rows


def read_table(name: str, path: Path, checksum: str | None) -> pa.Table:
    """Read a parquet file back as the table ``name``.

    Raises
    ------
    OutputError
        The file is missing, damaged, or not what ``checksum`` (see `digest`) says was written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    remedy = "write the results again with `eventstudy run`"
    try:
        # Not pq.read_table: it takes a folder called year=2024 above the file for a column.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
        stored = digest(table)
        table = conform(name, table, absent_as_null=True)
    except FileNotFoundError:
        raise OutputError(path, "the table is missing from the result folder", remedy) from None
    except (OSError, pa.ArrowException, UsageError) as error:
        raise OutputError(path, f"the table is damaged ({first_line(error)})", remedy) from error
    if checksum is not None and stored != checksum:
        raise OutputError(path, "the table is not the one manifest.json describes (sha256 differs)", remedy)
    return table


def file_name(table: str) -> str:
    """Return the name of a table's file in the result folder."""
    return f"{table}.parquet"


OWN_NAMES = frozenset({*map(file_name, TABLES), "manifest.json"})  #: the files of a result folder


def _open_field(field: pa.Field) -> pa.Field:
    """Return the field an extra column is kept as: one of the types result tables are made of."""
    import pyarrow as pa
    import pyarrow.types as is_

    for test, target in (
        (is_.is_boolean, pa.bool_()),
        (is_.is_integer, pa.int64()),
        (is_.is_floating, pa.float64()),
        (is_.is_date, pa.date32()),
    ):
        if test(field.type):
            return pa.field(field.name, target, metadata=field.metadata)
    return pa.field(field.name, pa.string(), metadata=field.metadata)


def _cast(table: str, column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    import pyarrow as pa

    from eventstudy.numerics.arrow import encoded_afresh, values_of

    is_text = pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)
    try:
        if column.type == field.type and pa.types.is_dictionary(field.type):
            return encoded_afresh(column.combine_chunks()) if len(column) else pa.nulls(0, field.type)
        plain = pa.string() if is_text else field.type
        column = column if column.type == plain else column.cast(plain)
        # of no chunks combine_chunks makes an array by a way that imports pandas
        column = column.combine_chunks() if len(column) else pa.nulls(0, plain)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UsageError(f"table {table!r}, column {field.name!r}: {first_line(error)}") from error
    if pa.types.is_dictionary(field.type):
        return column.dictionary_encode()
    if pa.types.is_floating(field.type) and np.isnan(values_of(column)).any():
        import pyarrow.compute as pc

        return pc.if_else(pc.is_nan(column), pa.nulls(1, column.type)[0], column)
    return column


def _bytes_of(chunk: pa.Array) -> tuple[bytes, bytes]:
    """Return two byte strings that represent a chunk's values, unequal for any two chunks that differ.

    They are taken from the buffers, since ``to_numpy`` and ``fill_null`` import pandas: half a second for a
    reader that needs none.
    """
    import pyarrow as pa

    from eventstudy.numerics.arrow import flags_of, is_there, values_of

    there, kind = is_there(chunk), chunk.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind):
        lengths = np.full(len(chunk), -1, "<i8")
        lengths[there], characters = _texts(chunk, there)
        return lengths.tobytes(), characters
    if pa.types.is_boolean(kind):
        return there.tobytes(), flags_of(chunk)[there].astype("<i4").tobytes()
    values = values_of(chunk.view(pa.int32()) if pa.types.is_date32(kind) else chunk)
    return there.tobytes(), values[there].tobytes()


def _texts(chunk: pa.Array, there: BoolArray) -> tuple[IntArray, bytes]:
    """Return the length in bytes of each text of an array that is not null, and all texts in a row."""
    import pyarrow as pa

    from eventstudy.numerics.arrow import values_of

    if pa.types.is_dictionary(chunk.type):
        names = np.array([(text or "").encode() for text in chunk.dictionary.to_pylist()], dtype=object)
        codes = values_of(chunk.indices)[there]
        lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
        return lengths[codes], b"".join(names[codes].tolist())
    _, ends, characters = chunk.buffers()
    ends = np.frombuffer(ends or b"", "<i4")[chunk.offset : chunk.offset + len(chunk) + 1].astype(np.int64)
    lengths = np.diff(ends)
    if lengths[~there].any():  # bytes that no text has
        return _texts(chunk.drop_null(), np.ones(int(there.sum()), dtype=bool))
    return lengths[there], memoryview(characters or b"")[ends[0] : ends[-1]].tobytes()
