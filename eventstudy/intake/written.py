"""`Written`: a date as text, taken apart into its numbers and its clock."""

from __future__ import annotations

import re
from typing import NamedTuple

from eventstudy.intake.months import month_of

NO_OFFSET = 10_000  #: in place of an offset in minutes, where the text has no zone
_CLOCK = re.compile(
    r"(?P<date>.+?)(?:T|:|\s+)\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[-+]\d\d:?(?:\d\d)?)?(?:\[[^\]]*\])?",
    re.IGNORECASE,
)
_MONTH = r"(?P<month>[^\W\d_]+|\d{1,2}\s?[월月])\.?"
_YEAR = r"(?P<year>\d{4}|\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?\.?"
_WEEKDAY = r"(?:[^\W\d_]+\.?,?\s+)?"
_GAP = r"[\s./,-]*"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})\.?"
    r"|(?P<year2>\d{4})\s*[년年]\s*(?P<month2>\d{1,2})\s*[월月]\s*(?P<day2>\d{1,2})\s*[일日]"
)
_EIGHT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMBERS = re.compile(_WEEKDAY + r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d\d)\.?")
_NAMED = (
    re.compile(_WEEKDAY + _DAY + _GAP + r"(?:de\s+)?" + _MONTH + _GAP + r"(?:del?\s+)?" + _YEAR),
    re.compile(_WEEKDAY + _MONTH + _GAP + _DAY + r"(?:,\s*|[\s./-]+)" + _YEAR),
    re.compile(r"(?P<year>\d{4})" + _GAP + _MONTH + _GAP + _DAY),
)


class Written(NamedTuple):
    """A date as written.

    ``numbers`` are year, month and day where the text says which is which (``form`` is ``"YYYY-MM-DD"``,
    ``"YYYYMMDD"`` or ``"named months"``), and as they stand otherwise (``form`` is the mark between them).
    ``seconds`` of the clock after midnight, None without a clock; ``offset`` of its zone from UTC in minutes,
    `NO_OFFSET` without.
    """

    text: str
    form: str
    numbers: tuple[int, int, int]
    seconds: int | None = None
    offset: int = NO_OFFSET


def taken_apart(text: str) -> Written | None:
    """Return the parts of a text that is a date in any known form, None of any other.

    Examples
    --------
    >>> taken_apart("7. Mai 2024").numbers, taken_apart("07/05/2024").form
    ((2024, 5, 7), '/')
    >>> taken_apart("2024-05-07T20:00:00Z").seconds
    72000
    """
    clock = _CLOCK.fullmatch(text)
    date = clock["date"] if clock else text
    found = _date_of(text, date.strip())
    if found is None or clock is None:
        return found
    hour = int(clock["hour"])
    if half := clock["half"]:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    seconds = (hour * 60 + int(clock["minute"])) * 60 + int(clock["second"] or 0)
    return found._replace(seconds=seconds, offset=_minutes(clock["zone"])) if hour < 24 else None


def century(year: int) -> int:
    """Return a year of two digits in full: 70 to 99 are of the 20th century."""
    return year if year >= 100 else year + (1900 if year >= 70 else 2000)


def _minutes(zone: str | None) -> int:
    if zone is None:
        return NO_OFFSET
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)


def _date_of(text: str, date: str) -> Written | None:
    if found := _YEAR_FIRST.fullmatch(date):
        year, month, day = (int(part) for part in found.groups() if part)
        return Written(text, "YYYY-MM-DD", (year, month, day))
    if found := _EIGHT.fullmatch(date):
        return Written(text, "YYYYMMDD", (int(found[1]), int(found[2]), int(found[3])))
    if found := _NUMBERS.fullmatch(date):
        return Written(text, found[2], (int(found[1]), int(found[3]), int(found[4])))
    for pattern in _NAMED:
        found = pattern.fullmatch(date)
        if found and (month_number := month_of(found["month"])):
            return Written(
                text, "named months", (century(int(found["year"])), month_number, int(found["day"]))
            )
    return None
