"""Event lists from any file or frame: read by their layout, checked cell by cell, errors with their line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy._typing import TextArray
from eventstudy.design.arguments import check_kind
from eventstudy.errors import DesignError, EventsFileError, FileContentError
from eventstudy.events.event import TABLE_SUFFIXES, is_frame
from eventstudy.events.frame import LINE, MAX_SHOWN, check_event_frame
from eventstudy.intake.event_columns import STANDARD, WINDOW_COLUMNS, EventReading, LeftOut
from eventstudy.intake.layouts.event_moments import EXCHANGE, moments_of
from eventstudy.intake.layouts.events import read_events_of
from eventstudy.intake.opening import table_of_frame, tables_of
from eventstudy.intake.options import ReadingOptions, reading_options
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood
from eventstudy.sessions import exchange_of
from eventstudy.sessions.calendar import exchange_hours
from eventstudy.sessions.exchange import US, WITHOUT_SUFFIX

FRAME = "event table"  #: name of a frame in messages
CALENDARS_SINCE = date(2020, 1, 1)  #: the zone of a calendar is the same whenever it begins
#: 007 is a name, and so are more digits than a number holds
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
#: options of price files in messages of the readers, and those of event lists
_OPTIONS = (("--date-order", "--event-date-order"), ("(data: ", "(events_file: "))
#: what has no option of its own for event lists
_IN_STUDY = re.compile(r"say --(?:sheet|encoding|decimal)[^()]*\(events_file: \{([^()]*\})\)")


@dataclass(frozen=True)
class EventList:
    """A checked event list, what it was taken for, and the rows that are no firm-events.

    ``frame`` is as `check_event_frame` returns it; ``exchanges`` are those that the kind of id tells.
    """

    frame: pd.DataFrame
    understood: Understood
    left_out: tuple[LeftOut, ...] = ()
    exchanges: Mapping[str, str] = field(default_factory=dict)


def read_events(events: Any, **options: Any) -> pd.DataFrame:
    """Read an event list from a file or a frame and return it in one form.

    Parameters
    ----------
    events
        Path of a list (CSV of any dialect, a workbook, Stata, SAS, SPSS, R, Parquet), or a frame of any
        library.
    options
        What the list does not tell: ``date_order`` (``dmy``, ``mdy``, ...), ``timezone`` of clocks without
        one (an IANA name, ``UTC``, ``exchange``), ``event_columns`` (the header of a role, as
        ``{"ticker": "Target CUSIP"}``), ``sheet``, ``encoding``, ``decimal``, ``exchange``, ``layout``.

    Returns
    -------
    DataFrame
        A row per firm-event: ``event_id``, ``ticker``, ``when`` (dates and time stamps with a zone) or
        ``session``, ``timing``, ``kind``, ``benchmark``, ``title``, ``expect``, windows where the list has
        them, then its further columns. ``attrs["understood"]`` says what it was taken for.

    Raises
    ------
    EventsFileError
        Wrong in any way, or readable in two ways, with the line and the option.
    UnknownNameError
        An option, or a word for one, that does not exist.
    UsageError
        ``events`` is neither a path nor a frame.
    """
    stated = reading_options(**options)
    if not is_frame(events):
        check_kind("events", events, (str, Path), "the path of an event list, or a frame")
    read = read_event_frame(events, stated) if is_frame(events) else read_event_list(Path(events), stated)
    read.frame.attrs["understood"] = read.understood.sentence()
    return read.frame


def read_event_table(path: str | Path, options: ReadingOptions | None = None) -> pd.DataFrame:
    """Return the checked frame of an event list; errors of `read_event_list`."""
    return read_event_list(Path(path), options or ReadingOptions()).frame


def read_event_list(path: Path, options: ReadingOptions) -> EventList:
    """Read an event list from a file.

    Raises
    ------
    EventsFileError
        Missing, unreadable or wrong in any way, with the line.
    """
    return _checked(_open(path, options), path, options, labels=None)


def read_event_frame(frame: Any, options: ReadingOptions) -> EventList:
    """Read an event list from a frame of any library; errors of `read_event_list`, with the row."""
    labels = frame.index if isinstance(frame, pd.DataFrame) else None
    named = _with_text_days(frame) if isinstance(frame, pd.DataFrame) else frame
    try:
        table = table_of_frame(FRAME, named)
    except FileContentError as error:
        raise _events_error(error, Path(FRAME)) from None
    rows = pd.RangeIndex(table.n_rows) if labels is None else labels
    return _checked((table,), Path(FRAME), options, labels=rows)


def read_table(path: Path) -> pd.DataFrame:
    """Return the cells of a table of news as text, with its titles and lines; errors of `read_event_list`.

    Days in the column ``date`` may be written in any form.
    """
    options = ReadingOptions()
    (table, *_) = _open(path, options)
    cells = {
        title: np.array(["" if cell is None else _as_text(cell) for cell in column.to_pylist()], dtype=object)
        for title, column in zip(table.titles, table.columns, strict=True)
        if title
    }
    if "date" in cells:
        try:
            when = moments_of(table, table.titles.index("date"), None, None, options).when
        except FileContentError as error:
            raise _events_error(error, path) from None
        cells["date"] = np.array(["" if day is None else day for day in when], dtype=object)
    return pd.DataFrame(cells, index=pd.Index(map(table.line, range(table.n_rows)), name=LINE))


def _open(path: Path, options: ReadingOptions) -> tuple[Table, ...]:
    if path.suffix.lower() not in TABLE_SUFFIXES:
        problem = "is not an event table; tables end in .csv, .xlsx, .parquet and so on, study files in .yaml"
        raise EventsFileError(path, problem)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "there is no such file"
        raise EventsFileError(path, f"{found}; name an event table, such as events.csv")
    try:
        return tables_of(path.name, path.read_bytes(), options, least_rows=1, undated=True)
    except OSError as error:
        raise EventsFileError(path, f"cannot be read: {error.strerror or error}") from None
    except FileContentError as error:
        raise _events_error(error, path) from None


def _checked(
    tables: Sequence[Table], path: Path, options: ReadingOptions, labels: pd.Index | None
) -> EventList:
    """Read the list that is among the tables and check every cell; all mistakes are one error."""
    try:
        reading = read_events_of(tables, options)
    except FileContentError as error:
        raise _events_error(error, path) from None
    if not len(reading.rows):
        raise EventsFileError(
            path, f"the table has no rows{_told(reading)}; it needs one per event and ticker"
        )
    table = next((each for each in tables if each.name == reading.understood.file), tables[0])
    frame = _frame(reading)
    if "when" in frame:
        frame["when"] = _with_zones(frame["when"], reading, options)
    if labels is None:
        frame.index = pd.Index(_lines(table, reading), name=LINE)
    else:
        frame.index = labels[reading.rows]
    faults = list(_faults(reading, table, path, labels))
    try:
        checked = check_event_frame(frame, path)
    except EventsFileError as error:
        raise (EventsFileError.of([*faults, error]) if faults else error) from None
    if faults:
        raise EventsFileError.of(faults)
    return EventList(checked, reading.understood, reading.left_out, reading.exchanges)


def _faults(
    reading: EventReading, table: Table, path: Path, labels: pd.Index | None
) -> Iterator[EventsFileError]:
    """Yield an error for each of the first rows with a problem, and one that counts the others."""
    for number, (row, problem) in enumerate(sorted(reading.problems.items())):
        more = len(reading.problems) - number - 1
        said = f"{problem} (and {more} further rows)" if number == MAX_SHOWN and more else problem
        if labels is None:
            yield EventsFileError(path, said, line=table.line(row))
        else:
            yield EventsFileError(path, f"row {labels[row]}: {said}")
        if number == MAX_SHOWN:
            return


def _with_zones(when: pd.Series[Any], reading: EventReading, options: ReadingOptions) -> TextArray:
    """Return stamps of the securities' exchanges with their zones; New York where none is known."""
    known = {**reading.exchanges, **({WITHOUT_SUFFIX: options.exchange} if options.exchange else {})}
    zone = lru_cache(maxsize=None)(partial(_zone_of, known))
    ending = f" {EXCHANGE}"
    return np.array(
        [
            f"{stamp.removesuffix(ending)} {zone(str(ticker))}" if str(stamp).endswith(ending) else stamp
            for stamp, ticker in zip(when, reading.columns["ticker"], strict=True)
        ],
        dtype=object,
    )


def _zone_of(known: Mapping[str, str], ticker: str) -> str:
    try:
        code = exchange_of(ticker, known)
    except DesignError:  # reported with all other tickers when their day 0 is sought
        code = US
    return str(exchange_hours(code, CALENDARS_SINCE).zone)


def _lines(table: Table, reading: EventReading) -> list[int]:
    first = table.first_line - (reading.understood.n_rows - table.n_rows)
    if table.lines is not None or first == table.first_line:
        return [table.line(int(row)) for row in reading.rows]
    return [first + int(row) for row in reading.rows]


def _told(reading: EventReading) -> str:
    told = ", ".join(f"{each.rows} with the reason: {each.reason}" for each in reading.left_out)
    return f" ({told})" if told else ""


def _frame(reading: EventReading) -> pd.DataFrame:
    """Return the columns of a list: windows whole numbers, further columns numbers where all cells are."""
    columns: dict[str, Any] = {}
    for name, values in reading.columns.items():
        if name in WINDOW_COLUMNS:
            columns[name] = pd.array(list(values), dtype="Int64")
        elif name in STANDARD:
            columns[name] = values
        else:
            columns[name] = _characteristic(values)
    return pd.DataFrame(columns)


def _characteristic(values: TextArray) -> pd.Series[Any]:
    filled = [value for value in values if value is not None]
    if filled and all(isinstance(value, str) for value in filled):
        if all(_PLAIN_NUMBER.fullmatch(value) for value in filled):
            return pd.Series(pd.to_numeric(pd.Series([value or None for value in values])))
        return pd.Series(list(values), dtype=object)
    return pd.Series(list(values) if filled else [None] * len(values), dtype=None if filled else object)


def _with_text_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns of mixed dates and time stamps are text, which keeps their own zones."""
    mixed = {
        name: [_as_text(cell) if isinstance(cell, date) else cell for cell in frame[name]]
        for name in dict.fromkeys(frame.columns)
        if isinstance(frame[name], pd.Series)
        and frame[name].dtype == object
        and any(isinstance(cell, date) for cell in frame[name])
    }
    if not mixed:
        return frame
    texts: dict[str, Any] = {
        name: [None if pd.isna(cell) else cell for cell in cells] for name, cells in mixed.items()
    }
    return frame.assign(**texts)


def _as_text(cell: Any) -> str:
    """Return a cell as text; a time stamp keeps its zone."""
    if pd.isna(cell):
        return ""
    zone = getattr(getattr(cell, "tzinfo", None), "key", None)
    return f"{cell:%Y-%m-%d %H:%M:%S} {zone}" if zone else str(cell)


def _events_error(error: FileContentError, path: Path) -> EventsFileError:
    """Return an error of the readers as one of event lists, whose options have names of their own."""
    remedy = error.remedy
    for of_prices, of_events in _OPTIONS:
        remedy = re.sub(rf"(?<![-\w]){re.escape(of_prices)}", of_events, remedy)
    remedy = _IN_STUDY.sub(rf"name it in a study file: events_file: {{path: {path.name}, \1", remedy)
    sheet = error.name.partition("[")
    place = Path(f"{path}[{sheet[2]}") if sheet[1] and sheet[2].endswith("]") else path
    problem = error.problem + (f"; {remedy}" if remedy else "")
    return EventsFileError(place, problem, line=error.line)
