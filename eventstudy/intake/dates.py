"""Cells to dates: every written form, serial numbers, time stamps with and without a zone."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import DateArray
from eventstudy.errors import FileContentError
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import from_arrow


class Days(NamedTuple):
    """Dates of a column: datetime64[D] of shape (T,), NaT where empty, and how they were read."""

    days: DateArray
    form: str


def days_of(table: Table, place: int, options: ReadingOptions, *, zone: str | None = None) -> Days:
    """Return the dates of a column, decided over all its rows.

    Parameters
    ----------
    table, place
        The column.
    zone
        Zone of the exchange (IANA), in which time stamps with a zone are dated.

    Raises
    ------
    FileContentError
        Text that is no date, with its line; dates that can be read in two ways and that nothing settles,
        naming both readings and ``--date-order``; forms that are mixed; intraday stamps.
    """
    column = table.columns[place]
    try:
        return Days(from_arrow(pc.cast(column, pa.date32(), safe=False)), "YYYY-MM-DD")
    except pa.ArrowInvalid as error:
        raise FileContentError(table.name, f"{table.titles[place]}: {error}") from None
