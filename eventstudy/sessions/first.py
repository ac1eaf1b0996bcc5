"""The first session of an exchange in which a piece of news could be traded.

News before the open or during a session belongs to it; news at or after the close, on a weekend or on a
holiday belongs to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

import numpy as np

from eventstudy._typing import BoolArray, DateArray, IntArray, TextArray, Timing
from eventstudy.errors import DesignError, UnknownNameError, UsageError
from eventstudy.sessions.calendar import exchange_hours, refuse_unknown_dates
from eventstudy.sessions.corrections import Corrections
from eventstudy.sessions.hours import Hours

EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class SessionMap:
    """First sessions in which news could be traded: arrays of shape (n,), one entry per piece of news.

    ``session`` (datetime64[D]) is day 0, ``shift`` (int64) the calendar days to it from the stated date in
    the zone of the news. ``timing`` is ``pre``, ``regular`` or ``post``, by the time stamp if there is one
    (on a closed day ``pre``: before the next open), else as stated, else ``unknown``. ``note`` is the reason
    for that session. ``overruled`` says where the clock contradicts the stated timing.
    """

    session: DateArray
    shift: IntArray
    timing: TextArray
    note: TextArray
    overruled: BoolArray


def first_sessions(
    when: Sequence[datetime | date],
    timing: Sequence[str | None],
    exchange: str,
    corrections: Corrections | None = None,
) -> SessionMap:
    """Return the first session of an exchange that could react to each piece of news.

    Parameters
    ----------
    when
        Time stamps with a zone, or plain dates: local dates of the exchange.
    timing
        ``pre``, ``regular``, ``post``, ``unknown`` or None for each. It decides for plain dates only:
        ``post`` means the next session, anything else that date's session, or the next where there is none.
        Against a time stamp the clock wins, and the note says so.
    exchange
        As `exchange_of` returns it.
    corrections
        Sessions that its calendar lacks, or has too many.

    Notes
    -----
    News at the very second of the close cannot be in that session's closing price: next session.

    A DesignError refuses a time stamp without a zone, a date that the calendar does not know, and an exchange
    without a calendar; a UsageError an unknown timing, and lists of unequal length.
    """
    if len(when) != len(timing):
        raise UsageError(f"{len(when)} pieces of news but {len(timing)} timings; give one for each")
    hint = np.array([_hint(entry) for entry in timing], dtype=object)
    stamped = np.array([_has_clock(entry) for entry in when], dtype=bool)
    stated = np.array([entry.toordinal() - EPOCH for entry in when], dtype=np.int64).astype("datetime64[D]")
    utc = np.zeros(len(when), dtype=np.int64)
    utc[stamped] = _microseconds([entry for entry in when if isinstance(entry, datetime)])
    hours = exchange_hours(exchange, stated.min().astype(date) if len(stated) else date.today())
    if corrections:
        hours = corrections.hours(hours)
    day = stated.copy()
    local = [entry.astimezone(hours.zone).date() for entry in when if isinstance(entry, datetime)]
    day[stamped] = np.array(local, dtype="datetime64[D]")
    refuse_unknown_dates(exchange, day)
    index = np.where(
        stamped,
        np.searchsorted(hours.closes, utc, side="right"),
        np.searchsorted(hours.sessions, day + (hint == "post").astype("timedelta64[D]")),
    )
    refuse_unknown_dates(exchange, day[index == len(hours.sessions)] + np.timedelta64(7, "D"))
    note, clock, overruled = _reasons(hours, index, day, utc, stamped, hint)
    session = hours.sessions[index]
    return SessionMap(session, (session - stated).astype(np.int64), clock, note, overruled)


def _reasons(
    hours: Hours, index: IntArray, day: DateArray, utc: IntArray, stamped: BoolArray, hint: TextArray
) -> tuple[TextArray, TextArray, BoolArray]:
    """Return note, timing and whether the clock overrules it; ``day`` is the exchange's local date."""
    is_session = np.isin(day, hours.sessions)
    during = stamped & (utc >= hours.opens[index])
    before = stamped & ~during & (hours.sessions[index] == day)
    at_close = stamped & ~during & (utc == hours.closes[np.maximum(index - 1, 0)])
    same_day = ~stamped & (hint != "post") & is_session
    closed = "closed that day (holiday or weekend): next session"
    cases: list[tuple[BoolArray, str, str]] = [
        (during, "during the session", "regular"),
        (before, "before the open", "pre"),
        (at_close, "at the close: next session", "post"),
        (stamped & is_session, "after the close: next session", "post"),
        (stamped, closed, "pre"),
        (same_day & (hint == "pre"), "before the open", "pre"),
        (same_day & (hint == "regular"), "during the session", "regular"),
        (same_day, "time unknown: that date's session", "unknown"),
        (is_session, "after the close: next session", "post"),
        (hint == "unknown", f"time unknown; {closed}", "unknown"),
    ]
    conditions = [condition for condition, _, _ in cases]
    note = np.select(conditions, [text for _, text, _ in cases], closed).astype(object)
    clock = np.select(conditions, [text for _, _, text in cases], "").astype(object)
    clock[clock == ""] = hint[clock == ""]
    for half in np.unique(day[np.isin(day, np.array(list(hours.half), dtype=day.dtype))]):
        note[day == half] += f" (half day: closed at {hours.half[half]})"
    for stated in np.unique(hint[overruled := stamped & is_session & (hint != "unknown") & (hint != clock)]):
        note[overruled & (hint == stated)] += f"; the clock overrules timing {stated!r}"
    return note, clock, overruled


def _hint(timing: str | None) -> str:
    if timing is not None and timing not in get_args(Timing):
        raise UnknownNameError("timing", str(timing), get_args(Timing))
    return timing or "unknown"


def _has_clock(entry: datetime | date) -> bool:
    if not isinstance(entry, datetime):
        return False
    if entry.utcoffset() is None:
        raise DesignError("when", f"{entry} has no zone; add one such as America/New_York, or give a date")
    return True


def _microseconds(stamps: Sequence[datetime]) -> IntArray:
    """Return microseconds since 1970 UTC; seconds as a float hold them exactly until the year 2255."""
    return np.rint(np.array([stamp.timestamp() for stamp in stamps]) * 1e6).astype(np.int64)
