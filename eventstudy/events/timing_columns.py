"""Columns of an event list that say when in the day, and those that it must not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy._typing import TextArray

#: what exports call the times of a session, without blanks, dots, - and _, in lower case
WORDS = {
    word: timing
    for timing, words in {
        "pre": "pre premarket bmo bto beforeopen beforemarket beforemarketopen timepremarket befmkt",
        "regular": "regular dmt dmh dmm during duringmarket regularhours intraday",
        "post": "post postmarket amc afterclose afterhours aftermarket aftermarketclose timeafterhours"
        " aftmkt",
        "unknown": "unknown tas tns tbd timenotsupplied na nan none null",
    }.items()
    for word in words.split()
}
#: names of columns, written as those words: a time of day, a flag of one, windows of an event's own
TIMES = [
    "time",
    "announcementtime",
    "announcetime",
    "announcedtime",
    "anntims",
    "timeofday",
    "releasetime",
    "eventtime",
    "reporttime",
    "hour",
    "whentime",
    "actrptcode",
    "beforeaftermarket",
]
FLAGS = [
    "amc",
    "bmo",
    "afterhours",
    "afterclose",
    "premarket",
    "beforeopen",
    "afterthebell",
    "beforethebell",
]
WINDOWS = [
    "window",
    "eventwindow",
    "winstart",
    "winend",
    "windowstart",
    "windowend",
    "estimation",
    "estimationwindow",
    "estwindow",
    "eststart",
    "estend",
    "estimationstart",
    "estimationend",
    "estlength",
    "estimationlength",
]

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?(\s+\S+)?|\d{1,2}\s*[AaPp][Mm]")
_MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?")
_MARKS = re.compile(r"[\s._\-]+")


def plain(text: object) -> str:
    """Return a name or a word in lower case, without blanks, dots, - and _."""
    return _MARKS.sub("", str(text)).lower()


def timing_of(text: str) -> str:
    """Return the timing that a word stands for, as exports write it (AMC: post); other text as it is."""
    return WORDS.get(plain(text), text)


def time_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that by their name hold a time of day."""
    return [name for name in names if plain(name) in TIMES]


def refused_columns(names: Sequence[str], *, sessions: bool) -> Iterator[str]:
    """Yield what is wrong with columns that nothing reads and that would change day 0 or a window."""
    for name in names:
        if plain(name) in WINDOWS:
            yield (
                f"column {name!r} would give each event a window of its own, and nothing reads it; set the"
                " windows of all with --window and --estimation, and rename or drop the column"
            )
        elif plain(name) in FLAGS and not sessions:
            remedy = "write a column timing with pre, regular or post, and rename or drop this one"
            yield f"column {name!r} seems to say when in the day, and nothing reads it; {remedy}"
    times = time_columns(names)
    if len(times) > 1 and not sessions:
        listed = " and ".join(map(repr, times))
        yield f"the columns {listed} both say when in the day; keep one"


def unread_times(columns: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """Yield what is wrong with columns, by name with their cells, that nothing reads and that are times."""
    for name, cells in columns.items():
        if _told_by_cells([str(cell) for cell in cells]):
            remedy = "call it timing, or drop it"
            yield f"column {name!r} seems to say when in the day, and nothing reads it; {remedy}"


def _told_by_cells(cells: Sequence[str]) -> bool:
    """Whether the cells of a column say when in the day and nothing else: words of exports, or clocks.

    ``pre`` and ``post`` may also be periods, and so say nothing here.
    """
    filled = [cell.strip() for cell in cells if plain(cell)]
    words = [plain(cell) for cell in filled]
    known = [WORDS[word] not in ("unknown", word) for word in words if word in WORDS]
    clocks = sum(_CLOCK.fullmatch(cell) is not None and not _MIDNIGHT.fullmatch(cell) for cell in filled)
    return bool(any(known) or clocks) and len(known) + clocks == len(filled)


def read_times(cells: TextArray, *, stamped: TextArray, name: str) -> tuple[TextArray, dict[int, str]]:
    """Return the timing that each cell of a column of times gives, and what is wrong by row.

    Parameters
    ----------
    cells
        Text, ``""`` where empty.
    stamped
        Which rows have a time stamp, against which a clock adds nothing, shape (n,).
    """
    timing, problems = np.full(len(cells), "", dtype=object), dict[int, str]()
    filled = [cell.strip() for cell in cells]
    all_midnight = all(_MIDNIGHT.fullmatch(cell) for cell in filled if cell)
    for row, cell in enumerate(filled):
        word = plain(cell)
        if not word:  # empty, or a dash
            continue
        if word in WORDS:
            timing[row] = WORDS[word]
        elif _CLOCK.fullmatch(cell):
            if not all_midnight and not stamped[row]:
                problems[row] = (
                    f"{name} {cell!r} belongs into when, with its zone: 2025-02-26 16:20 America/New_York"
                )
        else:
            problems[row] = (
                f"{name} {cell!r} is no time of day; write pre (BMO), regular, post (AMC) or unknown,"
                " or rename the column"
            )
    return timing, problems
