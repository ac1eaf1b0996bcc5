"""From the text of a date or time to a `date` or a `datetime` with its zone."""

from __future__ import annotations

import calendar
import difflib
import re
import zoneinfo
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from eventstudy.errors import UsageError

FIRST_YEAR, LAST_YEAR = 1900, 2199  #: other years are taken for typing errors

#: of a stated session from the date of the news: a zone may be a day ahead, and no exchange closes longer
EARLIEST_SESSION, LATEST_SESSION = timedelta(days=-1), timedelta(days=15)

_DAY = re.compile(r"(\d{4})(-?)(\d{2})\2(\d{2})", re.ASCII)
_MIDNIGHT = re.compile(r"(?<=\d{4}-\d{2}-\d{2})[T ]00:00:00(\.0+)?$", re.ASCII)  #: of a date, in exports
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) *(.*)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)

#: common abbreviations, and the zone they stand for
_ABBREVIATIONS = {
    **dict.fromkeys(("ET", "EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("UTC", "GMT"), "UTC"),
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    "BST": "Europe/London",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "HKT": "Asia/Hong_Kong",
    "IST": "Asia/Kolkata",
}


def read_day(text: str) -> date:
    """Return the date written as ``YYYY-MM-DD`` or ``YYYYMMDD``, with 00:00:00 or without.

    A `UsageError` says what is wrong with anything else.
    """
    found = _DAY.fullmatch(_MIDNIGHT.sub("", text))
    if not found:
        if _STAMP.fullmatch(text):
            raise UsageError(f"{text!r} holds a time of day; write the date alone, as {text[:10]}")
        raise UsageError(f"{text!r} is not a date; write YYYY-MM-DD, such as 2025-01-27")
    year, month, day = (int(part) for part in found.group(1, 3, 4))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"{text!r}: year {year:04d} is outside {FIRST_YEAR} to {LAST_YEAR}")
    if not 1 <= month <= 12:
        raise UsageError(f"{text!r}: there is no month {month:02d}; write YYYY-MM-DD")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        name = calendar.month_name[month]
        raise UsageError(f"{text!r}: there is no day {day:02d}; {name} {year} has {last} days")
    return date(year, month, day)


def read_when(text: str) -> date:
    """Return a date, or a time stamp with its zone.

    ``2025-01-27``, ``20250127`` and ``2025-01-27 00:00:00`` are a date; ``2024-02-08 21:00 America/New_York``
    and ISO 8601 with an offset (``2024-02-08T21:00-05:00``, ``2024-02-09T02:00Z``) are time stamps.

    Raises
    ------
    UsageError
        Neither; a day, time or zone that does not exist; a time stamp without a zone; a local time that a
        clock change skipped or repeated.
    """
    text = _MIDNIGHT.sub("", text)
    found = _STAMP.fullmatch(text)
    if not found:
        if ":" in text and len(text) > 10:
            problem = "is not a time; write 2024-02-08 21:00 America/New_York or 2024-02-08T21:00-05:00"
            raise UsageError(f"{text!r} {problem}")
        return read_day(text)
    day, clock, zone = found.groups()
    read_day(day)
    try:
        local = datetime.fromisoformat(f"{day} {clock}")
    except ValueError:
        raise UsageError(f"{text!r}: there is no time {clock}; hours run from 00 to 23") from None
    if not zone:
        raise UsageError(
            f"{text!r} has no time zone; write '{day} {clock} America/New_York' or '{day}T{clock}-05:00', "
            "or the date alone"
        )
    return _checked(local, _zone(zone))


def contradiction(when: date, session: date) -> str:
    """Return what is wrong with a stated session that lies before its news or long after it, else ``""``."""
    stated = when.date() if isinstance(when, datetime) else when
    if EARLIEST_SESSION <= session - stated <= LATEST_SESSION:
        return ""
    remedy = "session is day 0, the first session that can react to when; correct one, or leave one out"
    return f"session {session} contradicts when {stated}: {remedy}"


def _checked(local: datetime, zone: tzinfo) -> datetime:
    """Attach the zone; a local time that does not exist or exists twice is an error."""
    stamp, later = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    first, second = stamp.utcoffset(), later.utcoffset()
    if first == second or first is None or second is None:
        return stamp
    shown = f"{local:%Y-%m-%d %H:%M} in {zone}"
    if first < second:
        moved = local + (second - first)
        raise UsageError(f"{shown} does not exist, the clocks went forward; {moved:%H:%M} may be meant")
    choices = " or ".join(moment.isoformat(timespec="minutes") for moment in (stamp, later))
    raise UsageError(f"{shown} came twice, the clocks went back; write {choices}")


def _zone(name: str) -> tzinfo:
    zone = _find_zone(name)
    if isinstance(zone, str):
        raise UsageError(zone)
    return zone


@lru_cache(maxsize=1024)
def _find_zone(name: str) -> tzinfo | str:
    """Return the zone, or the error message if there is none; both are cached, as tables repeat them."""
    if name in ("Z", "UTC"):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        if int(hours) > 14 or int(minutes) > 59:
            return f"offset {name} does not exist; offsets run from -12:00 to +14:00"
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(ahead if sign == "+" else -ahead)
    if "/" in name and not name.startswith(("/", "posix/", "right/")):
        with suppress(LookupError, ValueError, OSError):  # reported by the sentence below
            return zoneinfo.ZoneInfo(name)
    return f"time zone {name!r} is not known{_suggestion(name)}; zones are written Area/City"


def _suggestion(name: str) -> str:
    meant = _ABBREVIATIONS.get(name.upper())
    if not meant:
        zones = {zone.lower(): zone for zone in zoneinfo.available_timezones() if "/" in zone}
        cities = {zone.rpartition("/")[2]: zone for zone in zones}
        wanted = name.lower().replace(" ", "_")
        close = [match for known in (zones, cities) for match in difflib.get_close_matches(wanted, known, 1)]
        meant = zones[cities.get(close[0], close[0])] if close else ""
    return f" (did you mean {meant}?)" if meant else ""
