"""When an exchange trades: its sessions and their hours.

Calendars are those of ``exchange_calendars``, built only as far back as a request needs and kept for the life
of the process.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import DesignError

BUILT_BACK_TO = (date(2015, 1, 1), date(1990, 1, 1), date(1900, 1, 1))  #: the first that suffices is built
KNOWN_AHEAD = timedelta(days=365)  #: holidays further ahead are guesses
FINAL_AFTER = timedelta(minutes=30)  #: a daily bar is final that long after the close


@dataclass(frozen=True)
class Hours:
    """Sessions of an exchange and their hours, one entry per session.

    Attributes
    ----------
    sessions
        datetime64[D] of shape (T,).
    opens, closes
        int64 of shape (T,), microseconds since 1970 UTC.
    zone
        Time zone of the exchange.
    half
        Sessions that close early, and the local time at which they do.
    """

    sessions: DateArray
    opens: IntArray
    closes: IntArray
    zone: Any
    half: Mapping[np.datetime64, str]


def trading_sessions(exchange: str, start: date, end: date) -> DateArray:
    """Return the sessions of an exchange from ``start`` to ``end``, both included, as datetime64[D].

    Raises
    ------
    DesignError
        A date outside what the calendar knows, or an exchange without a usable calendar.
    """
    refuse_unknown_dates(exchange, np.array([start, end], dtype="datetime64[D]"))
    sessions = exchange_hours(exchange, start).sessions
    first, behind = np.searchsorted(
        sessions, np.array([start, end + timedelta(days=1)], dtype="datetime64[D]")
    )
    return sessions[first:behind].copy()


def last_finished_session(exchange: str, now: datetime | None = None) -> date:
    """Return the last session that closed at least half an hour before ``now`` (default: the present)."""
    now = now or datetime.now(UTC)
    hours = exchange_hours(exchange, now.date() - timedelta(days=60))
    moment = int((now - FINAL_AFTER).timestamp() * 1_000_000)
    finished = int(np.searchsorted(hours.closes, moment, side="right"))
    last: date = hours.sessions[finished - 1].astype(date)
    return last


def calendar_bounds(exchange: str) -> tuple[date, date]:
    """Return the first and the last date the calendar of an exchange knows; it ends a year from today."""
    kind = _calendar_class(exchange)
    first, last = kind.bound_min(), kind.bound_max()
    horizon = date.today() + KNOWN_AHEAD
    return first.date() if first else BUILT_BACK_TO[-1], min(last.date(), horizon) if last else horizon


def refuse_unknown_dates(exchange: str, days: DateArray) -> None:
    """Raise a DesignError for the first of these dates that the calendar of the exchange does not know."""
    first, last = calendar_bounds(exchange)
    outside = (days < np.datetime64(first)) | (days > np.datetime64(last))
    if outside.any():
        known = f"the {exchange} calendar knows ({first} to {last})"
        raise DesignError("when", f"{days[outside][0]} lies outside what {known}; correct the date")


def exchange_hours(exchange: str, since: date) -> Hours:
    """Return sessions and hours from a week before ``since`` (or the first known) to a year ahead."""
    first, last = calendar_bounds(exchange)
    start = next((start for start in BUILT_BACK_TO if since - start >= timedelta(days=7)), first)
    return _build(exchange, max(start, first), last)


@cache
def _build(exchange: str, start: date, end: date) -> Hours:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # exchange_calendars uses what pandas 4 removes
        try:
            calendar = _calendar_class(exchange)(start=start, end=end)
        except (NotImplementedError, ValueError) as error:
            problem = f"the {exchange} calendar cannot be built ({type(error).__name__}: {error})"
            raise DesignError("exchanges", f"{problem}; name an exchange that keeps the same days") from error
        early = calendar.closes[calendar.early_closes].dt.tz_convert(calendar.tz).dt.strftime("%H:%M")
        return Hours(
            sessions=calendar.sessions.to_numpy().astype("datetime64[D]"),
            opens=calendar.opens_nanos // 1000,
            closes=calendar.closes_nanos // 1000,
            zone=calendar.tz,
            half=dict(zip(early.index.to_numpy().astype("datetime64[D]"), early, strict=True)),
        )


def _calendar_class(exchange: str) -> Any:
    from exchange_calendars.calendar_utils import _default_calendar_factories  # bounds come before building

    return _default_calendar_factories[exchange]
