"""Export to parquet: one file per table, or one folder of partitions in Hive's layout."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.atomic import PART
from eventstudy.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

PARTITION_FILE = "part-0.parquet"
_GUARD = "text"  #: names the empty partition that keeps a column of numerals text
_LIKE_A_NUMBER_OR_DATE = re.compile(r"([+-]?[0-9][0-9.:T\s-]*)?")


def write_parquet(tables: Iterable[tuple[str, pa.Table]], folder: Path) -> None:
    """Write each table to one file with its schema, units and the study's document in the metadata."""
    import pyarrow.parquet as pq

    for name, table in tables:
        with (folder / f"{name}.parquet{PART}").open("xb") as file:
            pq.write_table(table, file, compression="zstd", write_page_checksum=True)


def write_partitioned(tables: Iterable[tuple[str, pa.Table]], folder: Path, by: str) -> None:
    """Write each table that has the column ``by`` as ``table/by=value/part-0.parquet``, the others whole.

    Notes
    -----
    Values are percent-encoded, so that no value leaves its folder. Readers guess a partition column's type
    from the names of the folders: tickers such as ``700`` and ``005930`` would come back as the integers 700
    and 5930. Where every value looks like a number or a date, an empty partition ``by=text`` beside the
    others keeps the column text in Arrow, pandas and DuckDB. Rows without a value lie in Hive's
    ``__HIVE_DEFAULT_PARTITION__``, which Arrow and DuckDB read as null and pandas 3.1 cannot read.
    """
    for name, table in tables:
        if by in table.column_names:
            _write_dataset(table, folder / name, by)
        else:
            write_parquet([(name, table)], folder)


def _write_dataset(table: pa.Table, folder: Path, by: str) -> None:
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    field = table.schema.field(by)
    if pa.types.is_floating(field.type):
        raise UsageError(f"cannot partition by {by!r}: its values are measured numbers; name a key or a date")
    at = table.column_names.index(by)
    is_text = pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)
    if is_text:
        table = table.set_column(at, by, table[by].cast(pa.string()))
    values = table[by].unique().to_pylist()
    ds.write_dataset(
        table,
        folder,
        format=(form := ds.ParquetFileFormat()),
        file_options=form.make_write_options(compression="zstd", write_page_checksum=True),
        partitioning=ds.partitioning(pa.schema([table.schema.field(by)]), flavor="hive"),
        basename_template=PARTITION_FILE.replace("0", "{i}") + PART,
        max_partitions=len(values) + 1,
        max_rows_per_file=0,
        use_threads=False,  # keeps the rows in order
    )
    if not values or (is_text and all(_LIKE_A_NUMBER_OR_DATE.fullmatch(value or "") for value in values)):
        guard = folder / f"{by}={_GUARD}"
        guard.mkdir(parents=True)
        with (guard / f"{PARTITION_FILE}{PART}").open("xb") as file:
            pq.write_table(table.slice(0, 0).drop_columns([by]), file)
