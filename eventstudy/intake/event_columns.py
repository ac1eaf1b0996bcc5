"""An event list as a layout hands it over: standard columns, what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from eventstudy._typing import IntArray, TextArray
from eventstudy.intake.understood import Understood

#: columns of an event list that have a meaning, in the order of a frame
STANDARD = ("event_id", "ticker", "when", "session", "timing", "kind", "benchmark", "title", "expect")
#: whole sessions relative to day 0, missing where an event has no window of its own
WINDOW_COLUMNS = ("window_start", "window_end", "estimation_start", "estimation_end")


class LeftOut(NamedTuple):
    """Rows of a list that are no firm-events: why, and how many."""

    reason: str
    rows: int


@dataclass(frozen=True)
class EventReading:
    """What an event list holds.

    Attributes
    ----------
    columns
        Object arrays of shape (N,) under the names of `STANDARD` and `WINDOW_COLUMNS`, as far as they are
        given, and under their own titles what else the list has; None where a cell is empty. ``when`` holds
        text (``2025-01-27``, ``2025-01-27 16:20 America/New_York``), dates or time stamps with a zone.
    rows
        Row of the table of each firm-event, shape (N,).
    understood
        What the list was taken for.
    left_out
        Rows that are no firm-events.
    problems
        What is wrong with single cells, by row of the table.
    exchanges
        MIC of tickers, where the kind of id tells it.
    """

    columns: Mapping[str, TextArray]
    rows: IntArray
    understood: Understood
    left_out: tuple[LeftOut, ...] = ()
    problems: Mapping[int, str] = field(default_factory=dict)
    exchanges: Mapping[str, str] = field(default_factory=dict)
