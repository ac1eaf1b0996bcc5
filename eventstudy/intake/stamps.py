"""The clocks of dates as `Stamps`: of typed columns, texts, seconds since 1970, an index of pandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import PriceDataError
from eventstudy.intake.written import NO_OFFSET, taken_apart
from eventstudy.numerics.arrow import to_arrow, values_of
from eventstudy.sessions import Stamps

if TYPE_CHECKING:
    import pandas as pd

DAY, MINUTE = 86_400, 60  #: seconds
MICRO = 1_000_000  #: microseconds of a second
DATE = 10  #: characters of YYYY-MM-DD


def stamps_of_moments(column: pa.ChunkedArray) -> Stamps:
    """Return the stamps of a column of Arrow time stamps, a NaT at midnight where empty."""
    zone = column.type.tz
    filled = pc.fill_null(column, pa.scalar(0, pa.int64()).cast(column.type))
    wall = _seconds(pc.local_timestamp(filled) if zone else filled)
    days = (wall // DAY).astype("datetime64[D]")
    clock = wall % DAY
    if column.null_count:
        empty = np.asarray(column.combine_chunks().is_null())
        days[empty], clock[empty] = np.datetime64("NaT", "D"), 0
    ahead = (wall - _seconds(filled)).astype(float) if zone else np.full(len(wall), np.nan)
    return Stamps(days, clock, ahead)


def stamps_of_instants(seconds: IntArray, zone: str | None) -> Stamps:
    """Return the stamps of seconds since 1970 UTC, by the clock of a zone, or of UTC where it is None."""
    instants = to_arrow(seconds, pa.int64()).cast(pa.timestamp("s", zone or "UTC"))
    return stamps_of_moments(pa.chunked_array([instants]))


def stamps_of_clocks(
    days: DateArray, clock: Sequence[int], minutes: Sequence[int], zone: str | None = None
) -> Stamps:
    """Return the stamps of dates with seconds after midnight and offsets from UTC in minutes.

    An offset may be `NO_OFFSET`. Where none is, the stamps are by the clock of ``zone``, if it is given.
    """
    offset = np.where(np.equal(minutes, NO_OFFSET), np.nan, np.multiply(minutes, float(MINUTE)))
    stamps = Stamps(days, np.array(clock, dtype=np.int64), offset)
    return stamps_of_instants(stamps.utc, zone) if zone and np.isfinite(offset).all() else stamps


def stamps_of_index(index: pd.Index) -> Stamps | None:
    """Return the stamps of an index, None where all are midnights or it has none.

    Raises
    ------
    PriceDataError
        What follows a date is neither a clock nor an offset.
    """
    if not len(index) or index.hasnans:  # an error of its table
        return None
    if index.dtype.kind == "M":
        return with_clocks(stamps_of_moments(pa.chunked_array([pa.Array.from_pandas(index)])))
    labels = [str(label) for label in index]
    parts = [taken_apart(label) for label in labels]
    for label, part in zip(labels, parts, strict=True):
        if part is None and len(label) > DATE and taken_apart(label[:DATE]):
            raise PriceDataError("returns", f"{label!r:.60} is not a date", "give dates")
    written = [part for part in parts if part is not None and part.form == "YYYY-MM-DD"]
    if len(written) < len(parts):
        return None
    days = np.array(["{:04}-{:02}-{:02}".format(*part.numbers) for part in written], dtype="datetime64[D]")
    clocks = [part.seconds or 0 for part in written]
    return with_clocks(stamps_of_clocks(days, clocks, [part.offset for part in written]))


def with_clocks(stamps: Stamps) -> Stamps | None:
    """Return the stamps, None where all are midnights."""
    return stamps if stamps.clock.any() else None


def _seconds(column: pa.ChunkedArray) -> IntArray:
    moments = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    seconds: IntArray = values_of(moments.combine_chunks()) // MICRO
    return seconds
