"""Returns of a market that a long table repeats on the rows of every security."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.table import Table

CHUNK = 1_000_000  #: rows compared at a time
SAME = 1e-9  #: relative; a figure stored in single precision or rounded anew is the same


def market_series(
    table: Table, place: int, dates: Days, values: FloatArray, exchange: str = ""
) -> SeriesColumns:
    """Return the market's return on each day of a table.

    Parameters
    ----------
    place
        The column, for messages.
    dates, values
        Date and return of each row, shape (T,).

    Raises
    ------
    FileContentError
        A day with two returns.
    """
    days = dates.days
    first = days.min()
    there = np.zeros(int((days.max() - first).astype(np.int64)) + 1, dtype=bool)
    by_day = np.full(len(there), np.nan)
    for start in range(0, len(days), CHUNK):
        part, found = values[start : start + CHUNK], days[start : start + CHUNK]
        at = (found - first).astype(np.int64)
        there[at] = True
        new = np.isfinite(part) & np.isnan(by_day[at])
        by_day[at[new]] = part[new]
        differs = np.flatnonzero(np.abs(by_day[at] - part) > SAME * (np.abs(part) + SAME))
        if len(differs):
            row = int(differs[0])
            problem = f"{table.titles[place]} is {by_day[at[row]]:g} and {part[row]:g} on {found[row]}"
            line = table.line(start + row)
            raise FileContentError(table.name, problem, "correct one, or rename the column", line=line)
    sessions = np.flatnonzero(there)
    stamps = None if dates.stamps is None else dates.stamps.rows(np.unique(days, return_index=True)[1])
    return SeriesColumns(first + sessions, {"return": by_day[sessions]}, exchange=exchange, stamps=stamps)
