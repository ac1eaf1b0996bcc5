"""From the time stamps of daily rows to their sessions: dates with a clock, and converted midnights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.errors import DesignError, PriceDataError
from eventstudy.sessions.calendar import exchange_hours
from eventstudy.sessions.hours import Hours

DAY, HOUR = 86_400, 3_600  #: seconds
LAST_SECOND = DAY - 1  #: some exports date a day of continuous trading by its last second
AFTER_CLOSE = 4 * HOUR  #: a daily bar may be stamped that long after the close
CLEARLY = 0.1  #: share of rows: dates that are a day off lose a fifth, those around each weekend
CONTINUOUS = "24/7"


@dataclass(frozen=True)
class Stamps:
    """Time stamps as written, arrays of shape (T,).

    ``days`` (datetime64[D]) and ``clock`` (seconds since midnight, int64) are local; ``offset`` are the
    seconds by which that clock is ahead of UTC, NaN where no zone is written.
    """

    days: DateArray
    clock: IntArray
    offset: FloatArray

    @property
    def utc(self) -> IntArray:
        """Seconds since 1970 UTC, shape (T,); where no zone is written, by the clock as if it were UTC."""
        moments: IntArray = (
            self.days.astype(np.int64) * DAY + self.clock - np.nan_to_num(self.offset).astype(np.int64)
        )
        return moments

    def rows(self, at: Any) -> Stamps:
        """Return some of them: places, a slice, or truth values of shape (T,)."""
        return Stamps(self.days[at], self.clock[at], self.offset[at])


def session_days(name: str, stamps: Stamps, exchange: str) -> tuple[DateArray, str]:
    """Return the session of each row of daily data, and what was converted (``""``: the dates as written).

    Midnights, and time stamps that are all 00:00 UTC, are dates. Midnights of the exchange's zone that were
    converted to another zone are its dates again, as are hours of its sessions. Where no zone is written the
    clock is read as UTC's if it is midnight on the exchange, and the calendar must agree.

    Parameters
    ----------
    name
        The ticker or file, for messages.
    exchange
        As `exchange_of` returns it; ``""`` where it is not known.

    Raises
    ------
    PriceDataError
        Intraday data, or time stamps from which the sessions cannot be told.
    """
    if not stamps.clock.any():
        return stamps.days, ""
    hours = _hours(exchange, stamps.days)
    days, why = (_of_instants if np.isfinite(stamps.offset).all() else _of_clocks)(name, stamps, hours)
    order = np.lexsort((stamps.utc, days))
    again = (np.diff(days[order]).astype(np.int64) == 0) & (np.diff(stamps.utc[order]) != 0)
    if again.any():
        day = days[order][1:][again][0]
        raise PriceDataError(name, f"has several times on {day}: intraday data", "give one row per session")
    moved = np.flatnonzero(days != stamps.days)
    if not len(moved):
        return days, ""
    first = int(moved[0])
    return days, f"{why}: {_shown(stamps, first)} is the session of {days[first]}"


def _hours(exchange: str, days: DateArray) -> Hours | None:
    try:
        return exchange_hours(exchange, days.min().astype(date)) if exchange else None
    except DesignError:  # no usable calendar
        return None


def _of_instants(name: str, stamps: Stamps, hours: Hours | None) -> tuple[DateArray, str]:
    """Return the days of moments, whose zone is written."""
    if not (stamps.utc % DAY).any():
        return (stamps.utc // DAY).astype("datetime64[D]"), "00:00 UTC is a date"
    if hours is None:
        return _of_clocks(name, stamps, hours)
    days, clock = _local(stamps, hours.zone)
    if not clock.any():
        return days, f"midnights of {hours.zone.key} that were converted to another time zone"
    if _around_the_clock(hours):
        if (clock < LAST_SECOND).any():
            raise _unreadable(name, stamps, hours)
        return days, f"the last second of a day in {hours.zone.key}"
    if _in_session(stamps.utc, hours).all() or ((days == stamps.days).all() and _fits(days, hours)):
        return days, f"the clock of {hours.zone.key}"
    raise _unreadable(name, stamps, hours)


def _of_clocks(name: str, stamps: Stamps, hours: Hours | None) -> tuple[DateArray, str]:
    """Return the days of clocks without a zone: as written or a day later, as the calendar says."""
    if hours is not None:
        days, clock = _local(stamps, hours.zone)
        midnights = not clock.any()
        if midnights and (days == stamps.days).all():
            return days, ""
        of_utc = midnights or (not _around_the_clock(hours) and bool(_in_session(stamps.utc, hours).all()))
        if of_utc and _share(days, hours) > _share(stamps.days, hours) + CLEARLY:
            what = "midnights" if midnights else "hours"
            return days, f"{what} of {hours.zone.key} that were converted to UTC"
        if _around_the_clock(hours) and (stamps.clock == LAST_SECOND).all():
            return stamps.days, ""
    if _fits(stamps.days, hours):
        return stamps.days, ""
    raise _unreadable(name, stamps, hours)


def _local(stamps: Stamps, zone: ZoneInfo) -> tuple[DateArray, IntArray]:
    """Return days and clocks in a zone, shape (T,) each."""
    hours, at = np.unique(stamps.utc // HOUR, return_inverse=True)
    ahead = np.array([_offset(zone, hour) for hour in hours.tolist()], dtype=np.int64)[at]
    local = stamps.utc + ahead
    return (local // DAY).astype("datetime64[D]"), local % DAY


@lru_cache(maxsize=200_000)
def _offset(zone: ZoneInfo, hour: int) -> int:
    """Return the seconds by which a zone is ahead of UTC in an hour since 1970; it changes at full hours."""
    ahead = datetime.fromtimestamp(hour * HOUR, UTC).astimezone(zone).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


def _in_session(utc: IntArray, hours: Hours) -> BoolArray:
    """Return which moments lie between an open and some hours after the close of the same session."""
    at = np.searchsorted(hours.closes, (utc - AFTER_CLOSE) * 1_000_000)
    inside: BoolArray = hours.opens[np.minimum(at, len(hours.opens) - 1)] <= utc * 1_000_000
    return inside


def _around_the_clock(hours: Hours) -> bool:
    week = hours.sessions[-7:]
    return len(week) == 7 and int((week[-1] - week[0]).astype(np.int64)) == 6


def _fits(days: DateArray, hours: Hours | None) -> bool:
    """Return whether the exchange traded clearly more often on these days than on those that follow them."""
    return _share(days, hours) > _share(days + np.timedelta64(1, "D"), hours) + CLEARLY


def _share(days: DateArray, hours: Hours | None) -> float:
    """Return the share of days on which the exchange traded, of those that its calendar covers."""
    if hours is None:
        return float(np.is_busday(days).mean())
    inside = days[(days >= hours.sessions[0]) & (days <= hours.sessions[-1])]
    return float(np.isin(inside, hours.sessions).mean()) if len(inside) else 0.0


def _unreadable(name: str, stamps: Stamps, hours: Hours | None) -> PriceDataError:
    clocks = [_clock(seconds) for seconds in np.unique(stamps.clock).tolist()]
    shown = (
        " and ".join(clocks) if len(clocks) < 3 else f"{len(clocks)} clocks from {clocks[0]} to {clocks[-1]}"
    )
    problem = f"its time stamps ({shown}, first {_shown(stamps, 0)}) do not tell the session"
    zone = hours.zone.key if hours else "ZONE"
    text = f"{problem}: dates that were converted to another time zone, or intraday data"
    return PriceDataError(
        name, text, f"give dates, as tz_convert('{zone}').tz_localize(None) makes them, or name its exchange"
    )


def _shown(stamps: Stamps, row: int) -> str:
    ahead = stamps.offset[row]
    zone = ""
    if np.isfinite(ahead):
        minutes = round(abs(ahead) / 60)
        zone = f"{'-' if ahead < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if ahead else " UTC"
    return f"{stamps.days[row]} {_clock(int(stamps.clock[row]))}{zone}"


def _clock(seconds: int) -> str:
    text = f"{seconds // HOUR:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
