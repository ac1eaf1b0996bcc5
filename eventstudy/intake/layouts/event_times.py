"""What the cells of an event list say about the time of day: words, clocks, zones."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from eventstudy.intake.layouts.event_roles import ZONES

#: what exports call the times of a session, without blanks, dots, - and _, in lower case
WORDS = {
    word: timing
    for timing, words in {
        "pre": "pre premarket premarkethours bmo bto before beforeopen beforetheopen beforemarket"
        " beforemarketopen beforemarketopens beforethebell timepremarket befmkt vorbörslich vorbörse"
        " avantbourse avantouverture antesdelaapertura 장전 장시작전 寄付前 寄り前 盘前",
        "regular": "regular dmt dmh dmm during duringmarket duringmarkethours duringtradinghours regularhours"
        " intraday markethours börsenzeit enséance 장중 場中 盘中",
        "post": "post postmarket postmarkethours amc after afterclose aftertheclose afterhours aftermarket"
        " aftermarketclose aftermarketcloses aftermarkethours afterthebell timeafterhours aftmkt nachbörslich"
        " nachbörse aprèsbourse aprèsclôture despuésdelcierre 장후 장마감후 引け後 大引け後 盘后",
        "unknown": "unknown tas tns tbd timenotsupplied notsupplied unspecified na n/a nan none null",
    }.items()
    for word in words.split()
}
#: words that other columns hold, too: a column of them says when in the day by its name alone
COMMON = {"pre", "before", "regular", "during", "intraday", "post", "after"}
COMMON |= {text for text, timing in WORDS.items() if timing == "unknown"}
MIDNIGHT = "00:00:00"
_CLOCK_FORM = (
    r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:\s*[AaPp]\.?[Mm]\.?)?|\d{1,2}\s*[AaPp]\.?[Mm]\.?|\d{1,2}h\d{2}"
)
_ZONE_FORM = r"\(?(?P<zone>[A-Za-z]{1,5}|[+-]\d{2}:?\d{2}|[A-Z][A-Za-z_]+(?:/[A-Za-z_]+)+)\)?"
_CLOCK = re.compile(rf"(?P<clock>{_CLOCK_FORM})\s*(?:{_ZONE_FORM})?")
_STAMP = re.compile(rf"(?P<day>.*?\d.*?)(?:T|,?\s+(?:at\s+)?)(?P<clock>{_CLOCK_FORM})\s*(?:{_ZONE_FORM})?")
_DIGITS = re.compile(r"((?:19|2[01])\d{6})(\d{2})(\d{2})(\d{2})", re.ASCII)
_PARTS = re.compile(r"(\d{1,2})(?:[:h](\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*([AaPp])?.*")
_MARKS = re.compile(r"[\s._\-]+")


class Moment(NamedTuple):
    """A cell in parts: the day as written, the clock as ``HH:MM:SS``, and the zone; "" where not given."""

    day: str
    clock: str = ""
    zone: str = ""


def timing_of(text: str) -> str:
    """Return the timing that a word stands for, as exports write it (AMC: post); other text as it is."""
    return WORDS.get(word(text), text)


def word(text: object) -> str:
    """Return a word of a list in lower case, without blanks, dots, - and _."""
    return _MARKS.sub("", unicodedata.normalize("NFC", str(text))).lower()


def read_moment(text: str) -> Moment:
    """Return the parts of a date or a time stamp.

    Examples
    --------
    >>> read_moment("2025-02-26 16:20:00")
    Moment(day='2025-02-26', clock='16:20:00', zone='')
    >>> read_moment("Feb 26, 2025 at 4 PM EST")
    Moment(day='Feb 26, 2025', clock='16:00:00', zone='America/New_York')
    """
    if found := _DIGITS.fullmatch(text):
        return Moment(found[1], ":".join(found.group(2, 3, 4)))
    found = _STAMP.fullmatch(text)
    if not found:
        return Moment(text)
    clock = _clock(found["clock"])
    return Moment(found["day"], clock, _zone(found["zone"])) if clock else Moment(text)


def read_clock(text: str) -> Moment | None:
    """Return the clock of a cell that holds nothing else; None where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    clock = _clock(found["clock"]) if found else ""
    return Moment("", clock, _zone(found["zone"])) if found and clock else None


def clock_of_seconds(seconds: float) -> str:
    """Return seconds since midnight as ``HH:MM:SS``."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _clock(text: str) -> str:
    found = _PARTS.fullmatch(text)
    if found is None:
        return ""
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if found[4] in "pP" else 0)
    return f"{hour:02d}:{minute:02d}:{second:02d}" if hour < 24 and minute < 60 and second < 60 else ""


def _zone(text: str | None) -> str:
    return ZONES.get((text or "").upper(), text or "")
