"""`Corrections`: where an exchange traded, or did not, against what its calendar says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.sessions.hours import Hours

#: Larger shares of the sessions are no closures or special sessions but dates that are shifted or filled in.
MOST = 0.02
FEWEST_SERIES = 2  #: one series alone may have been halted, or may have a row too many


@dataclass(frozen=True)
class Corrections:
    """Days by which a calendar is corrected, datetime64[D]: sessions to add, and sessions that were none."""

    extra: DateArray
    closed: DateArray

    def __bool__(self) -> bool:
        return bool(len(self.extra) or len(self.closed))

    def sessions(self, calendar: DateArray, start: date, end: date) -> DateArray:
        """Return the sessions of a calendar from ``start`` to ``end``, corrected."""
        first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
        extra = self.extra[(self.extra >= first) & (self.extra <= last)]
        return np.union1d(np.setdiff1d(calendar, self.closed, assume_unique=True), extra)

    def hours(self, hours: Hours) -> Hours:
        """Return corrected hours; a session that is added has those of the session before it."""
        keep = ~np.isin(hours.sessions, self.closed)
        extra = self.extra[(self.extra > hours.sessions[0]) & ~np.isin(self.extra, hours.sessions)]
        before = np.searchsorted(hours.sessions, extra) - 1
        sessions = np.concatenate([hours.sessions[keep], extra])
        order = np.argsort(sessions)

        def moved(moments: IntArray) -> IntArray:
            added = [
                _on_day(int(moments[at]), hours.sessions[at], day, hours)
                for at, day in zip(before, extra, strict=True)
            ]
            return np.concatenate([moments[keep], np.array(added, dtype=np.int64)])[order]

        return replace(hours, sessions=sessions[order], opens=moved(hours.opens), closes=moved(hours.closes))


NONE = Corrections(np.empty(0, "datetime64[D]"), np.empty(0, "datetime64[D]"))


def traded_otherwise(calendar: DateArray, traded: Sequence[DateArray]) -> Corrections:
    """Find the days on which all series of an exchange contradict its calendar.

    Parameters
    ----------
    calendar
        Sessions by the calendar, datetime64[D], ascending.
    traded
        The days with a close of each series of that exchange.

    Returns
    -------
    Corrections
        Days without a session on which every series that spans them has a close, and sessions on which none
        has one; at least two series must span them. Nothing where these are too many to be exceptions.
    """
    spans = [days for days in traded if len(days)]
    if len(spans) < FEWEST_SERIES or not len(calendar):
        return NONE
    days = np.union1d(calendar, np.concatenate(spans))
    days = days[(days >= calendar[0]) & (days <= calendar[-1])]
    covering, having = np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.int64)
    for own in spans:
        covering[np.searchsorted(days, own[0]) : np.searchsorted(days, own[-1], side="right")] += 1
        inside = own[(own >= days[0]) & (own <= days[-1])]
        having[np.searchsorted(days, inside)] += 1
    enough, session = covering >= FEWEST_SERIES, np.isin(days, calendar, assume_unique=True)
    extra, closed = days[enough & ~session & (having == covering)], days[enough & session & (having == 0)]
    allowed = MOST * int((enough & session).sum())
    none = days[:0]
    return Corrections(extra if len(extra) <= allowed else none, closed if len(closed) <= allowed else none)


def _on_day(moment: int, session: np.datetime64, day: np.datetime64, hours: Hours) -> int:
    """Return the microseconds since 1970 of a session's moment, at the same local time of another day."""
    local = datetime.fromtimestamp(moment / 1e6, UTC).astimezone(hours.zone)
    ahead = timedelta(days=int((day - session).astype(np.int64)))
    return round((local + ahead).timestamp() * 1e6)
