"""Arrow tables to tables: the index of pandas first, and each column as numbers, dates, stamps or text."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.errors import FileContentError
from eventstudy.intake.table import Table

UNNAMED = "__index_level_"  #: how pandas names an index without a name


def table_of_arrow(name: str, table: pa.Table) -> Table:
    """Return an Arrow table as a table with its column names as titles, an index of pandas first."""
    titles, order = index_columns(table.schema)
    columns = tuple(plain_column(name, titles[at], table.column(at)) for at in order)
    return Table(name, columns, (tuple(titles[at] for at in order),), first_line=1)


def index_columns(schema: pa.Schema) -> tuple[list[str], list[int]]:
    """Return the titles of the columns, and their order: the index of pandas comes first."""
    stored = [index for index in _stored_index(schema) if index in schema.names]
    first = [schema.names.index(index) for index in stored]
    titles = ["" if title.startswith(UNNAMED) else title for title in schema.names]
    return titles, [*first, *(at for at in range(len(titles)) if at not in first)]


def _stored_index(schema: pa.Schema) -> list[str]:
    try:
        found = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))["index_columns"]
    except (ValueError, KeyError, TypeError):
        return []
    return [index for index in found if isinstance(index, str)] if isinstance(found, list) else []


def plain_column(name: str, title: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as numbers, dates, time stamps, truth values or text.

    Decimal numbers become floats, large text becomes text, dictionaries of numbers are written out.

    Raises
    ------
    FileContentError
        Lists, structs or bytes.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain_column(
            name, title, pa.chunked_array([c.storage for c in column.chunks], kind.storage_type)
        )
    if pa.types.is_dictionary(kind):
        if _is_text(kind.value_type):
            return _trimmed(column.cast(pa.dictionary(pa.int32(), pa.string())))
        return plain_column(name, title, column.cast(kind.value_type))
    if _is_text(kind):
        return _trimmed(column.cast(pa.string()))
    if pa.types.is_decimal(kind) or kind == pa.float16():
        return column.cast(pa.float64(), safe=False)
    if pa.types.is_date(kind):
        return column.cast(pa.date32(), safe=False)
    if pa.types.is_time(kind):
        return column.cast(pa.string())
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if not (pa.types.is_primitive(kind)):
        raise FileContentError(name, f"{title or 'the index'} holds {kind}, not numbers, dates or text")
    return column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts without blanks at either end, null where nothing is left; as it is where that is so."""
    chunks = [trimmed(chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type)


def trimmed(texts: pa.Array) -> pa.Array:
    """Return an array of text, or of a dictionary of text, without blanks at either end; "" is null."""
    if pa.types.is_dictionary(texts.type):
        stripped = trimmed(texts.dictionary)
        if stripped.equals(texts.dictionary):
            return texts
        coded = stripped.dictionary_encode()
        return pa.DictionaryArray.from_arrays(coded.indices.take(texts.indices), coded.dictionary)
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)
