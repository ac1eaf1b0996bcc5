"""Columns of an event list that say when in the day, and those that it must not have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from eventstudy._typing import TextArray

#: what exports call the times of a session, without blanks, dots, - and _, in lower case
WORDS = {
    word: timing
    for timing, words in {
        "pre": "pre before premarket premarkethours bmo bto beforeopen beforetheopen beforemarket"
        " beforemarketopen beforemarketopens beforethebell timepremarket befmkt",
        "regular": "regular dmt dmh dmm during duringmarket duringmarkethours duringtradinghours regularhours"
        " intraday",
        "post": "post after postmarket postmarkethours amc afterclose aftertheclose afterhours aftermarket"
        " aftermarketclose aftermarketcloses aftermarkethours afterthebell timeafterhours aftmkt",
        "unknown": "unknown tas tns tbd timenotsupplied na nan none null",
    }.items()
    for word in words.split()
}
#: words that other columns may hold, too: a column of them says when in the day by its name alone
COMMON = {"pre", "before", "regular", "during", "intraday", "post", "after"}
COMMON |= {word for word, timing in WORDS.items() if timing == "unknown"}
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
    "beforeafter",
    "prepost",
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
    "aftermarket",
    "beforemarket",
    "postmarket",
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

_CLOCK = re.compile(
    r"(\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?(\s*[Zz]|\s*[+-]\S+|\s+\S+)?"
    r"|\d{1,2}\s*[AaPp][Mm]"
)
#: in names of columns that hold a clock; others may hold a duration
_OF_TIME = re.compile("time|tims|hour|clock|stamp|accept|releas|announc|publish")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d[T ])?0?0:00(:00(\.0+)?)?")
_MARKS = re.compile(r"[\s._\-]+")


def plain(text: object) -> str:
    """Return a name or a word in lower case, without blanks, dots, - and _."""
    return _MARKS.sub("", str(text)).lower()


def timing_of(text: str) -> str:
    """Return the timing that a word stands for, as exports write it (AMC: post); other text as it is."""
    return WORDS.get(plain(text), text)


def time_columns(cells: Mapping[str, Collection[str]], *, stated: bool = False) -> list[str]:
    """Return the columns that hold a time of day: by their name, or by what they hold.

    Parameters
    ----------
    cells
        The distinct texts of each column, by its name.
    stated
        The time of every row is stated otherwise, so that only what has the name of such a column counts.
    """
    return [
        name
        for name, texts in cells.items()
        if plain(name) in TIMES or (not stated and _holds_times(plain(name), texts))
    ]


def _holds_times(name: str, texts: Collection[str]) -> bool:
    words = {plain(text) for text in texts} - {""}
    if not words:
        return False
    if words <= WORDS.keys():
        return not words <= COMMON
    filled = [text.strip() for text in texts if text.strip()]
    clocks = bool(_OF_TIME.search(name)) and all(_CLOCK.fullmatch(text) for text in filled)
    return clocks and not all(_MIDNIGHT.fullmatch(text) for text in filled)


def refused_columns(
    cells: Mapping[str, Collection[str]], *, sessions: bool, stated: bool = False
) -> Iterator[str]:
    """Yield what is wrong with columns that nothing reads and that would change day 0 or a window.

    ``cells`` and ``stated`` are those of `time_columns`; with ``sessions`` day 0 itself is given.
    """
    for name in cells:
        if plain(name) in WINDOWS:
            yield (
                f"column {name!r} would give each event a window of its own, and nothing reads it; set the"
                " windows of all with --window and --estimation, and rename or drop the column"
            )
        elif plain(name).removeprefix("is") in FLAGS and name not in time_columns(cells) and not sessions:
            remedy = "write a column timing with pre, regular or post, and rename or drop this one"
            yield f"column {name!r} seems to say when in the day, and nothing reads it; {remedy}"
    times = time_columns(cells, stated=stated)
    if len(times) > 1 and not sessions:
        listed = " and ".join(map(repr, times))
        yield f"the columns {listed} both say when in the day; keep one"


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
