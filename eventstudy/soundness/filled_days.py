"""Rows on days without trading: calendar days or holidays that were filled in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import BoolArray
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding

DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LEAST = 8  #: rows on a day of the week without which it is not judged
NOTHING, SOMETHING = (
    0.95,
    0.5,
)  #: shares of rows without a return: of that day at least, of the others at most
FEWEST = 3  #: holidays that were filled in ...
LEAST_SHARE = 0.005  #: ... and their share of the rows: exchanges close on 3 % of weekdays
RARELY = 0.1  #: share of these rows that chance may make, where the series are zero independently


def filled_days(table: ReturnTable) -> Iterator[Finding]:
    """Find days of the week, or days common to all series, on which nothing but zero or nothing is given.

    They are no sessions, and would count as such in every window.
    """
    empty: BoolArray = ~(np.nan_to_num(table.values) != 0)
    weekday = (table.sessions.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    rows = np.bincount(weekday, minlength=7)
    shares = np.array([empty[weekday == day].mean(axis=0) if rows[day] else 0 * empty[0] for day in range(7)])
    closed = (shares >= NOTHING) & (rows >= LEAST)[:, None]
    for column in np.flatnonzero(closed.any(axis=0)).tolist():
        days = np.flatnonzero(closed[:, column])
        others = ~np.isin(weekday, days)
        if others.any() and empty[others, column].mean() <= SOMETHING:
            names = " and ".join(DAYS[day] for day in days)
            text = f"the rows on {names} hold no return: days without trading were filled in; leave them out"
            yield table.about(column, "filled-days", "error", text)
    if not closed.any():
        yield from _holidays(table, empty)


def _holidays(table: ReturnTable, empty: BoolArray) -> Iterator[Finding]:
    zero = table.values == 0
    both = empty.all(axis=1) & (zero.sum(axis=1) >= 2)
    n, shares = int(both.sum()), zero.mean(axis=0)
    by_chance = len(both) * float(np.prod(np.maximum(shares - both.mean(), 0.0)))
    if n < max(FEWEST, LEAST_SHARE * len(both)) or by_chance > RARELY * n:
        return
    first = table.sessions[int(np.argmax(both))]
    for column in np.flatnonzero(zero[both].any(axis=0)).tolist():
        text = f"on {n} days, first on {first}, all returns are zero: holidays were filled in; leave them out"
        yield table.about(column, "filled-days", "error", text)
