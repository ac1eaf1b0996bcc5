"""Time stamps to dates of an exchange."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy._typing import BoolArray, DateArray, IntArray
from eventstudy.intake.column import DateColumn
from eventstudy.intake.written import NO_OFFSET

NEW_YORK = "America/New_York"
DAY = 86_400  #: seconds


class Stamps(NamedTuple):
    """Distinct time stamps: wall clocks (datetime64[s]), offsets from UTC in minutes, and their codes."""

    wall: DateArray
    offsets: IntArray
    codes: IntArray

    @classmethod
    def of_instants(cls, seconds: IntArray, zone: str | None) -> Stamps:
        """Return the stamps of seconds since 1970: UTC in a zone, or of the wall where ``zone`` is None."""
        instants = np.asarray(seconds, dtype=np.int64)
        codes = np.arange(len(instants))
        if zone is None:
            return cls(instants.astype("datetime64[s]"), np.full(len(instants), NO_OFFSET), codes)
        wall = _wall(instants, _zone(zone))
        return cls(wall.astype("datetime64[s]"), (wall - instants) // 60, codes)


def days_of_stamps(column: DateColumn, stamps: Stamps, zone: str | None) -> tuple[DateArray, str]:
    """Return the dates of distinct stamps on the exchange, shape (n,), and how they were read.

    Midnights are dates. Other stamps of one clock per date are dated by their own wall, or, if they are UTC,
    in the zone of the exchange: there they must be of one clock. One hour of UTC that is no such clock is
    the midnight of an exchange east of it, if the weekdays say so.

    Raises
    ------
    FileContentError
        Several stamps on a date, as of intraday prices; stamps of UTC that could be of two dates.
    """
    clocks = stamps.wall.astype(np.int64) % DAY
    days = stamps.wall.astype("datetime64[D]")
    if not clocks.any():
        return days, "midnights"
    zoned = stamps.offsets != NO_OFFSET
    if zoned.any() and not zoned.all():
        raise _error(column, stamps, int(np.argmin(zoned)), "has no zone, and other rows have one")
    if zoned.all() and not stamps.offsets.any():
        return _of_utc(column, stamps, zone)
    _refuse_intraday(column, stamps, clocks, days)
    if not zoned.any() and _falls_on_sundays(days):
        problem = "has no zone and the dates fall on Sundays and never on Fridays, as of UTC"
        raise _error(column, stamps, 0, problem)
    return days, "dates of time stamps"


def _of_utc(column: DateColumn, stamps: Stamps, zone: str | None) -> tuple[DateArray, str]:
    seconds = stamps.wall.astype(np.int64)
    clocks = seconds % DAY
    name = zone or NEW_YORK
    local = _wall(seconds, ZoneInfo(name))
    at = local % DAY
    if not at.any() or (zone and (at == at[0]).all()):
        clock = f"{at[0] // 3600:02d}:{at[0] % 3600 // 60:02d}"
        return local.astype("datetime64[s]").astype("datetime64[D]"), f"stamps of UTC at {clock} in {name}"
    same = stamps.wall.astype("datetime64[D]")
    if not (clocks == clocks[0]).all():
        _refuse_intraday(column, stamps, clocks, same)
        raise _error(column, stamps, 0, f"is UTC at changing hours, and no midnight in {name}")
    hour = f"{clocks[0] // 3600:02d}:{clocks[0] % 3600 // 60:02d} UTC"
    if clocks[0] < DAY // 2:
        return same, f"stamps at {hour}"
    following: DateArray = np.asarray(same + np.timedelta64(1, "D"), dtype="datetime64[D]")
    if _weekend(following).any() and not _weekend(same).any():
        return same, f"stamps at {hour}"
    if _weekend(same).any() and not _weekend(following).any():
        return following, f"stamps at {hour}, midnight of the next day on the exchange"
    problem = f"is {same[0]} at {hour}: that session, or midnight of {following[0]} further east"
    remedy = "say --exchange, such as XKRX (data: {exchange: XKRX})"
    raise column.error(problem, remedy, int(stamps.codes[0]))


def _refuse_intraday(column: DateColumn, stamps: Stamps, clocks: IntArray, days: DateArray) -> None:
    order = np.lexsort((clocks, days))
    again = np.flatnonzero((days[order][1:] == days[order][:-1]) & (np.diff(clocks[order]) != 0))
    if len(again):
        at = int(order[again[0] + 1])
        raise _error(column, stamps, at, "is a second time on that date: the rows are intraday")


def _error(column: DateColumn, stamps: Stamps, at: int, problem: str) -> Exception:
    wall = str(stamps.wall[at]).replace("T", " ")
    return column.error(f"{wall} {problem}", "give one row per session, dated", int(stamps.codes[at]))


def _falls_on_sundays(days: DateArray) -> bool:
    weekdays = _weekdays(days)
    return bool((weekdays == 6).any() and not (weekdays == 4).any())


def _weekend(days: DateArray) -> BoolArray:
    return np.asarray(_weekdays(days) >= 5)


def _weekdays(days: DateArray) -> IntArray:
    """Return weekdays, 0 for Monday; 1970-01-01 was a Thursday."""
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7)


def _wall(seconds: IntArray, zone: tzinfo) -> IntArray:
    """Return the clock of a zone at some instants, both as seconds since 1970."""
    offsets = [
        int(
            (datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset() or timedelta()).total_seconds()
        )
        for instant in seconds.tolist()
    ]
    return np.asarray(seconds + np.array(offsets, dtype=np.int64))


def _zone(name: str) -> tzinfo:
    """Return a zone of Arrow: an IANA name, or an offset such as ``+09:00``."""
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[-2:])
        return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if name[0] == "-" else 1))
    return ZoneInfo(name)
