"""Columns of an event list that `run` follows and a large study does not, and refuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from eventstudy.engine.large_files import LargeTable
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.errors import EventsFileError, UsageError
from eventstudy.intake.event_columns import WINDOW_COLUMNS
from eventstudy.intake.layouts.event_roles import ROLES
from eventstudy.intake.options import ReadingOptions

STATED = ("ticker", "when", "session", "timing", "event_id")  #: roles whose columns can be stated
INSTEAD = {"group": "--by", "weight": "--weights"}  #: options that name the columns of other roles
OWN_WINDOWS = ("window", "estimation", *WINDOW_COLUMNS)


def refuse_unfollowed(
    table: LargeTable, by: Sequence[str], regressors: Sequence[str], options: ReadingOptions
) -> None:
    """Raise a typed error for columns by which firm-events would be measured otherwise.

    Those are a time of day beside a date, a benchmark other than the study's, and windows of an event.
    Columns of ``by`` group firm-events, whatever they are called.

    Raises
    ------
    UsageError
        A column is stated for a role that is not read.
    EventsFileError
        Such a column is there and not empty.
    """
    for role, header in options.event_columns.items():
        if role not in STATED:
            remedy = f"name the column with {INSTEAD[role]}" if role in INSTEAD else "leave it out"
            raise UsageError(
                f"--event-column {role}={header}: a large study reads {', '.join(STATED)}; {remedy}"
            )
    head = table.head()
    dated = not head.places("session", "day0", *_stated(options, "session"))
    timed = ("time",) if dated and not head.places("timing", *_stated(options, "timing")) else ()
    roles = {"time": "day 0 would be another", "benchmark": "the benchmark is one for all"}
    roles |= dict.fromkeys(OWN_WINDOWS, "windows are the same for all")
    named = {*by, *options.event_columns.values()}
    for role in (*timed, "benchmark", *OWN_WINDOWS):
        for place in head.places(*(name for name in ROLES[role] if name != "index")):
            title = table.titles[place]
            if title not in named and set(_texts(table, place)) - (
                {*regressors} if role == "benchmark" else set()
            ):
                raise EventsFileError(
                    table.name,
                    f"the column {title} is not followed by a large study ({roles[role]});"
                    " take it out, or give it another name if it means something else"
                    + ("; news after the close has timing post" if role == "time" else ""),
                )


def _stated(options: ReadingOptions, role: str) -> tuple[str, ...]:
    return (options.event_columns[role],) if role in options.event_columns else ()


def _texts(table: LargeTable, place: int) -> Iterator[str]:
    """Yield what a column holds, without empty cells."""
    for part in table.parts([place]):
        column = part.columns[0]
        if not pa.types.is_null(column.type):
            yield from (text for text in codes_of(column)[1] if text and text.strip())
