"""`Hours`: the sessions of an exchange, built by ``exchange_calendars`` and kept on disk between runs.

Building a calendar takes longer than a small study, so the arrays are kept in the user's cache folder, one
file per exchange, span and library version. A damaged file (numpy's archives have a CRC-32) is built again.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.atomic import replace_file
from eventstudy.errors import DesignError

FORMAT = 2  #: of the files on disk; raised when what is built changes

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Sessions of an exchange and their hours.

    ``sessions`` (datetime64[D]), ``opens`` and ``closes`` (int64, microseconds since 1970 UTC) have shape
    (T,). ``half`` maps sessions that close early to the local time of the close. ``first`` and ``last`` are
    the dates that the calendar knows, however few were built; ``last`` is None where it has no end.
    """

    sessions: DateArray
    opens: IntArray
    closes: IntArray
    zone: ZoneInfo
    half: Mapping[np.datetime64, str]
    first: date
    last: date | None


@cache
def hours_between(exchange: str, start: date, end: date) -> Hours:
    """Return the hours of an exchange from ``start`` to ``end``, as far as its calendar knows them.

    A DesignError says that the exchange has no usable calendar.
    """
    file = _folder() / f"{exchange}_{start}_{end}_{version('exchange_calendars')}_{FORMAT}.npz"
    with suppress(OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return _read(file)
    hours = _build(exchange, start, end)
    with suppress(OSError):  # it is only slower without
        _write(file, hours)
    return hours


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("eventstudy") / "calendars"


def _read(file: Path) -> Hours:
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
        first, last = map(str, kept["bounds"])
        days = kept["half_days"].astype("datetime64[D]")
        return Hours(
            sessions=kept["sessions"].astype("datetime64[D]"),
            opens=kept["opens"],
            closes=kept["closes"],
            zone=ZoneInfo(str(kept["zone"])),
            half=dict(zip(days, map(str, kept["half_closes"]), strict=True)),
            first=date.fromisoformat(first),
            last=date.fromisoformat(last) if last else None,
        )


def _write(file: Path, hours: Hours) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    days = np.array(list(hours.half), dtype="datetime64[D]")
    np.savez(
        content,
        sessions=hours.sessions.astype(np.int64),
        opens=hours.opens,
        closes=hours.closes,
        zone=hours.zone.key,
        half_days=days.astype(np.int64),
        half_closes=np.array(list(hours.half.values()), dtype="U5"),
        bounds=np.array([str(hours.first), str(hours.last or "")]),
    )
    replace_file(file, content.getvalue())


def _build(exchange: str, start: date, end: date) -> Hours:
    kind = _calendar_class(exchange)
    first, last = kind.bound_min(), kind.bound_max()
    since = max(start, first.date()) if first else start
    until = min(end, last.date()) if last else end
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # exchange_calendars uses what pandas 4 removes
        try:
            built = list(_parts(kind, since, until))
        except (NotImplementedError, ValueError) as error:
            problem = (
                f"exchange_calendars {version('exchange_calendars')} cannot build the {exchange} calendar"
            )
            remedy = "give session (day 0 itself), or name an exchange that keeps the same days"
            raise DesignError("exchanges", f"{problem}; {remedy}") from error
        early = [part.closes[part.early_closes].dt.tz_convert(part.tz).dt.strftime("%H:%M") for part in built]
    days = np.concatenate([part.index.to_numpy() for part in early]).astype("datetime64[D]")
    return Hours(
        sessions=np.concatenate([part.sessions.to_numpy() for part in built]).astype("datetime64[D]"),
        opens=np.concatenate([part.opens_nanos for part in built]) // 1000,
        closes=np.concatenate([part.closes_nanos for part in built]) // 1000,
        zone=built[0].tz,
        half=dict(zip(days, (close for part in early for close in part), strict=True)),
        first=first.date() if first else date(1900, 1, 1),
        last=last.date() if last else None,
    )


def _parts(kind: Any, since: date, until: date) -> Iterator[Any]:
    from exchange_calendars.errors import NoSessionsError

    for part, begin, end in _by_week(kind, since, until):
        with suppress(NoSessionsError):  # a few days between two other weeks may hold none
            yield part(start=begin, end=end)


def _by_week(kind: Any, since: date, until: date) -> Iterator[tuple[Any, date, date]]:
    """Yield the parts of a calendar during which it has the same days of the week, with their bounds.

    Built as a whole, a calendar of `exchange_calendars` keeps its usual week only under pandas 3.
    """
    begin, usual = since, _with_week(kind)
    for start, end, week in _other_weeks(kind):
        first, last = max(start or begin, begin), min(end or until, until)
        if first > last:
            continue
        if begin < first:
            yield usual, begin, first - DAY
        yield _with_week(kind, weekmask=week), first, last
        begin = last + DAY
    if begin <= until:
        yield usual, begin, until


def _with_week(kind: Any, **week: str) -> Any:
    return type(kind.__name__, (kind,), {**week, "special_weekmasks": []})


def _other_weeks(kind: Any) -> list[tuple[date | None, date | None, str]]:
    """Return since when, until when, and on which days of the week a calendar departs from its usual week."""
    unbuilt = object.__new__(kind)  # both are constants of the class, stated as properties
    return [
        (start and start.date(), end and end.date(), week)
        for start, end, week in getattr(unbuilt, "special_weekmasks", [])
    ]


def _calendar_class(exchange: str) -> Any:
    from exchange_calendars.calendar_utils import _default_calendar_factories  # bounds come before building
    from exchange_calendars.pandas_extensions.offsets import OrthodoxEaster

    if "_add_datetime" not in vars(OrthodoxEaster):  # what pandas 3 calls in the place of _apply
        OrthodoxEaster._add_datetime = OrthodoxEaster._apply
    return _default_calendar_factories[exchange]


def zone_of(exchange: str) -> str:
    """Return the IANA zone of an exchange (MIC), without building its calendar."""
    zone: ZoneInfo = _calendar_class(exchange).tz
    return zone.key
