"""Tables as formats take them: a part at a time, so that none need be in memory whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


Parts = Iterable["pa.Table"]  #: of one table, one after the other, each with all columns; at least one
NamedParts = Iterable[tuple[str, Parts]]


def joined(parts: Parts) -> pa.Table:
    """Return parts as one table, each text column with one dictionary."""
    import pyarrow as pa

    return pa.concat_tables(parts).unify_dictionaries()


def whole(tables: NamedParts) -> Iterator[tuple[str, pa.Table]]:
    """Yield each table whole, for formats that cannot write a part of one."""
    for name, parts in tables:
        yield name, joined(parts)


def gathered(parts: Parts, least: int) -> Iterator[pa.Table]:
    """Yield parts put together to tables of at least so many rows; the last may have fewer."""
    held: list[pa.Table] = []
    rows = 0
    for part in parts:
        held.append(part)
        rows += len(part)
        if rows >= least:
            yield joined(held)
            held, rows = [], 0
    if held:
        yield joined(held)
