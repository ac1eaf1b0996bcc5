"""Cells to dates: every written form, serial numbers, time stamps with and without a zone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import DateColumn, Days
from eventstudy.intake.figures import MISSING, short, title_of
from eventstudy.intake.marks import is_text
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.orders import days_of_written
from eventstudy.intake.serials import days_of_numbers
from eventstudy.intake.stamps import stamps_of_clocks, stamps_of_moments, with_clocks
from eventstudy.intake.table import Table
from eventstudy.intake.written import NO_OFFSET, Written, taken_apart
from eventstudy.numerics.arrow import from_arrow
from eventstudy.sessions import Stamps, session_days

FIRST_YEAR, LAST_YEAR = 1700, 2199  #: outside them a date is a mistake
REMEDY = "write dates as YYYY-MM-DD"


def days_of(
    table: Table,
    place: int,
    options: ReadingOptions,
    *,
    zone: str | None = None,
    of_events: bool = False,
) -> Days:
    """Return the dates of a column, decided over all its rows.

    Parameters
    ----------
    table, place
        The column.
    zone
        Zone (IANA) of the exchange, where the layout tells it, by whose clock moments are written; None: by
        their own zone, or by UTC where they are seconds since 1970.
    of_events
        The dates are of events: they may lie in the future, and messages name the options of event lists.

    Raises
    ------
    FileContentError
        Text that is no date, with its line; dates that can be read in two ways and that nothing settles,
        naming both readings and ``--date-order``; forms that are mixed; zones of some rows alone.
    """
    values = table.columns[place]
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind = values.type
    column = DateColumn(table, title_of(table, place), options, of_events)
    if pa.types.is_date(kind):
        found = Days(from_arrow(values.cast(pa.date32(), safe=False)), "dates")
    elif pa.types.is_timestamp(kind):
        found = _of_typed_stamps(values, zone)
    elif is_text(kind):
        found = _of_texts(column, values.cast(pa.string()), zone)
    elif pa.types.is_null(kind):
        found = Days(np.full(len(values), np.datetime64("NaT", "D")), "")
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = from_arrow(values.cast(pa.float64(), safe=False))
        found = days_of_numbers(column, numbers, table.formats.get(place), zone)
    else:
        raise FileContentError(table.name, f"{column.title} must hold dates, not {kind}", REMEDY)
    _refuse_years(column, found.days)
    return found


def has_zones(table: Table, place: int) -> bool:
    """Whether the first cells of a column are time stamps with a zone."""
    column = table.columns[place]
    if pa.types.is_timestamp(column.type):
        return column.type.tz is not None
    if not is_text(column.type):
        return False
    cells = column.cast(pa.string()).slice(0, 20).drop_null().to_pylist()
    parts = [taken_apart(text) for text in cells]
    return any(part is not None and part.offset != NO_OFFSET for part in parts)


def session_dates(table: Table, place: int, options: ReadingOptions, exchange: str = "") -> Days:
    """Return the dates of a column whose rows are all of one exchange: its sessions, without clocks.

    ``exchange`` is that of the layout; without it, the one that is stated.

    Raises
    ------
    FileContentError
        As of `days_of`.
    PriceDataError
        Time stamps that do not tell the session.
    """
    found = days_of(table, place, options)
    if found.stamps is None:
        return found
    there = np.flatnonzero(~np.isnat(found.days))
    days = found.days.copy()
    days[there], why = session_days(table.name, found.stamps.rows(there), exchange or options.exchange or "")
    return Days(days, f"{found.form}, {why}" if why else found.form)


def _of_texts(column: DateColumn, values: pa.ChunkedArray, zone: str | None) -> Days:
    array = pc.utf8_trim_whitespace(values).combine_chunks().dictionary_encode()
    codes = np.nan_to_num(from_arrow(array.indices), nan=-1.0).astype(np.int64)
    texts: list[str] = array.dictionary.to_pylist()
    empty = np.array([text.lower() in MISSING for text in texts] or [True])
    codes = np.where(empty[codes], -1, codes)  # a missing date is an empty cell
    kept = np.flatnonzero(~empty)
    column = column.with_codes(codes)
    numbers = [texts[code] for code in kept if texts[code].replace(".", "", 1).isdigit()]
    if numbers and len(numbers) == len(kept) and not _are_eight_digits(numbers):
        found = days_of_numbers(column, np.array(numbers, dtype=float), None, zone, codes=kept)
    else:
        found = _of_parts(column, [_part(column, int(code), texts[code]) for code in kept], kept, zone)
    n = len(texts) + 1  # the last stands for an empty cell
    by_code = Stamps(np.full(n, np.datetime64("NaT", "D")), np.zeros(n, dtype=np.int64), np.full(n, np.nan))
    by_code.days[kept] = found.days
    if found.stamps is None:
        return Days(by_code.days[codes], found.form)
    by_code.clock[kept], by_code.offset[kept] = found.stamps.clock, found.stamps.offset
    return Days(by_code.days[codes], found.form, by_code.rows(codes))


def _are_eight_digits(texts: list[str]) -> bool:
    return all(len(text) == 8 and text.isdigit() for text in texts)


def _part(column: DateColumn, code: int, text: str) -> Written:
    part = taken_apart(text)
    if part is None:
        raise column.error(f"is {short(text)!r}, not a date", REMEDY, code)
    return part


def _of_parts(column: DateColumn, parts: list[Written], codes: IntArray, zone: str | None) -> Days:
    """Return dates of distinct texts, taken apart."""
    days, form = days_of_written(column, parts, codes)
    clocks = [part.seconds or 0 for part in parts]
    offsets = [part.offset for part in parts]
    if not any(clocks):
        return Days(days, form if set(offsets) <= {NO_OFFSET} else f"{form}, midnights")
    if NO_OFFSET in offsets and set(offsets) != {NO_OFFSET}:
        at = offsets.index(NO_OFFSET)
        problem = f"{parts[at].text} has no zone, and other rows have one"
        raise column.error(problem, "write the zone of all, or of none", int(codes[at]))
    return _stamped(stamps_of_clocks(days, clocks, offsets, zone), f"{form}, time stamps")


def _stamped(stamps: Stamps, form: str) -> Days:
    return Days(stamps.days, form, with_clocks(stamps))


def _of_typed_stamps(values: pa.ChunkedArray, zone: str | None) -> Days:
    if zone is not None and values.type.tz is not None:
        values = values.cast(pa.timestamp(values.type.unit, zone))
    return _stamped(stamps_of_moments(values), "time stamps")


def _refuse_years(column: DateColumn, days: DateArray) -> None:
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    odd = np.flatnonzero(~np.isnat(days) & ((years < FIRST_YEAR) | (years > LAST_YEAR)))
    if len(odd):
        row = int(odd[0])
        problem = f"{column.title} is in the year {years[row]}, not in {FIRST_YEAR} to {LAST_YEAR}"
        raise FileContentError(column.table.name, problem, REMEDY, line=column.table.line(row))
