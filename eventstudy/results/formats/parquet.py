"""Export to parquet: one file per table, or one folder of partitions in Hive's layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from eventstudy.atomic import PART
from eventstudy.errors import UsageError
from eventstudy.numerics.arrow import to_arrow, values_of
from eventstudy.results.formats.parts import NamedParts, gathered

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 250_000  #: rows that are held in memory, a part or less more
_GUARD = "text"  #: names the empty partition that keeps a column of numerals text
_NULL = "__HIVE_DEFAULT_PARTITION__"  #: Hive's name of the partition without a value
_LIKE_A_NUMBER_OR_DATE = re.compile(r"([+-]?[0-9][0-9.:T\s-]*)?")


def write_parquet(tables: NamedParts, folder: Path) -> None:
    """Write each table to one file with its schema, units and the study's document in the metadata."""
    import pyarrow.parquet as pq

    for name, parts in tables:
        together = gathered(parts, AT_ONCE)
        first = next(together)
        with (
            (folder / f"{name}.parquet{PART}").open("xb") as file,
            pq.ParquetWriter(file, first.schema, compression="zstd", write_page_checksum=True) as writer,
        ):
            writer.write_table(first)
            for table in together:
                writer.write_table(table)


def write_partitioned(tables: NamedParts, folder: Path, by: str) -> None:
    """Write each table that has the column ``by`` as ``table/by=value/part-0.parquet``, the others whole.

    Of a table with more than `AT_ONCE` rows a value may have a file for each so many: ``part-1.parquet`` and
    so on.

    Notes
    -----
    Values are percent-encoded, so that no value leaves its folder. Readers guess a partition column's type
    from the names of the folders: tickers such as ``700`` and ``005930`` would come back as the integers 700
    and 5930. Where every value looks like a number or a date, an empty partition ``by=text`` beside the
    others keeps the column text in Arrow, pandas and DuckDB. Rows without a value lie in Hive's
    ``__HIVE_DEFAULT_PARTITION__``, which Arrow and DuckDB read as null and pandas 3.1 cannot read.
    """
    for name, parts in tables:
        together = gathered(parts, AT_ONCE)
        first = next(together)
        if by in first.column_names:
            _write_partitions(_chain(first, together), folder / name, by)
        else:
            write_parquet([(name, _chain(first, together))], folder)


def _chain(first: pa.Table, others: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from others


def _write_partitions(tables: Iterator[pa.Table], folder: Path, by: str) -> None:
    import pyarrow as pa

    folder.mkdir()
    seen: set[str | None] = set()
    for number, table in enumerate(tables):
        field = table.schema.field(by)
        if pa.types.is_floating(field.type):
            raise UsageError(
                f"cannot partition by {by!r}: its values are measured numbers; name a key or a date"
            )
        for value, rows in _by_value(table, by):
            name = _NULL if value is None else quote(value, safe="")
            _write_own_texts(rows, folder / f"{by}={name}", number)
            seen.add(value)
    is_text = pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)
    if not seen or (is_text and all(_LIKE_A_NUMBER_OR_DATE.fullmatch(value or "") for value in seen)):
        _write_own_texts(table.drop_columns([by]).slice(0, 0), folder / f"{by}={_GUARD}", 0)


def _by_value(table: pa.Table, by: str) -> Iterator[tuple[str | None, pa.Table]]:
    """Yield each value of a column as text, and the other columns of its rows in their order."""
    import pyarrow as pa

    text = table[by].cast(pa.string()).combine_chunks().dictionary_encode(null_encoding="encode")
    codes = values_of(text.indices)
    order = np.argsort(codes, kind="stable")
    # ordered once and then cut: to take some rows of a table costs as much as to take all
    rest = table.drop_columns([by]).take(to_arrow(order, pa.int64()))
    start = 0
    for value, rows in zip(text.dictionary.to_pylist(), np.bincount(codes).tolist(), strict=True):
        yield value, rest.slice(start, rows)
        start += rows


def _write_own_texts(table: pa.Table, folder: Path, number: int) -> None:
    """Write a partition, whose texts have dictionaries of its own texts alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [
        column.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    folder.mkdir(exist_ok=True)
    with (folder / f"part-{number}.parquet{PART}").open("xb") as file:
        own = pa.Table.from_arrays(columns, schema=table.schema)
        pq.write_table(own, file, compression="zstd", write_page_checksum=True)
