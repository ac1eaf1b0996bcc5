"""NumPy arrays to Arrow arrays and back, through their buffers.

``pyarrow.array`` and ``to_numpy`` import pandas, which takes half a second, and ``cast``, ``take`` and
``is_valid`` the functions of ``pyarrow.compute``, a tenth of that; buffers need neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import BoolArray


def to_arrow(values: Any, kind: pa.DataType) -> pa.Array:
    """Return values as an Arrow array of a primitive, date, boolean, text or dictionary type.

    NaN, NaT, None and ``""`` become null.

    Parameters
    ----------
    values
        Array or sequence of shape (n,).
    """
    if pa.types.is_dictionary(kind):
        codes, names = encoded(values)
        coded = coded_array(codes, names)
        return coded if coded.type == kind else coded.cast(kind)
    if pa.types.is_string(kind):
        return _text(list(values))
    if pa.types.is_boolean(kind):
        flags = np.asarray(values)
        there = flags != None  # noqa: E711  (of each)
        return _filled(kind, len(flags), _bits(there & flags.astype(bool)), there)
    if pa.types.is_date(kind):
        days = np.asarray(values, dtype="datetime64[D]")
        return _filled(kind, len(days), np.where(np.isnat(days), 0, days.astype(np.int64)), ~np.isnat(days))
    numbers = np.asarray(values)
    if numbers.dtype == object:
        numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    return _filled(kind, len(numbers), numbers, np.isfinite(numbers))


def table_of(schema: pa.Schema, columns: Mapping[str, Any]) -> pa.Table:
    """Return columns as a table of a schema; see `to_arrow`. What it has no column for is null."""
    length = len(next(iter(columns.values()))) if columns else 0
    arrays = [_column(columns.get(field.name), field.type, length) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(values: Any, kind: pa.DataType, length: int) -> pa.Array:
    if values is None:
        return _nulls(length, kind)
    return values if isinstance(values, pa.Array) else to_arrow(values, kind)


def _nulls(length: int, kind: pa.DataType) -> pa.Array:
    """Return an array of nulls; of numbers and dates without memory of its own, as zeros nobody reads."""
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind)):
        return pa.nulls(length, kind)
    validity, zeros = np.zeros(-(-length // 8), np.uint8), np.zeros(length * (kind.bit_width // 8), np.uint8)
    return pa.Array.from_buffers(
        kind, length, [pa.py_buffer(validity), pa.py_buffer(zeros)], null_count=length
    )


def coded_array(codes: Any, names: Iterable[str]) -> pa.DictionaryArray:
    """Return a dictionary array of ``names[codes]``; a negative code is null."""
    codes = np.asarray(codes)
    return pa.DictionaryArray.from_arrays(
        _filled(pa.int32(), len(codes), codes, codes >= 0), _text(list(names))
    )


def encoded(values: Iterable[Any]) -> tuple[Any, list[Any]]:
    """Return a code for each value, -1 for None and ``""``, and the distinct values as they first appear."""
    code: defaultdict[Any, int] = defaultdict(count().__next__, {None: -1, "": -1})  # a new one is the next
    codes = np.fromiter(map(code.__getitem__, values), dtype=np.int32)  # without Python code per row
    return codes, [name for name in code if name]


def from_arrow(column: pa.Array | pa.ChunkedArray) -> Any:
    """Return a numeric or date column as float64, or datetime64[D]; null is NaN, or NaT."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_date(column.type):
        days = values_of(column.view(pa.int32())).astype("datetime64[D]")
        if column.null_count:
            days[~is_there(column)] = np.datetime64("NaT", "D")
        return days
    numbers = values_of(column).astype(np.float64)
    if column.null_count:
        numbers[~is_there(column)] = np.nan
    return numbers


def rows_at(table: pa.Table, at: Any) -> list[dict[str, Any]]:
    """Return some rows of a table, by their indices, as dictionaries."""
    at = np.asarray(at, dtype=np.int64)
    if not len(at):
        return []
    first, last = int(at.min()), int(at.max())
    if last >= len(table):
        raise IndexError(f"row {last} of a table of {len(table)}")
    return _rows(table.slice(first, last + 1 - first), at - first)  # no more is unpacked


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries: as ``to_pylist``, which is slow."""
    return _rows(table, slice(None))


def _rows(table: pa.Table, at: Any) -> list[dict[str, Any]]:
    names = table.column_names
    columns = [listed(column, at) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def listed(column: pa.ChunkedArray, at: Any = slice(None)) -> list[Any]:
    """Return values of a column, all or some by their indices, None for null."""
    if not len(column):
        return []
    array, kind = column.combine_chunks(), column.type
    if pa.types.is_dictionary(kind):
        names = [*array.dictionary.to_pylist(), None]
        codes = np.where(is_there(array), values_of(array.indices), len(names) - 1)[at].tolist()
        return list(map(names.__getitem__, codes))
    if pa.types.is_boolean(kind):
        values = flags_of(array)
    elif pa.types.is_date32(kind):
        values = values_of(array.view(pa.int32())).astype("datetime64[D]")
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        values = values_of(array)
    else:
        values = np.array([*array.to_pylist(), None], dtype=object)[:-1]  # None: no array of two axes
    found = values[at].tolist()
    if array.null_count:
        return [
            value if there else None for value, there in zip(found, is_there(array)[at].tolist(), strict=True)
        ]
    return list(found)


def _filled(kind: pa.DataType, n: int, values: Any, there: BoolArray) -> pa.Array:
    """Return an array from its values, or its bits, and which of them are valid."""
    if not pa.types.is_boolean(kind):
        width = {8: "i1", 16: "i2", 32: "i4", 64: "i8"}[kind.bit_width]
        wanted = "f8" if pa.types.is_floating(kind) else width
        if not there.all():
            values = np.where(there, values, 0)
        values = np.ascontiguousarray(values, dtype=f"<{wanted}")
    validity = None if there.all() else pa.py_buffer(_bits(there))
    return pa.Array.from_buffers(kind, n, [validity, pa.py_buffer(values)])


def _text(values: list[Any]) -> pa.StringArray:
    distinct = {value: str(value).encode() if value else b"" for value in dict.fromkeys(values)}
    pieces = list(map(distinct.__getitem__, values))  # without Python code per row
    lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    offsets = np.zeros(len(pieces) + 1, dtype="<i4")
    np.cumsum(lengths, out=offsets[1:])
    there = lengths > 0
    validity = None if there.all() else pa.py_buffer(_bits(there))
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(b"".join(pieces))]
    return pa.Array.from_buffers(pa.string(), len(pieces), buffers)


def _bits(flags: BoolArray) -> Any:
    return np.packbits(flags, bitorder="little")


def is_there(array: pa.Array) -> BoolArray:
    """Return which values of an array are not null, shape (n,); of an encoded one, by its codes."""
    return np.ones(len(array), dtype=bool) if not array.null_count else _flags(array, 0)


def flags_of(array: pa.Array) -> BoolArray:
    """Return the values of a boolean array as they lie in memory, whatever stands for null."""
    return _flags(array, 1)


def _flags(array: pa.Array, place: int) -> BoolArray:
    """Return the bits of a buffer of an array."""
    bits = np.frombuffer(array.buffers()[place] or b"", np.uint8)
    flags = np.unpackbits(bits, bitorder="little", count=array.offset + len(array))
    return np.asarray(flags[array.offset :].astype(bool))


def encoded_afresh(array: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return texts with codes in the order of appearance and no text without a row."""
    codes, names = values_of(array.indices)[is_there(array)], array.dictionary
    highest = np.maximum.accumulate(codes) if len(codes) else codes
    new = np.diff(highest, prepend=-1)
    ordered = (new <= 1).all() and new.sum() == len(names)
    if ordered and not names.null_count and len(set(names.to_pylist())) == len(names):
        return array
    return array.dictionary_decode().dictionary_encode()


def values_of(array: pa.Array) -> Any:
    """Return the values of an integer or floating array as they lie in memory, whatever stands for null."""
    kind = np.dtype(f"<{'f' if pa.types.is_floating(array.type) else 'i'}{array.type.bit_width // 8}")
    buffer = array.buffers()[1] or b""
    return np.frombuffer(buffer, kind, count=len(array), offset=array.offset * kind.itemsize)
