"""From the columns of a day and a time of day to when the news came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy._typing import BoolArray, TextArray
from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.event_days import days_and_clocks, texts_in
from eventstudy.intake.layouts.event_roles import zone_of
from eventstudy.intake.layouts.event_times import (
    MIDNIGHT,
    WORDS,
    Moment,
    clock_of_seconds,
    read_clock,
    timing_of,
    word,
)
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

EXCHANGE = "exchange"  #: in the place of a zone: that of the exchange of each security
MEANINGS = {
    "post": "after the close: next session",
    "pre": "before the open: that session",
    "unknown": "of unknown timing: that session",
}
LAST_SECOND = 86_400


@dataclass(frozen=True)
class ClockRules:
    """What a layout knows of its clocks.

    ``zone`` of clocks without one; ``asks`` says why a zone that is written is not to be trusted, so that the
    user must state it; ``seconds`` that numbers in the column of times are seconds since midnight.
    """

    zone: str = ""
    asks: str = ""
    seconds: bool = False


NO_RULES = ClockRules()


@dataclass(frozen=True)
class Moments:
    """When the news of each row came.

    Attributes
    ----------
    when
        Object array of shape (T,): text of a date, or of a date, a clock and a zone; None where empty.
    timing
        Shape (T,): pre, regular, post, unknown, or "" where a clock says it or nothing does.
    form
        How dates were read.
    problems
        What is wrong, by row.
    remarks
        What was made of times, in short phrases.
    """

    when: TextArray
    timing: TextArray
    form: str
    problems: Mapping[int, str]
    remarks: tuple[str, ...]


def moments_of(
    table: Table,
    day: int,
    clock: int | None,
    timing: int | None,
    options: ReadingOptions,
    rules: ClockRules = NO_RULES,
) -> Moments:
    """Return when the news came, from the columns of a day, a time of day and a timing.

    A clock of the exchange of each security has ``exchange`` in the place of its zone.

    Raises
    ------
    FileContentError
        Dates that can be read in two ways; clocks without a zone, where none is stated.
    """
    parts, form = days_and_clocks(table, day, options)
    remarks: list[str] = []
    problems: dict[int, str] = {}
    words = np.full(table.n_rows, "", dtype=object)
    if timing is not None:
        words = _timings(table, timing)
    if clock is not None:
        parts = _with_clocks(table, clock, parts, words, problems, rules)
    parts = _without_midnights(table, parts, day, clock, remarks)
    zone = _zone(table, day, clock, options, rules, parts)
    if zone:
        remarks.append(f"clocks of {'each exchange' if zone == EXCHANGE else zone}")
    when = np.full(table.n_rows, None, dtype=object)
    for row, part in enumerate(parts):
        if part is None:
            continue
        own = zone if rules.asks else part.zone or zone
        when[row] = f"{part.day} {part.clock} {own}" if part.clock else part.day
    for told, meaning in MEANINGS.items():
        if number := sum(part is not None and text == told for part, text in zip(parts, words, strict=True)):
            remarks.append(f"{number:,} {meaning}")
    return Moments(when, words, form, problems, tuple(remarks))


def _timings(table: Table, place: int) -> TextArray:
    """Return a column of words as timings; a word that is none is kept, and refused with its line later."""
    texts = [timing_of(cell) if cell else "" for cell in texts_in(table.columns[place])]
    return np.array(["" if text.strip(" -.") == "" else text for text in texts], dtype=object)


def _with_clocks(
    table: Table,
    place: int,
    parts: list[Moment | None],
    words: TextArray,
    problems: dict[int, str],
    rules: ClockRules,
) -> list[Moment | None]:
    """Return the moments with what a column of times says; its words go into ``words``."""
    name, column = table.titles[place] or "time", table.columns[place]
    found = list(parts)
    for row, cell in enumerate(column.to_pylist()):
        part = parts[row]
        clock = _clock_cell(cell, rules)
        text = "" if cell is None else str(cell).strip()
        if clock is not None:
            if part is not None and not (part.clock and part.clock != MIDNIGHT):
                found[row] = part._replace(clock=clock.clock, zone=clock.zone)
        elif word(text) in WORDS:
            told = WORDS[word(text)]
            if words[row] and words[row] != told:
                problems[row] = f"{name} {text!r} contradicts timing {words[row]!r}; keep one of the two"
            words[row] = words[row] or told
        elif word(text):
            problems[row] = (
                f"{name} {text!r} is no time of day; write pre (BMO), regular, post (AMC) or unknown,"
                " or rename the column"
            )
    return found


def _clock_cell(cell: Any, rules: ClockRules) -> Moment | None:
    if isinstance(cell, time):
        return Moment("", f"{cell:%H:%M:%S}")
    if isinstance(cell, timedelta):
        return Moment("", clock_of_seconds(cell.total_seconds()))
    if isinstance(cell, datetime):  # workbooks keep a time alone as one of their first day
        return Moment("", f"{cell:%H:%M:%S}")
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell:
        if rules.seconds and 0 <= cell < LAST_SECOND:
            return Moment("", clock_of_seconds(cell))
        return Moment("", clock_of_seconds(cell * LAST_SECOND)) if 0 < cell < 1 else None
    if isinstance(cell, str) and rules.seconds and cell.strip().isdecimal() and int(cell) < LAST_SECOND:
        return Moment("", clock_of_seconds(int(cell)))
    return read_clock(cell) if isinstance(cell, str) else None


def _without_midnights(
    table: Table, parts: list[Moment | None], day: int, clock: int | None, remarks: list[str]
) -> list[Moment | None]:
    """Return the moments with 00:00:00 as no time: all rows are dates then, or these alone."""
    at = [row for row, part in enumerate(parts) if part is not None and part.clock == MIDNIGHT]
    if not at:
        return parts
    timed = sum(part is not None and bool(part.clock) for part in parts)
    if len(at) < timed:
        remarks.append(f"{len(at):,} at 00:00:00 have no time")
    found = list(parts)
    for row in at:
        part = parts[row]
        found[row] = None if part is None else Moment(part.day)
    return found


def _zone(
    table: Table,
    day: int,
    clock: int | None,
    options: ReadingOptions,
    rules: ClockRules,
    parts: list[Moment | None],
) -> str:
    """Return the zone of clocks without one, "" where none needs it, or ask."""
    without = [
        row
        for row, part in enumerate(parts)
        if part is not None and part.clock and (rules.asks or not part.zone)
    ]
    if not without:
        return ""
    titles = [table.titles[place] for place in (clock, day) if place is not None]
    known = rules.zone or next(filter(None, map(zone_of, titles)), "")
    if options.timezone is not None:
        if known and options.timezone != known and not rules.asks:
            raise FileContentError(
                table.name,
                f"the clocks are of {known}, and --event-timezone says {options.timezone}",
                "leave the option out",
            )
        return options.timezone
    if known and not rules.asks:
        return known
    part = parts[without[0]]
    shown = "" if part is None else f"{part.day} {part.clock}"
    title = table.titles[day if clock is None else clock] or "time"
    why = rules.asks or "has no zone"
    raise FileContentError(
        table.name,
        f"{title}: {shown!r} {why}: of UTC it is {_in_new_york(shown)} in New York, of New York {shown[-8:]}",
        "say --event-timezone UTC, America/New_York (or another zone) or exchange"
        " (events_file: {timezone: America/New_York})",
        line=table.line(without[0]),
    )


def _in_new_york(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:  # a day that does not exist, which is reported with its row
        return "earlier"
    return f"{moment.astimezone(ZoneInfo('America/New_York')):%H:%M:%S}"


def is_empty(values: TextArray) -> BoolArray:
    """Return which cells hold nothing."""
    return np.array([value is None or (isinstance(value, str) and not value.strip()) for value in values])
