"""Dates of written numbers: which is the day, the month and the year, decided over all rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, DateArray, IntArray
from eventstudy.intake.column import DateColumn
from eventstudy.intake.months import ENGLISH
from eventstudy.intake.written import Written, century

ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  #: place of year, month and day
WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
EXCHANGED = "export the column as text, or all as YYYY-MM-DD"
LAST_MONTH = 12
_PADDED, _SINGLE = re.compile(r"\b0\d[-/.]"), re.compile(r"\b\d[-/.]")
NOT_A_DATE = "write dates as YYYY-MM-DD"


class _Reading(NamedTuple):
    """Dates of distinct texts under an order, NaT where it gives none."""

    order: str
    days: DateArray

    @property
    def fits(self) -> BoolArray:
        return ~np.isnat(self.days)


def days_of_written(column: DateColumn, parts: Sequence[Written], codes: IntArray) -> tuple[DateArray, str]:
    """Return the dates of distinct texts, shape (n,), and how they were read.

    A day above 12 in any row settles the order of all; with points between, the day is first. A
    FileContentError asks where nothing settles it, and refuses a column in which both orders stand, or dates
    that are written year first beside others: a spreadsheet has exchanged the day and the month where it
    could.
    """
    days = np.full(len(parts), np.datetime64("NaT", "D"))
    numeric = np.array([part.form in ("/", ".", "-") for part in parts], dtype=bool)
    settled = np.flatnonzero(~numeric).tolist()
    if len(settled):
        days[settled] = _calendar_days(*np.array([parts[at].numbers for at in settled]).T)
        for at in [place for place in settled if np.isnat(days[place])][:1]:
            raise column.error(f"is {parts[at].text!r}, and there is no such day", NOT_A_DATE, int(codes[at]))
    forms = [parts[at].form for at in settled]
    form = " and ".join(sorted(set(forms)))
    if not numeric.any():
        return days, form
    asked = np.flatnonzero(numeric).tolist()
    if "YYYY-MM-DD" in forms:
        first = parts[settled[forms.index("YYYY-MM-DD")]].text
        problem = f"is {first!r} in one row and {parts[asked[0]].text!r} in another, as where a spreadsheet"
        raise column.error(
            f"{problem} has exchanged day and month",
            EXCHANGED,
            codes[asked[0]],
        )
    if not column.options.date_order:
        _refuse_exchanged(column, [parts[at] for at in asked], codes[asked])
    reading = _settled(column, [parts[at] for at in asked], codes[asked])
    days[asked] = reading.days
    return days, " and ".join(filter(None, (WORDS[reading.order], form)))


def _refuse_exchanged(column: DateColumn, parts: Sequence[Written], codes: IntArray) -> None:
    """Refuse dates in two ways of writing, where those that could be read in two orders are in one of them.

    A spreadsheet writes the dates that it could read in its own way (3/1/2024), day and month perhaps
    exchanged, and leaves the others as they were (13.01.2024, 13/01/2024).
    """
    marks = {part.form: at for at, part in reversed(list(enumerate(parts)))}
    two = sorted(marks.values())
    if len(marks) == 1:
        doubtful = np.array([max(part.numbers[:2]) <= LAST_MONTH for part in parts])
        padded = np.array([_PADDED.search(part.text) is not None for part in parts])
        single = np.array([_SINGLE.search(part.text) is not None for part in parts])
        alike = (padded & doubtful).any() or (single & ~doubtful).any()
        if alike or not (single & doubtful).any() or not (padded & ~doubtful).any():
            return
        two = [int(np.argmax(single & doubtful)), int(np.argmax(padded & ~doubtful))]
    first, second = (parts[at].text for at in two[:2])
    problem = f"is {first!r} in one row and {second!r} in another, as where a spreadsheet"
    raise column.error(
        f"{problem} has exchanged day and month",
        f"{EXCHANGED}; {column.ask('dmy or mdy', 'dmy')} where it has not",
        int(codes[two[1]]),
    )


def _settled(column: DateColumn, parts: Sequence[Written], codes: IntArray) -> _Reading:
    """Return the only reading of dates of three numbers."""
    stated = column.options.date_order
    numbers = np.array([part.numbers for part in parts])
    short_years = (numbers[:, 2] < 100).all()
    orders = ("dmy", "mdy", "ymd") if short_years else ("dmy", "mdy")
    readings = [_reading(order, numbers, column.latest) for order in orders]
    if stated:
        return _as_stated(column, readings, parts, codes)
    possible = [reading for reading in readings if reading.fits.all()]
    if not possible:
        _refuse(column, readings, parts, codes)
    if possible[0].order == "dmy" and parts[0].form == ".":
        return possible[0]
    for other in possible[1:]:
        differing = np.flatnonzero(possible[0].days != other.days)
        if len(differing):
            at = int(differing[0])
            told = " or ".join(_told(reading, at) for reading in possible)
            values = " or ".join(reading.order for reading in possible)
            remedy = column.ask(values, possible[0].order)
            raise column.error(
                f"is {parts[at].text!r}, {told}, and no row settles it", remedy, int(codes[at])
            )
    return possible[0]


def _reading(order: str, numbers: IntArray, latest: np.datetime64) -> _Reading:
    year, month, day = (numbers[:, place] for place in ORDERS[order])
    year = np.array([century(int(number)) for number in year])
    days = _calendar_days(year, month, day)
    return _Reading(order, np.where(days > latest, np.datetime64("NaT", "D"), days))


def _as_stated(
    column: DateColumn, readings: Sequence[_Reading], parts: Sequence[Written], codes: IntArray
) -> _Reading:
    stated = str(column.options.date_order)
    right = next((reading for reading in readings if reading.order == stated), None)
    if right is not None and right.fits.all():
        return right
    at = 0 if right is None else int(np.flatnonzero(~right.fits)[0])
    others = [reading.order for reading in readings if reading.fits[at]]
    remedy = column.ask(" or ".join(others), others[0]) if others else NOT_A_DATE
    raise column.error(f"is {parts[at].text!r}, which is no date as {stated}", remedy, int(codes[at]))


def _refuse(
    column: DateColumn, readings: Sequence[_Reading], parts: Sequence[Written], codes: IntArray
) -> None:
    """Raise for dates that no order reads: one is wrong in itself, or two orders stand in the column."""
    nowhere = np.flatnonzero(~np.any([reading.fits for reading in readings], axis=0))
    if len(nowhere):
        at = int(nowhere[0])
        raise column.error(f"is {parts[at].text!r}, not a date", NOT_A_DATE, int(codes[at]))
    wrong = [int(np.flatnonzero(~reading.fits)[0]) for reading in readings[:2]]
    told = f"{_told(readings[0], wrong[1])} and {parts[wrong[0]].text!r}"
    problem = f"is {parts[wrong[1]].text!r} {told} {_told(readings[1], wrong[0])} in one column"
    raise column.error(problem, "write all dates in one order", int(codes[wrong[1]]))


def _told(reading: _Reading, at: int) -> str:
    day = reading.days[at].item()
    return f"{day.day} {ENGLISH[day.month - 1]} {day.year} ({WORDS[reading.order]})"


def _calendar_days(year: IntArray, month: IntArray, day: IntArray) -> DateArray:
    """Return dates, NaT where there is no such day."""
    months = (np.asarray(year) - 1970) * 12 + np.asarray(month) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (np.asarray(day) - 1)
    same = (days.astype("datetime64[M]").astype(np.int64) == months) & (month >= 1) & (month <= 12)
    return np.where(same & (day >= 1), days, np.datetime64("NaT", "D"))
