"""Days of the week that are those of another time zone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.sessions import known_exchange

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
MANY, NONE = 0.1, 0.02  #: shares of rows: a fifth on each day of the week that has sessions
OPEN_ON_SUNDAYS = ("XTAE", "XSAU", "24/7", "24/5", "us_futures")
#: days of the week on which many rows are and on which none is, and the week that they make
SHIFTED = ((SUNDAY, FRIDAY, "Sunday to Thursday"), (SATURDAY, MONDAY, "Tuesday to Saturday"))


def converted_dates(sessions: DateArray) -> str:
    """Say that rows are a day early or late by their days of the week, ``""`` where they are not."""
    weekday = (sessions.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    for many, none, week in SHIFTED:
        if (weekday == many).mean() > MANY and (weekday == none).mean() < NONE:
            return (
                f"its days run from {week}: midnights that were converted to another time zone; "
                "give the dates of the exchange, as tz_convert(ZONE).tz_localize(None) makes them"
            )
    return ""


def converted_midnights(table: ReturnTable) -> Iterator[Finding]:
    """Find series whose rows are a day early or late, by exchanges that are closed at weekends."""
    for column, name in enumerate(table.names):
        known = table.sessions[np.isfinite(table.values[:, column])]
        code = known_exchange(name, table.exchanges)
        if len(known) and code and code not in OPEN_ON_SUNDAYS and (text := converted_dates(known)):
            yield table.about(column, "weekdays", "error", text)
