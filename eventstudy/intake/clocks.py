"""The clocks of time stamps in price files, which say which session a row is of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import IntArray
from eventstudy.numerics.arrow import from_arrow
from eventstudy.sessions import Stamps

if TYPE_CHECKING:
    import pandas as pd

#: a date with a clock; what follows is an offset, the name of a zone, or a word that says nothing
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)? *(.*)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)
SECONDS = 1_000_000  #: microseconds


def clocks_of_texts(texts: pa.Array) -> Stamps | None:
    """Return the clocks of dates and times written as `STAMP` describes, None where all are midnights."""
    found = [STAMP.fullmatch(text or "") for text in texts.to_pylist()]
    if not any(found):
        return None
    days = np.array([each[1] if each else "NaT" for each in found], dtype="datetime64[D]")
    parts = [[int(part or 0) for part in each.group(2, 3, 4)] if each else [0, 0, 0] for each in found]
    clock = np.array(parts, dtype=np.int64) @ np.array([3_600, 60, 1])
    if not clock.any():
        return None
    offset = [_ahead(each[5], days[at], clock[at]) if each else np.nan for at, each in enumerate(found)]
    return Stamps(days, clock, np.array(offset))


def clocks_of_moments(column: pa.ChunkedArray) -> Stamps | None:
    """Return the clocks of a column of Arrow time stamps, None where all are midnights."""
    local = pc.local_timestamp(column) if column.type.tz else column
    seconds = _microseconds(local) // SECONDS
    clock = seconds % 86_400
    if not clock.any():
        return None
    ahead = seconds - _microseconds(column) // SECONDS if column.type.tz else np.full(len(seconds), np.nan)
    return Stamps((seconds // 86_400).astype("datetime64[D]"), clock, ahead.astype(float))


def clocks_of_index(index: pd.Index) -> Stamps | None:
    """Return the clocks of an index of time stamps, None where all are midnights or it has none."""
    if not len(index) or index.hasnans:  # an error of its table
        return None
    if index.dtype.kind == "M":
        return clocks_of_moments(pa.chunked_array([pa.Array.from_pandas(index)]))
    return clocks_of_texts(pa.array(map(str, index)))


def _microseconds(column: pa.ChunkedArray) -> IntArray:
    moments = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    return np.asarray(from_arrow(moments)).astype(np.int64)  # a float holds them exactly until the year 2255


def _ahead(zone: str, day: np.datetime64, clock: int) -> float:
    """Return by how many seconds a clock is ahead of UTC, NaN where no zone that is known is written."""
    if zone in ("Z", "UTC"):
        return 0.0
    if offset := _OFFSET.fullmatch(zone):
        sign, hours, minutes = offset.groups()
        return float(f"{sign}1") * (3_600 * int(hours) + 60 * int(minutes or 0))
    if "/" not in zone:
        return float("nan")
    moment = (day + np.timedelta64(int(clock), "s")).astype("datetime64[s]").item()
    try:
        ahead = moment.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    except (LookupError, ValueError, OSError):
        return float("nan")
    return float(ahead.total_seconds())
