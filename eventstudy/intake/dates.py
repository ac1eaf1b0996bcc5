"""Cells to dates: every written form, serial numbers, time stamps with and without a zone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import DateColumn
from eventstudy.intake.figures import MISSING, short, title_of
from eventstudy.intake.marks import is_text
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.orders import days_of_written
from eventstudy.intake.serials import days_of_numbers
from eventstudy.intake.stamps import Stamps, days_of_stamps
from eventstudy.intake.table import Table
from eventstudy.intake.written import NO_OFFSET, Written, taken_apart
from eventstudy.numerics.arrow import from_arrow, values_of

FIRST_YEAR, LAST_YEAR = 1700, 2199  #: outside them a date is a mistake
REMEDY = "write dates as YYYY-MM-DD"


class Days(NamedTuple):
    """Dates of a column: datetime64[D] of shape (T,), NaT where empty, and how they were read."""

    days: DateArray
    form: str


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
        Zone of the exchange (IANA), in which time stamps with a zone are dated; None where it is not known:
        then stamps at midnight of New York are dated there, and others by their weekdays.
    of_events
        The dates are of events: they may lie in the future, and messages name the options of event lists.

    Raises
    ------
    FileContentError
        Text that is no date, with its line; dates that can be read in two ways and that nothing settles,
        naming both readings and ``--date-order``; forms that are mixed; intraday stamps.
    """
    values = table.columns[place]
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind = values.type
    column = DateColumn(table, title_of(table, place), options, of_events)
    if pa.types.is_date(kind):
        found = Days(from_arrow(values.cast(pa.date32(), safe=False)), "dates")
    elif pa.types.is_timestamp(kind):
        found = _of_typed_stamps(column, values, zone)
    elif is_text(kind):
        found = _of_texts(column, values.cast(pa.string()), zone)
    elif pa.types.is_null(kind):
        found = Days(np.full(len(values), np.datetime64("NaT", "D")), "")
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = from_arrow(values.cast(pa.float64(), safe=False))
        found = Days(*days_of_numbers(column, numbers, table.formats.get(place), zone))
    else:
        raise FileContentError(table.name, f"{column.title} must hold dates, not {kind}", REMEDY)
    _refuse_years(column, found.days)
    return found


def has_zones(table: Table, place: int) -> bool:
    """Whether the first cells of a column are time stamps with a zone, or seconds, which need an exchange."""
    column = table.columns[place]
    if pa.types.is_timestamp(column.type):
        return column.type.tz is not None
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return bool(pc.any(pc.greater(column, pa.scalar(10**8, column.type)), min_count=0).as_py())
    if not is_text(column.type):
        return False
    cells = column.cast(pa.string()).slice(0, 20).drop_null().to_pylist()
    parts = [taken_apart(text) for text in cells]
    return any(part is not None and part.offset != NO_OFFSET for part in parts) or any(
        len(text) >= 9 and text.isdigit() for text in cells
    )


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
        form = days_of_numbers(column, np.array(numbers, dtype=float), None, zone, codes=kept)
    else:
        form = _of_parts(column, [_part(column, int(code), texts[code]) for code in kept], kept, zone)
    by_code = np.full(len(texts) + 1, np.datetime64("NaT", "D"))
    by_code[kept] = form[0]
    return Days(by_code[codes], form[1])


def _are_eight_digits(texts: list[str]) -> bool:
    return all(len(text) == 8 and text.isdigit() for text in texts)


def _part(column: DateColumn, code: int, text: str) -> Written:
    part = taken_apart(text)
    if part is None:
        raise column.error(f"is {short(text)!r}, not a date", REMEDY, code)
    return part


def _of_parts(
    column: DateColumn, parts: list[Written], codes: IntArray, zone: str | None
) -> tuple[DateArray, str]:
    """Return dates of distinct texts, taken apart."""
    days, form = days_of_written(column, parts, codes)
    if not any(part.seconds for part in parts):
        offsets = {part.offset for part in parts}
        named = form if offsets <= {NO_OFFSET} else f"{form}, midnights"
        return days, named
    seconds = np.array([part.seconds or 0 for part in parts], dtype=np.int64)
    offsets_ = np.array([part.offset for part in parts], dtype=np.int64)
    wall = days.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return days_of_stamps(column, Stamps(wall, offsets_, codes), zone)


def _of_typed_stamps(column: DateColumn, values: pa.ChunkedArray, zone: str | None) -> Days:
    seconds = pc.cast(values, pa.timestamp("s", values.type.tz), safe=False)
    whole = seconds.cast(pa.int64()).combine_chunks()
    there = np.asarray(whole.is_valid())
    distinct, inverse = np.unique(values_of(whole)[there], return_inverse=True)
    rows = np.full(len(whole), -1, dtype=np.int64)
    rows[there] = inverse
    column = column.with_codes(rows)
    stamps = Stamps.of_instants(distinct, values.type.tz)
    days, form = days_of_stamps(column, stamps, zone)
    return Days(np.append(days, np.datetime64("NaT", "D"))[rows], form)


def _refuse_years(column: DateColumn, days: DateArray) -> None:
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    odd = np.flatnonzero(~np.isnat(days) & ((years < FIRST_YEAR) | (years > LAST_YEAR)))
    if len(odd):
        row = int(odd[0])
        problem = f"{column.title} is in the year {years[row]}, not in {FIRST_YEAR} to {LAST_YEAR}"
        raise FileContentError(column.table.name, problem, REMEDY, line=column.table.line(row))
