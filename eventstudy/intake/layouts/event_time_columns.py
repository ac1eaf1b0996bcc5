"""Columns of an event list that say when in the day by what they hold, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.event_roles import header_line, settled
from eventstudy.intake.layouts.event_times import COMMON, MIDNIGHT, WORDS, read_clock, read_moment, word
from eventstudy.intake.marks import is_text
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

#: columns that say by a flag when in the day, ``is`` before them or not
FLAGS = (
    *("amc", "bmo", "afterhours", "afterclose", "premarket", "beforeopen", "afterthebell", "beforethebell"),
    *("aftermarket", "beforemarket", "postmarket"),
)
#: names of columns whose clocks are a duration
_DURATION = re.compile("length|duration|elapsed|minutes|dauer|durée|duración")
#: names of columns whose time stamps are of the news
_OF_NEWS = re.compile("time|stamp|accept|releas|announc|publish")
MOST_WORDS = 200  #: distinct texts of a column of words, at most: spellings of a few words
ENTRY = "say --event-column {role}={title} (events_file: {{columns: {{{role}: {title}}}}})"


def with_time_column(table: Table, roles: Mapping[str, int]) -> dict[str, int]:
    """Return the roles with the column of times that no name tells, where there is one.

    A column of nothing but words such as AMC and BMO is read. Of words that mean other things too (``pre``,
    ``post``) a column says when in the day by its name alone. Where the list states its times already, or
    day 0 itself, other columns are characteristics.

    Raises
    ------
    FileContentError
        Two columns of such words; clocks, time stamps or flags of the time of day that nothing reads.
    """
    found = dict(roles)
    if "when" not in roles or any(_is_filled(table, roles.get(role)) for role in ("time", "timing")):
        return found
    free = [place for place, title in enumerate(table.titles) if title and _is_free(place, roles)]
    if places := [place for place in free if _holds_words(table, place)]:
        found["time"] = places[0] if len(places) == 1 else settled(table, "time", places)[0]
        return found
    if _has_clocks(table, roles["when"]):
        return found
    for place in free:
        title = table.titles[place]
        role = "time" if _holds_clocks(table, place) else "when" if _holds_stamps(table, place) else ""
        if role:
            raise _unread(table, title, f"{ENTRY.format(role=role, title=title)}, or drop the column")
        if plain(title).removeprefix("is") in FLAGS:
            remedy = "write a column timing with pre, regular or post, and rename or drop this one"
            raise _unread(table, title, remedy)
    return found


def _is_free(place: int, roles: Mapping[str, int]) -> bool:
    return all(place != other for role, other in roles.items() if role != "kind")


def _is_filled(table: Table, place: int | None) -> bool:
    return place is not None and bool(table.columns[place].null_count < table.n_rows)


def _unread(table: Table, title: str, remedy: str) -> FileContentError:
    problem = f"column {title!r} seems to say when in the day, and nothing reads it"
    return FileContentError(table.name, problem, remedy, line=header_line(table))


def _holds_words(table: Table, place: int) -> bool:
    texts = _texts(table.columns[place], MOST_WORDS)
    words = {word(text) for text in texts} - {""}
    return bool(words) and words <= WORDS.keys() and not words <= COMMON


def _holds_clocks(table: Table, place: int) -> bool:
    column = table.columns[place]
    if _DURATION.search(plain(table.titles[place])):
        return False
    if pa.types.is_time(column.type):
        return _is_filled(table, place)
    clocks = [read_clock(text) for text in _texts(column, table.n_rows)]
    return any(clock is not None and clock.clock != MIDNIGHT for clock in clocks) and None not in clocks


def _holds_stamps(table: Table, place: int) -> bool:
    return bool(_OF_NEWS.search(plain(table.titles[place]))) and _has_clocks(table, place)


def _has_clocks(table: Table, place: int) -> bool:
    """Whether cells of a column are time stamps at another time than midnight."""
    column = table.columns[place]
    if pa.types.is_timestamp(column.type):
        seconds = pc.cast(column, pa.timestamp("s", column.type.tz), safe=False).drop_null()
        if column.type.tz is not None:
            seconds = pc.local_timestamp(seconds)
        return bool(pc.any(pc.not_equal(seconds, pc.floor_temporal(seconds, unit="day"))).as_py())
    return any(read_moment(text).clock not in ("", MIDNIGHT) for text in _texts(column, table.n_rows))


def _texts(column: pa.ChunkedArray, most: int) -> list[str]:
    """Return the distinct texts of a column that are not blank; none where it holds others, or more."""
    if not is_text(column.type):
        return []
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    distinct = [text.strip() for text in pc.unique(column).to_pylist() if text is not None and text.strip()]
    return distinct if len(distinct) <= most else []
