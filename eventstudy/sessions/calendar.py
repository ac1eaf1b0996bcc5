"""When an exchange trades: its sessions, the last finished one, and the dates its calendar knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.errors import DesignError
from eventstudy.sessions.hours import Hours, hours_between

BUILT_BACK_TO = (date(2015, 1, 1), date(1990, 1, 1), date(1900, 1, 1))  #: the first that suffices is built
KNOWN_AHEAD = timedelta(days=365)  #: holidays further ahead are guesses
FINAL_AFTER = timedelta(minutes=30)  #: a daily bar is final that long after the close


def trading_sessions(exchange: str, start: date, end: date) -> DateArray:
    """Return the sessions of an exchange from ``start`` to ``end``, both included, as datetime64[D].

    A DesignError refuses a date that the calendar does not know, and an exchange without a calendar.
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
    hours = exchange_hours(exchange, date.today())
    horizon = date.today() + KNOWN_AHEAD
    return hours.first, min(hours.last, horizon) if hours.last else horizon


def refuse_unknown_dates(exchange: str, days: DateArray) -> None:
    """Raise a DesignError for the first date that the calendar of the exchange does not know."""
    first, last = calendar_bounds(exchange)
    outside = (days < np.datetime64(first)) | (days > np.datetime64(last))
    if outside.any():
        known = f"the {exchange} calendar knows ({first} to {last})"
        raise DesignError("when", f"{days[outside][0]} lies outside what {known}; correct the date")


def exchange_hours(exchange: str, since: date) -> Hours:
    """Return sessions and hours from a week before ``since`` (or the first known) to a year ahead."""
    start = next((start for start in BUILT_BACK_TO if since - start >= timedelta(days=7)), BUILT_BACK_TO[-1])
    return hours_between(exchange, start, date((date.today() + KNOWN_AHEAD).year, 12, 31))
