"""Event lists without a header: EventStudyTools, and requests of WRDS and Eventus."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa

from eventstudy.intake.event_columns import EventReading
from eventstudy.intake.layouts.event_generic import ListRules, read_by_roles
from eventstudy.intake.layouts.event_ids import names_of
from eventstudy.intake.layouts.event_roles import ROLES
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

TOOLS = (
    *("event_id", "ticker", "benchmark", "when", "kind", "window_start", "window_end"),
    *("estimation_end", "estimation_length"),
)
_DAY = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d{6}(?:\.0)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{2,4}",
    re.ASCII,
)
_PERMNO, _CUSIP = re.compile(r"\d{4,6}", re.ASCII), re.compile(r"[0-9A-Z]{6,9}", re.ASCII)
_NAMES = {plain(name) for role in ("ticker", "when", "session") for name in ROLES[role]}


def is_day(cell: object) -> bool:
    """Whether a cell is written as a date."""
    return cell is not None and bool(_DAY.fullmatch(str(cell).strip()))


def with_own_header(table: Table) -> Table:
    """Return a table whose header is no row of data, and whose first row is no header.

    A list has so few rows, and often no figures, that where its header ends is seen only by names and dates.
    """
    if table.headers and any(map(is_day, table.titles)) and not _has_names(table.titles):
        first = [pa.chunked_array([pa.array([title or None], pa.string())]) for title in table.titles]
        columns = tuple(
            pa.chunked_array([*above.chunks, *column.cast(pa.string()).chunks])
            for above, column in zip(first, table.columns, strict=True)
        )
        lines = None if table.lines is None else (table.lines[0] - 1, *table.lines)
        return replace(
            table, columns=columns, headers=(), first_line=max(table.first_line - 1, 1), lines=lines
        )
    if not table.headers and table.n_rows:
        first_row = tuple(
            "" if (cell := column[0].as_py()) is None else str(cell) for column in table.columns
        )
        if _has_names(first_row) and not any(map(is_day, first_row)):
            lines = None if table.lines is None else table.lines[1:]
            return replace(
                table,
                columns=tuple(column.slice(1) for column in table.columns),
                headers=(first_row,),
                first_line=table.first_line + 1,
                lines=lines,
            )
    return table


def _has_names(cells: tuple[str, ...]) -> bool:
    return any(plain(cell) in _NAMES for cell in cells)


def is_event_study_tools(table: Table) -> bool:
    """Whether a list is a request of EventStudyTools: nine cells without a header, the fourth a date."""
    return not any(table.titles) and len(table.columns) == len(TOOLS) and is_day(_cell(table, 3))


def read_event_study_tools(table: Table, options: ReadingOptions) -> EventReading:
    """Read a request: event, firm, market, date, group, window, end and length of the estimation window."""
    rules = ListRules("event-study-tools", "EventStudyTools request")
    return read_by_roles(replace(table, headers=(TOOLS,)), options, rules)


def is_request(table: Table) -> bool:
    """Whether a list is a request of WRDS or Eventus: ids and one date per row, without a header."""
    return not any(table.titles) and len(table.columns) in (2, 3) and len(_day_places(table)) == 1


def read_request(table: Table, options: ReadingOptions) -> EventReading:
    """Read a request: PERMNO or CUSIP, and a date; of both ids the PERMNO counts."""
    (day,) = _day_places(table)
    kinds = {place: _kind(table, place) for place in range(len(table.columns)) if place != day}
    titles = ["event_date" if place == day else kinds[place] for place in range(len(table.columns))]
    ids = list(kinds)
    chosen = next((place for place in ids if kinds[place] == "permno"), ids[0])
    if len(ids) > 1 and kinds[ids[0]] == kinds[ids[1]]:
        titles[ids[1]] = f"{titles[ids[1]]}_2"
    remarks = tuple(f"column {place + 1} not used" for place in ids if place != chosen)
    rules = ListRules(
        "request", "request of WRDS or Eventus", {"ticker": chosen, "when": day}, remarks=remarks
    )
    return read_by_roles(replace(table, headers=(tuple(titles),)), options, rules)


def _day_places(table: Table) -> list[int]:
    return [
        place
        for place, column in enumerate(table.columns)
        if pa.types.is_temporal(column.type) or all(map(is_day, column.drop_null().slice(0, 100).to_pylist()))
    ]


def _kind(table: Table, place: int) -> str:
    names = [str(name) for name in names_of(table, place) if name is not None]
    if all(_PERMNO.fullmatch(name) for name in names):
        return "permno"
    return "cusip" if all(_CUSIP.fullmatch(name) and re.search(r"\d", name) for name in names) else "ticker"


def _cell(table: Table, place: int) -> object:
    return table.columns[place][0].as_py() if table.n_rows else None
