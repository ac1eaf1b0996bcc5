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
    """Find series whose rows are a day early or late, or at weekends, by exchanges that are closed then.

    A name without a suffix may be of what trades every day.
    """
    for column, name in enumerate(table.names):
        values = table.values[:, column]
        known = table.sessions[np.isfinite(values)]
        code = known_exchange(name, table.exchanges)
        if not len(known) or not code or code in OPEN_ON_SUNDAYS:
            continue
        weekend = ~np.is_busday(table.sessions[np.isfinite(values) & (values != 0)])
        if text := converted_dates(known):
            yield table.about(column, "weekdays", "error", text)
        elif "." in name and len(weekend) and (share := float(weekend.mean())) > MANY:
            text = f"{share:.0%} of its returns are on Saturdays and Sundays, when {code} is closed"
            yield table.about(column, "weekdays", "error", f"{text}; give the sessions alone")
