"""Columns of an event list that `run` follows and a large study does not, and refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.engine.event_columns_read import columns_read
from eventstudy.engine.large_files import ROWS, LargeTable
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.errors import EventsFileError, FileContentError, UsageError
from eventstudy.intake.event_columns import WINDOW_COLUMNS
from eventstudy.intake.layouts.event_roles import ROLES, role_name
from eventstudy.intake.layouts.event_time_columns import with_time_column
from eventstudy.intake.layouts.event_times import MIDNIGHT, WORDS, read_clock, word
from eventstudy.intake.marks import is_text
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

STATED = ("ticker", "when", "session", "timing", "event_id")  #: roles whose columns can be stated
INSTEAD = {"group": "--by", "weight": "--weights"}  #: options that name the columns of other roles
OWN_WINDOWS = ("window", "estimation", "estimation_length", *WINDOW_COLUMNS)
#: why the column of a role is refused
ROLES_REFUSED = {
    "time": "day 0 would be another; news after the close has timing post",
    "timing": "day 0 would be another; state it with --event-column timing=HEADER",
    "session": "day 0 would be another; state it with --event-column session=HEADER",
    "benchmark": "the benchmark is one for all",
    **dict.fromkeys(OWN_WINDOWS, "windows are the same for all"),
}
#: names of columns that are not searched for times, since they have a role of another kind
NO_TIMES = {name for role in ROLES.keys() - {"when", "session", "time", "kind"} for name in ROLES[role]}
#: cells that tell of times where all others of the column may: a word, a clock, a time stamp
TELLING = ("AMC", "16:30", "2024-01-03 16:30")
FIRST = 100  #: rows by which most columns are no times
MOST_DISTINCT = 100_000  #: cells that are looked at; more than a day has seconds


def refuse_unfollowed(table: LargeTable, benchmark: Sequence[str], options: ReadingOptions) -> None:
    """Raise a typed error for columns by which firm-events would be measured otherwise.

    Those are a time of day beside a date, whatever the column is called, a benchmark other than the study's,
    and windows of an event. Naming such a column in ``by`` does not change what it says.

    Parameters
    ----------
    benchmark
        Its series; none where the model needs no benchmark, so that no column can state another.

    Raises
    ------
    UsageError
        A column is stated for a role that is not read.
    EventsFileError
        Such a column is there and not empty.
    """
    for named, header in options.event_columns.items():
        if named not in STATED:
            remedy = f"name the column with {INSTEAD[named]}" if named in INSTEAD else "leave it out"
            raise UsageError(
                f"--event-column {named}={header}: a large study reads {', '.join(STATED)}; {remedy}"
            )
    head, titles = table.head(), table.titles
    read = columns_read(head, options)
    others = [place for place, title in enumerate(titles) if title and place not in read.values()]
    unread = _unread_roles(read, benchmark, options)
    filled = {
        place: role
        for place in others
        if (role := unread.get(role_name(titles[place]), "")) and _is_filled(table, place)
    }
    for place, role in filled.items():
        if _matters(table, place, role, read, benchmark):
            remedy = "take it out, or give it another name if it means something else or groups firm-events"
            raise _refused(table, place, role, remedy)
    timed = "time" in filled.values() or ("timing" in read and _is_filled(table, read["timing"]))
    if "when" not in read or "session" in read or timed:
        return
    for place in others:
        if role_name(titles[place]) not in NO_TIMES and _tells(table, head, place):
            remedy = "take it out, or give a column timing (pre, regular or post), with which it may stay"
            raise _refused(table, place, "time", remedy)


def _refused(table: LargeTable, place: int, role: str, remedy: str) -> EventsFileError:
    problem = f"the column {table.titles[place]} is not followed by a large study ({ROLES_REFUSED[role]})"
    return EventsFileError(table.name, f"{problem}; {remedy}")


def _unread_roles(
    read: Mapping[str, int], benchmark: Sequence[str], options: ReadingOptions
) -> dict[str, str]:
    """Return the role of each name of a column that `run` would follow beside the columns that are read."""
    timed = "when" in read and "session" not in read
    follows = {
        "time": timed,
        "timing": timed and "timing" not in read,
        "session": timed and "when" not in options.event_columns,
        "benchmark": bool(benchmark),
    }
    return {name: role for role in ROLES_REFUSED if follows.get(role, True) for name in ROLES[role]}


def _matters(
    table: LargeTable, place: int, role: str, read: Mapping[str, int], benchmark: Sequence[str]
) -> bool:
    """Whether what a column of a role holds would change a measurement."""
    texts = _texts(table, place)
    if role == "benchmark":
        is_index = role_name(table.titles[place]) == "index"  # of a frame, where it has the numbers of rows
        numbered = (text for text in texts if not (is_index and text.removesuffix(".0").isdecimal()))
        return any(text not in benchmark for text in numbered)
    if role == "time":
        return any(not _says_nothing(text) for text in texts) and not _settles_all(table, read)
    return True


def _says_nothing(time: str) -> bool:
    clock = read_clock(time)
    return WORDS.get(word(time)) == "unknown" if clock is None else clock.clock == MIDNIGHT


def _is_filled(table: LargeTable, place: int) -> bool:
    return next(_texts(table, place), None) is not None


def _settles_all(table: LargeTable, read: Mapping[str, int]) -> bool:
    """Whether the timing of each row is known, which a time of day could then only contradict."""
    if "timing" not in read:
        return False
    return all(
        column.null_count == 0 and {"pre", "regular", "post"}.issuperset(codes_of(column)[1])
        for column in _columns(table, read["timing"])
    )


def _columns(table: LargeTable, place: int) -> Iterator[pa.ChunkedArray]:
    """Yield a column that holds something, some rows at a time."""
    for part in table.parts([place]):
        column = part.columns[0]
        for start in range(0, len(column), ROWS):
            yield column.slice(start, ROWS)


def _texts(table: LargeTable, place: int) -> Iterator[str]:
    """Yield what a column holds, without empty cells."""
    for column in _columns(table, place):
        if not pa.types.is_null(column.type):
            yield from (text.strip() for text in codes_of(column)[1] if text and text.strip())


def _tells(table: LargeTable, head: Table, place: int) -> bool:
    """Whether `run` reads a column as times for what it holds, or asks about it."""
    title, first = table.titles[place], _distinct(head.columns[place].slice(0, FIRST))
    if is_text(first.type):
        may_tell = any(_is_told(title, pa.array([*first.to_pylist(), cell])) for cell in TELLING)
    else:  # time stamps and flags tell by their names, too
        cell = TELLING[2] if pa.types.is_timestamp(first.type) else "yes"
        may_tell = _is_told(title, pa.array([cell]))
    if not may_tell:
        return False
    seen = first
    for column in _columns(table, place):
        seen = pc.unique(pa.chunked_array([seen, _distinct(column)]))
        if len(seen) > MOST_DISTINCT:
            break
    return bool(len(seen)) and _is_told(title, seen)


def _is_told(title: str, cells: pa.Array) -> bool:
    """Whether a column of such cells beside one of dates says when in the day, or seems to."""
    columns = (pa.chunked_array([pa.nulls(len(cells))]), pa.chunked_array([cells]))
    try:
        return "time" in with_time_column(Table("", columns, (("date", title),)), {"when": 0})
    except FileContentError:
        return True


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pc.unique(column).drop_null()
