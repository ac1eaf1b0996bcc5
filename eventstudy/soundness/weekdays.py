"""Days of the week that are those of another time zone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.errors import DesignError
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.sessions import exchange_of

FRIDAY, SUNDAY = 4, 6
MANY, NONE = 0.1, 0.02  #: shares of rows: a fifth on each day of the week that has sessions
OPEN_ON_SUNDAYS = ("XTAE", "XSAU", "24/7", "24/5", "us_futures")
CONVERTED = (
    "its days run from Sunday to Thursday: midnights that were converted to another time zone; "
    "give the dates of the exchange, as tz_convert(ZONE).tz_localize(None) makes them"
)


def from_sunday_to_thursday(sessions: DateArray) -> bool:
    """Whether many rows are on Sundays and none on Fridays."""
    weekday = (sessions.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    sundays, fridays = float((weekday == SUNDAY).mean()), float((weekday == FRIDAY).mean())
    return sundays > MANY and fridays < NONE


def converted_midnights(table: ReturnTable) -> Iterator[Finding]:
    """Find series whose rows are a day early, by exchanges that are closed on Sundays."""
    for column, name in enumerate(table.names):
        known = table.sessions[np.isfinite(table.values[:, column])]
        if len(known) and _closed_on_sundays(name, table) and from_sunday_to_thursday(known):
            yield table.about(column, "weekdays", "error", CONVERTED)


def _closed_on_sundays(name: str, table: ReturnTable) -> bool:
    try:
        return exchange_of(name, table.exchanges) not in OPEN_ON_SUNDAYS
    except DesignError:
        return False
