"""Columns, header rows and what stands around them, put together as a table without blank columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from eventstudy.errors import FileContentError
from eventstudy.intake.cells import as_text
from eventstudy.intake.table import Table

WIDEST = 20_000  #: columns


def assembled(
    name: str,
    columns: Sequence[pa.ChunkedArray],
    *,
    headers: Sequence[Sequence[Any]],
    above: Sequence[Sequence[Any]],
    below: Sequence[Sequence[Any]],
    first_line: int,
    lines: tuple[int, ...] | None = None,
    separator: str = "",
    encoding: str = "",
    formats: Mapping[int, str] = MappingProxyType({}),
) -> Table:
    """Return a table without the columns that have neither a title nor a cell.

    Rows are cut or filled to the number of columns; what stands above a column that is left out moves to the
    first one.

    Raises
    ------
    FileContentError
        More than 20,000 columns.
    """
    titles = _padded(headers[-1], len(columns)) if headers else ("",) * len(columns)
    kept = [
        place
        for place, column in enumerate(columns)
        if titles[place] or column.null_count < len(column) or not len(column)
    ]
    if len(kept) > WIDEST:
        raise FileContentError(name, f"has {len(kept):,} columns", f"give at most {WIDEST:,}")
    place_of = {old: new for new, old in enumerate(kept)}
    return Table(
        name,
        tuple(columns[place] for place in kept),
        tuple(_chosen(row, kept) for row in headers),
        tuple(_moved(row, kept) for row in above),
        tuple(tuple(map(as_text, row)) for row in below),
        first_line,
        lines,
        separator,
        encoding,
        MappingProxyType({place_of[old]: form for old, form in formats.items() if old in place_of}),
    )


def _padded(row: Sequence[Any], width: int) -> tuple[str, ...]:
    texts = tuple(map(as_text, row[:width]))
    return texts + ("",) * (width - len(texts))


def _chosen(row: Sequence[Any], kept: Sequence[int]) -> tuple[str, ...]:
    return tuple(as_text(row[place]) if place < len(row) else "" for place in kept)


def _moved(row: Sequence[Any], kept: Sequence[int]) -> tuple[str, ...]:
    """Return the cells above the kept columns, as many as there are; others move to the first."""
    cells = [as_text(row[place]) for place in kept if place < len(row)]
    lost = [text for place, cell in enumerate(row) if place not in kept and (text := as_text(cell))]
    if lost and (not cells or not cells[0]):
        cells = [" ".join(lost), *cells[1:]]
    return tuple(cells)
