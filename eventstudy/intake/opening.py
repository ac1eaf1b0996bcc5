"""Bytes to tables: containers, encodings, separators, header blocks and footers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

LEAST_ROWS = 60  #: dated rows of a table of prices, where a file holds several


def tables_of(
    name: str, raw: bytes, options: ReadingOptions, *, least_rows: int = LEAST_ROWS
) -> tuple[Table, ...]:
    """Return the tables in the bytes of a file: one, or one per sheet or inner file that holds a table.

    Parameters
    ----------
    least_rows
        Dated rows that make a sheet or an inner file a table where others hold less: 60 for prices, 1 for
        event lists.

    Raises
    ------
    FileContentError
        Bytes that hold no table, are of no known container or encoding, are too large unpacked, need an
        extra that is not installed, or can be split into columns in two ways.
    """
    if raw[:4] == b"PAR1":
        return (table_of_arrow(name, pyarrow.parquet.read_table(pa.BufferReader(raw))),)
    header = [title.strip() for title in raw.split(b"\n", 1)[0].decode("utf-8-sig").strip().split(",")]
    labels = [f"{place}" for place in range(len(header))]
    read = pyarrow.csv.read_csv(
        pa.BufferReader(raw),
        read_options=pyarrow.csv.ReadOptions(column_names=labels, skip_rows=1),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(labels, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    return (Table(name, tuple(read.columns), (tuple(header),), separator=",", encoding="utf-8"),)


def table_of_arrow(name: str, table: pa.Table) -> Table:
    """Return an Arrow table as a table with its column names as titles."""
    return Table(name, tuple(table.columns), (tuple(map(str, table.column_names)),), first_line=1)


def table_of_frame(name: str, frame: Any) -> Table:
    """Return the table of a frame of any library (pandas, polars, Arrow, DuckDB, anything narwhals knows).

    A pandas index that is not a plain range becomes the first column; a header of several levels becomes
    header rows.
    """
    return table_of_arrow(name, pa.Table.from_pandas(frame))
