"""Checks of an event table: whole columns at a time, every error with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy._typing import Direction, IntArray, TextArray, Timing
from eventstudy.design import Benchmark
from eventstudy.errors import EventsFileError, EventStudyError, UnknownNameError, UsageError
from eventstudy.events import timing_columns as times
from eventstudy.events.column_names import COLUMNS, refused_names, renamed
from eventstudy.events.moments import contradiction, read_day, read_when
from eventstudy.events.names import check_id, check_ticker

LINE = "line"  #: name of the index that holds line numbers of a file
MAX_SHOWN = 20  #: mistakes of one sort that are listed


def check_event_frame(frame: pd.DataFrame, path: str | Path | None = None) -> pd.DataFrame:
    """Check an event table and return it in one form.

    Parameters
    ----------
    frame
        One row per firm-event: ``event_id``, ``ticker``, and ``when`` or ``session`` (day 0 itself);
        optionally ``timing``, ``kind``, ``benchmark`` (``SPY``, or a basket ``QQQ+SMH``), ``title``,
        ``expect``. Further columns are characteristics. ``when`` holds dates, time stamps
        with a zone, or their text as in a study file; naive ``datetime64`` must be midnights and are dates.
        An index named ``line`` gives the lines of the file that the rows were read from.
    path
        Name of the table in messages.

    Returns
    -------
    DataFrame
        A new frame in the same row order with a plain index: ``event_id`` and ``ticker`` (str), ``when``
        (object: datetime with zone, or date) or ``session`` (datetime64[s]) or both, as given; ``timing``,
        ``kind``, ``benchmark``, ``title``, ``expect`` (str, empty where not given); then the characteristics.

    Raises
    ------
    EventsFileError
        Any error; ``problems`` has a line per error, at most 20 of each kind.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"an event table must be a DataFrame, not {type(frame).__name__}")
    source = _Source(Path(path or "event table"), frame)
    source.check_columns()
    faults: list[EventsFileError] = []
    texts = {name: _texts(source, name, faults) for name in _CHECKS}
    for name, check in _CHECKS.items():
        faults += _check_values(source, texts[name], check)
    texts["timing"] = np.array([times.timing_of(text) for text in texts["timing"]], dtype=object)
    days = _days_and_sessions(source, texts["timing"], faults)
    if "session" not in days:
        texts["timing"] = _with_times(source, texts["timing"], days["when"], faults)
    faults += _repeated_rows(source, texts["event_id"], texts["ticker"])
    if faults:
        raise EventsFileError.of(faults)
    return _assembled(frame, texts, days)


@dataclass(frozen=True)
class _Source:
    """A table, and the names of its rows in messages."""

    path: Path
    frame: pd.DataFrame

    def error(self, row: int, problem: str) -> EventsFileError:
        label = self.frame.index[row]
        if self.frame.index.name == LINE:
            return EventsFileError(self.path, problem, line=int(label))
        return EventsFileError(self.path, f"row {label}: {problem}")

    def errors(self, rows: IntArray, say: Callable[[int], str]) -> Iterator[EventsFileError]:
        """Yield an error per row, and one that counts the rest beyond the first few."""
        for row in rows[:MAX_SHOWN].tolist():
            yield self.error(row, say(row))
        if len(rows) > MAX_SHOWN:
            problem = f"this and {len(rows) - MAX_SHOWN - 1} further rows have the same mistake"
            yield self.error(int(rows[MAX_SHOWN]), problem)

    def check_columns(self) -> None:
        """Require the columns, once each, and a row."""
        line = 1 if self.frame.index.name == LINE else None
        names = [str(name) for name in self.frame.columns]
        wanted = ("event_id", "ticker") if "session" in names else ("event_id", "ticker", "when")
        problems = [
            f"column {name!r} is missing{renamed(name, names)}; the columns are {names[:20]}"
            for name in wanted
            if name not in names
        ]
        twice = dict.fromkeys(name for name in names if names.count(name) > 1)
        problems += [f"column {name!r} is there twice; keep one" for name in twice]
        problems += [] if problems else refused_names(names)
        problems += times.refused_columns(names, sessions="session" in names)
        if not problems and not len(self.frame):
            problems = ["the table has no rows; it needs one per event and ticker"]
        if problems:
            raise EventsFileError.of([EventsFileError(self.path, problem, line=line) for problem in problems])


def _texts(source: _Source, name: str, faults: list[EventsFileError]) -> TextArray:
    """Return a column as text, empty where missing; whole numbers are names, other values are errors."""
    if name not in source.frame:
        return np.full(len(source.frame), "", dtype=object)
    column = source.frame[name]
    values = column.astype(object).to_numpy(copy=True)
    values[column.isna().to_numpy()] = ""
    if pd.api.types.infer_dtype(values, skipna=False) == "string":
        return values
    is_name = [isinstance(value, (str, int, np.integer)) and not isinstance(value, bool) for value in values]
    invalid = np.flatnonzero(~np.array(is_name))
    remedy = "make the column text (dtype=str), so that TRUE, 007 and 1e5 stay what they are"
    faults += source.errors(invalid, lambda row: f"{name} {values[row]!r} is not text; {remedy}")
    return np.array([str(value) for value in values], dtype=object)


def _check_values(
    source: _Source, values: TextArray, check: Callable[[str], Any]
) -> Iterator[EventsFileError]:
    """Check each distinct value once."""
    codes, distinct = pd.factorize(values)
    problems: dict[int, str] = {}
    for code, value in enumerate(distinct):
        try:
            check(value)
        except EventStudyError as error:
            problems[code] = str(getattr(error, "problem", error))
    rows = np.flatnonzero(np.isin(codes, list(problems)))
    return source.errors(rows, lambda row: problems[codes[row]])


def _one_of(what: str, allowed: tuple[str, ...]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value and value not in allowed:
            raise UnknownNameError(what, value, allowed)

    return check


def _check_benchmark(value: str) -> None:
    if value:
        for ticker in Benchmark.parse(value.split("+")).tickers:
            check_ticker(ticker)


_TIMING = _one_of("timing", (*get_args(Timing), "session"))
_CHECKS: dict[str, Callable[[str], Any]] = {
    "event_id": check_id,
    "ticker": check_ticker,
    "timing": lambda value: _TIMING(times.timing_of(value)),
    "kind": str,
    "benchmark": _check_benchmark,
    "title": str,
    "expect": _one_of("direction", get_args(Direction)),
}


def _days_and_sessions(
    source: _Source, timing: TextArray, faults: list[EventsFileError]
) -> dict[str, TextArray]:
    """Return the given columns of when and session; the one that determines day 0 must have no gaps."""
    columns = {
        name: _days(source, name, read, faults)
        for name, read in (("when", read_when), ("session", read_day))
        if name in source.frame
    }
    decisive = "session" if "session" in columns else "when"
    empty = np.flatnonzero(pd.isna(columns[decisive]))
    faults += source.errors(empty, lambda _: f"{decisive} is empty; write a date such as 2025-01-27")
    if len(columns) == 2:
        said = {
            row: contradiction(when, day)
            for row, (when, day) in enumerate(zip(columns["when"], columns["session"], strict=True))
            if when not in (None, date.min) and day not in (None, date.min)
        }
        wrong = np.array([row for row, problem in said.items() if problem], dtype=np.int64)
        faults += source.errors(wrong, said.__getitem__)
    if decisive == "when" and (timing == "session").any():
        dates = np.array([not isinstance(day, datetime) for day in columns["when"]])
        problem = (
            "timing session says that the date is day 0; say so of every row, and of dates without a time"
        )
        faults += source.errors(np.flatnonzero((timing != "session") | ~dates), lambda _: problem)
        columns["session"] = columns["when"]
    return columns


def _with_times(
    source: _Source, timing: TextArray, when: TextArray, faults: list[EventsFileError]
) -> TextArray:
    """Return the timing with what a column of times adds; a cell that contradicts it is an error."""
    stamped = np.array([isinstance(day, datetime) for day in when])
    named = times.time_columns([str(column) for column in source.frame.columns])
    faults += _unread_times(source, bool(named) or bool((stamped | (timing != "")).any()))
    for name in named[:1]:
        column = source.frame[name].astype(object)
        cells = np.array(
            ["" if gone else str(cell) for cell, gone in zip(column, column.isna(), strict=True)]
        )
        read, problems = times.read_times(cells.astype(object), stamped=stamped, name=name)
        differs = (read != "") & (timing != "") & (read != timing)
        problems |= {
            int(row): f"{name} {str(cells[row])!r} contradicts timing {timing[row]!r}; keep one of the two"
            for row in np.flatnonzero(differs)
        }
        rows = np.array(sorted(problems), dtype=np.int64)
        faults += source.errors(rows, lambda row: problems[row])  # noqa: B023
        timing = np.where(timing == "", read, timing).astype(object)
    return timing


def _unread_times(source: _Source, stated: bool) -> list[EventsFileError]:
    """Return an error per column that says when in the day under a name that nothing reads."""
    if stated:
        return []
    line = 1 if source.frame.index.name == LINE else None
    others = source.frame.columns.difference(list(COLUMNS), sort=False)
    cells = {str(name): source.frame[name].dropna().unique() for name in others}
    return [EventsFileError(source.path, problem, line=line) for problem in times.unread_times(cells)]


def _days(
    source: _Source, name: str, read: Callable[[str], date], faults: list[EventsFileError]
) -> TextArray:
    """Return a column as dates and zoned time stamps, None where empty; unreadable values are errors."""
    days = np.full(len(source.frame), None, dtype=object)
    column = source.frame[name]
    values = _as_objects(column)
    from_text = lru_cache(maxsize=None)(read)
    invalid: dict[int, str] = {}
    for row in np.flatnonzero(column.notna().to_numpy()).tolist():
        try:
            days[row] = _day(values[row], from_text, name)
        except UsageError as error:
            invalid[row] = f"{name}: {error}"
            days[row] = date.min  # not empty, so that it is reported once
    faults += source.errors(np.array(list(invalid), dtype=np.int64), invalid.__getitem__)
    return days


def _as_objects(column: pd.Series[Any]) -> TextArray:
    """Return Python datetimes where they can hold the column's dates, else the values as they are."""
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        index = pd.DatetimeIndex(column)
        if index.isna().all() or (index.min().year >= MINYEAR and index.max().year <= MAXYEAR):
            stamps: TextArray = index.to_pydatetime()
            return stamps
        column = column.astype("str")
    return column.astype(object).to_numpy()


def _day(value: Any, from_text: Callable[[str], date], name: str) -> date | None:
    if isinstance(value, str):
        return from_text(value) if value.strip() else None
    if not isinstance(value, datetime):
        if isinstance(value, date):
            return value
        raise UsageError(
            f"{value!r} is not a date; give dates, time stamps with a zone, or text as 2025-01-27"
        )
    if value.tzinfo is not None and name == "when":
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    if value.time() == time():
        return value.date()
    remedy = "day 0 is a date" if name == "session" else "give it one (tz_localize), or the date alone"
    raise UsageError(f"{value} has a time of day but no time zone; {remedy}")


def _repeated_rows(source: _Source, ids: TextArray, tickers: TextArray) -> Iterator[EventsFileError]:
    pairs = pd.DataFrame({"event_id": ids, "ticker": tickers})
    again = np.flatnonzero(pairs.duplicated().to_numpy())
    return source.errors(
        again, lambda row: f"event {ids[row]!r} already has a row for {tickers[row]!r}; keep one"
    )


def _assembled(frame: pd.DataFrame, texts: dict[str, TextArray], days: dict[str, TextArray]) -> pd.DataFrame:
    timing = np.where(texts["timing"] == "session", "", texts["timing"])
    known = {name: pd.Series(values, dtype="str") for name, values in (texts | {"timing": timing}).items()}
    known |= {name: pd.Series(column, dtype=object) for name, column in days.items()}
    if "session" in days:
        known["session"] = pd.Series(days["session"].astype("datetime64[s]"))
    others = frame.drop(columns=[name for name in COLUMNS if name in frame]).reset_index(drop=True)
    kept = pd.DataFrame({name: known[name] for name in COLUMNS if name in known})
    return pd.concat([kept, others], axis="columns")
