"""Columns, header rows and what stands around them, put together as a table without blank columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from eventstudy.errors import FileContentError
from eventstudy.intake.cells import as_text
from eventstudy.intake.table import Table

WIDEST = 20_000  #: columns
#: a cell of a row below the header that says in what the figures are
UNIT = re.compile(
    r"(?:in )?(?:USD|EUR|GBP|GBX|GBp|JPY|KRW|CHF|CAD|AUD|NZD|HKD|SGD|CNY|TWD|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL"
    r"|MXN|ZAR|ILS|TRY|THB|IDR|MYR|US\$|[$€£¥₩원円元]|points?|Punkte|local(?: currency)?)",
    re.IGNORECASE,
)


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
    headers, above = _without_units(headers, above)
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


def _without_units(
    headers: Sequence[Sequence[Any]], above: Sequence[Sequence[Any]]
) -> tuple[Sequence[Sequence[Any]], Sequence[Sequence[Any]]]:
    """Return the header rows with the titles last, and a row of units below them among what stands above."""
    if len(headers) < 2:
        return headers, above
    width = max(map(len, headers))
    titles, units = (_padded(row, width) for row in headers[-2:])
    said = [place for place, cell in enumerate(units) if UNIT.fullmatch(cell)]
    named = [titles[place] for place in said]
    elsewhere = any(
        unit and title for at, (unit, title) in enumerate(zip(units, titles, strict=True)) if at not in said
    )
    if not said or elsewhere or not all(named) or len(set(named)) < len(named):
        return headers, above
    both = [title or unit for title, unit in zip(titles, units, strict=True)]
    return [*headers[:-2], both], [*above, units]


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
