"""Event lists by the roles of their columns: what every list with a header shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.errors import FileContentError
from eventstudy.intake.event_columns import STANDARD, WINDOW_COLUMNS, EventReading, LeftOut
from eventstudy.intake.layouts.event_days import session_days
from eventstudy.intake.layouts.event_ids import exchanges_of, made_ids, names_of, padded, with_ids_of_events
from eventstudy.intake.layouts.event_moments import NO_RULES, ClockRules, is_empty, moments_of
from eventstudy.intake.layouts.event_roles import is_own_form, roles_of, unsettled_kinds
from eventstudy.intake.layouts.event_time_columns import with_time_column
from eventstudy.intake.layouts.event_windows import weights_of, window_columns
from eventstudy.intake.layouts.telling import counted
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood

TEXTS = ("event_id", "ticker", "kind", "benchmark", "title", "expect")
#: roles whose column stays a characteristic, too: a study may group by it
KEPT = ("kind",)
NO_ID, NO_DAY = "no security is named", "no day is given"
MOST_SHOWN = 2  #: ids that are shown of those made


@dataclass(frozen=True)
class ListRules:
    """What a layout knows beyond the roles of columns: columns it chooses, its clocks, its remarks."""

    name: str = "events"
    title: str = "event list"
    chosen: Mapping[str, int] = field(default_factory=dict)
    clocks: ClockRules = NO_RULES
    remarks: tuple[str, ...] = ()


def read_by_roles(table: Table, options: ReadingOptions, rules: ListRules | None = None) -> EventReading:
    """Return the events of a list, each column by its role.

    Rows without a security or a day are left out and counted, but in the product's own form, where they are
    mistakes. Errors of `roles_of`, `moments_of` and `window_columns`.
    """
    rules = rules or ListRules()
    roles = with_time_column(table, with_ids_of_events(table, roles_of(table, options, rules.chosen)))
    _refuse_rows_below(table)
    texts = {role: names_of(table, roles[role]) for role in TEXTS if role in roles}
    id_title = table.titles[roles["ticker"]]
    texts["ticker"] = padded(texts["ticker"], id_title)
    exchanges = {} if options.exchange else exchanges_of(texts["ticker"], id_title)
    columns: dict[str, TextArray] = dict(texts)
    problems: dict[int, str] = {}
    remarks, form = [*rules.remarks, *_remarks_on(table, roles)], ""
    if "session" in roles:
        columns["session"], form = session_days(table, roles["session"], options)
    if "when" in roles:
        clock, timing = roles.get("time"), roles.get("timing")
        moments = moments_of(table, roles["when"], clock, timing, options, rules.clocks)
        columns |= {"when": moments.when, "timing": moments.timing}
        problems, form = {**moments.problems}, moments.form
        remarks += moments.remarks
    elif "timing" in roles:
        columns["timing"] = names_of(table, roles["timing"])
    columns |= window_columns(table, roles, options, problems)
    if "weight" in roles:
        columns["weight"] = weights_of(table, roles["weight"], options, problems)
    used = {place for role, place in roles.items() if role not in KEPT}
    columns |= _characteristics(table, used, columns)
    rows, left_out = _kept_rows(table, columns)
    columns = {name: values[rows] for name, values in columns.items()}
    remarks += [f"{counted(each.rows, 'row')} left out: {each.reason}" for each in left_out]
    if table.below:
        remarks.append(f"{len(table.below)} rows below the list not used")
    columns = _with_ids(columns, remarks)
    if repeated := _n_repeated(columns):
        remarks.append(
            f"{repeated:,} repeat the security and day of an earlier row; each is an event of its own"
        )
    shown = {role: table.titles[place] for role, place in roles.items()}
    understood = _understood(table, rules, columns, shown, form, remarks)
    kept = set(rows.tolist())
    problems = {row: text for row, text in problems.items() if row in kept}
    return EventReading(columns, rows, understood, left_out, problems, exchanges)


def _remarks_on(table: Table, roles: Mapping[str, int]) -> list[str]:
    """Return what was made of columns that may be the kind."""
    if kinds := unsettled_kinds(table, roles):
        shown = " or ".join(kinds)
        return [f"no kind is read: it may be {shown} (--event-column group={kinds[0]})"]
    kind = roles.get("kind")
    if kind is not None and plain(table.titles[kind]) == "event":
        return [f"{table.titles[kind]} holds kinds of events: some have several days"]
    return []


def _refuse_rows_below(table: Table) -> None:
    """Refuse a last row without a day in the product's own form, where it would pass for a footnote."""
    for number, cells in enumerate(table.below if is_own_form(table) else ()):
        if sum(map(bool, cells)) > 1:
            line = table.line(table.n_rows - 1) + 1 + number
            shown = ", ".join(filter(None, cells))
            raise FileContentError(
                table.name, f"when is empty ({shown})", "give the day of the event", line=line
            )


def _characteristics(table: Table, used: set[int], columns: Mapping[str, Any]) -> dict[str, TextArray]:
    """Return the columns that have no role, as they stand, under their own titles."""
    further: dict[str, TextArray] = {}
    for place, title in enumerate(table.titles):
        known = title in columns or title in STANDARD or title in WINDOW_COLUMNS
        if title and place not in used and not known and not plain(title).startswith("unnamed"):
            further.setdefault(title, np.array([*table.columns[place].to_pylist(), None], dtype=object)[:-1])
    return further


def _kept_rows(table: Table, columns: Mapping[str, TextArray]) -> tuple[IntArray, tuple[LeftOut, ...]]:
    """Return the rows that are firm-events, and why the others are none."""
    rows = np.arange(table.n_rows)
    if is_own_form(table):
        return rows, ()
    day = "session" if "session" in columns and "when" not in columns else "when"
    left_out: list[LeftOut] = []
    kept = np.ones(table.n_rows, dtype=bool)
    for name, reason in (("ticker", NO_ID), (day, NO_DAY)):
        gone: BoolArray = kept & is_empty(columns[name])
        if gone.any():
            left_out.append(LeftOut(reason, int(gone.sum())))
            kept &= ~gone
    return rows[kept], tuple(left_out)


def _with_ids(columns: dict[str, TextArray], remarks: list[str]) -> dict[str, TextArray]:
    """Return the columns with an id per event, made of security and day where the list has none."""
    days = columns["session" if "when" not in columns else "when"]
    if "event_id" in columns:
        return columns
    ids = made_ids(columns["ticker"], days)
    shown = ", ".join(ids[:MOST_SHOWN]) + (", ..." if len(ids) > MOST_SHOWN else "")
    if len(ids):
        remarks.append(f"ids made: {shown}")
    return {"event_id": ids, **columns}


def _n_repeated(columns: Mapping[str, TextArray]) -> int:
    days = columns["session" if "when" not in columns else "when"]
    pairs = list(zip(columns["ticker"].tolist(), (str(day)[:10] for day in days), strict=True))
    return len(pairs) - len(dict.fromkeys(pairs))


def _understood(
    table: Table,
    rules: ListRules,
    columns: Mapping[str, TextArray],
    shown: Mapping[str, str],
    form: str,
    remarks: list[str],
) -> Understood:
    written = columns["when" if "when" in columns else "session"]
    days = sorted({str(day)[:10] for day in written if day is not None})
    return Understood(
        table.name,
        "events",
        rules.name,
        rules.title,
        shown,
        dates=form,
        n_series=len(columns["ticker"]),
        n_rows=table.n_rows,
        first=days[0] if days else "",
        last=days[-1] if days else "",
        remarks=tuple(remarks),
    )
