"""Returns of a market that a long table repeats on the rows of every security."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.table import Table

SAME = 1e-9  #: relative; a figure stored in single precision or rounded anew is the same


def market_series(
    table: Table, place: int, days: DateArray, values: FloatArray, exchange: str = ""
) -> SeriesColumns:
    """Return the market's return on each day of a table.

    Parameters
    ----------
    place
        The column, for messages.
    days, values
        Date and return of each row, shape (T,).

    Raises
    ------
    FileContentError
        A day with two returns.
    """
    at = (days - days.min()).astype(np.int64)
    sessions = np.flatnonzero(np.bincount(at))
    known = np.isfinite(values)
    by_day = np.full(sessions[-1] + 1, np.nan)
    by_day[at[known]] = values[known]
    differs = np.flatnonzero(known & ~np.isclose(by_day[at], values, rtol=SAME, atol=SAME / 1000))
    if len(differs):
        row = int(differs[0])
        problem = f"{table.titles[place]} is {values[row]:g} and {by_day[at[row]]:g} on {days[row]}"
        raise FileContentError(table.name, problem, "correct one, or rename the column", line=table.line(row))
    return SeriesColumns(days.min() + sessions, {"return": by_day[sessions]}, exchange=exchange)
