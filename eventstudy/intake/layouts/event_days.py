"""From a column of days, with clocks or without, to its parts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa

from eventstudy._typing import TextArray
from eventstudy.intake.column import Days
from eventstudy.intake.dates import days_of
from eventstudy.intake.layouts.event_times import MIDNIGHT, Moment, read_moment
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

#: days as the product writes them, which are checked and reported cell by cell
_PLAIN_DAY = re.compile(r"\d{4}(-?)\d{2}\1\d{2}", re.ASCII)


def days_and_clocks(table: Table, place: int, options: ReadingOptions) -> tuple[list[Moment | None], str]:
    """Return day, clock and zone of each row, and how dates were read.

    Days are ``YYYY-MM-DD``, or text that is no date and is refused with its row.
    """
    column = table.columns[place]
    if pa.types.is_timestamp(column.type):
        return [_of_stamp(cell) for cell in column.to_pylist()], "time stamps"
    if pa.types.is_date(column.type):
        return [None if cell is None else Moment(cell.isoformat()) for cell in column.to_pylist()], "dates"
    if not _is_text(column.type):
        found = days_of(table, place, options)
        return _moments_of(found), found.form
    read = lru_cache(maxsize=None)(read_moment)
    parts = [None if cell is None or not cell.strip() else read(cell.strip()) for cell in texts_in(column)]
    written = {part.day for part in parts if part is not None}
    stated = options.date_order not in (None, "ymd")
    if not stated and all(_PLAIN_DAY.fullmatch(text) or not re.search(r"\d", text) for text in written):
        return [
            None if part is None else part._replace(day=_dashed(part.day)) for part in parts
        ], "YYYY-MM-DD"
    cells = pa.chunked_array([pa.array([None if part is None else part.day for part in parts], pa.string())])
    columns = (*table.columns[:place], cells, *table.columns[place + 1 :])
    found = days_of(replace(table, columns=columns), place, options)
    return [
        part and (part._replace(day=moment.day) if moment and found.stamps is None else moment)
        for part, moment in zip(parts, _moments_of(found), strict=True)
    ], found.form


def _moments_of(found: Days) -> list[Moment | None]:
    """Return dates, or the moments of seconds since 1970, which are of UTC."""
    days = found.days.astype(str).tolist()
    if found.stamps is None:
        return [None if day == "NaT" else Moment(day) for day in days]
    clocks = (np.datetime64("1970-01-01", "s") + found.stamps.clock).astype(str).tolist()
    return [
        None if day == "NaT" else Moment(day, clock[-8:], "UTC")
        for day, clock in zip(days, clocks, strict=True)
    ]


def _dashed(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if _PLAIN_DAY.fullmatch(text) and "-" not in text else text


def _of_stamp(cell: datetime | None) -> Moment | None:
    if cell is None:
        return None
    zone = getattr(cell.tzinfo, "key", None) or (f"{cell:%z}" if cell.tzinfo else "")
    return Moment(cell.date().isoformat(), f"{cell:%H:%M:%S}", zone)


def session_days(table: Table, place: int, options: ReadingOptions) -> tuple[TextArray, str]:
    """Return the days of a column of day 0 itself, as text or dates; None where empty."""
    parts, form = days_and_clocks(table, place, options)
    days = np.full(table.n_rows, None, dtype=object)
    for row, part in enumerate(parts):
        if part is not None:
            days[row] = (
                part.day if part.clock in ("", MIDNIGHT) else f"{part.day} {part.clock} {part.zone}".strip()
            )
    return days, form


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def texts_in(column: pa.ChunkedArray) -> list[str | None]:
    """Return the cells of a column as text, None where empty."""
    return [None if cell is None else str(cell) for cell in column.to_pylist()]
