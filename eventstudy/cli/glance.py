"""The table that `run` ends on: event by ticker with the first CAR, its t, its mark and its flags."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.cli.call import Line
from eventstudy.cli.columns import aligned, dim, table_lines
from eventstudy.cli.flags import NOTHING_KNOWN, flags, legend
from eventstudy.results.firm_day import mark
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import MISSING, car_label, count, pvalue, ratio

FILLED = 0.5  #: share of filled cells below which firm-events are listed instead
MARKS = {"*": "named in the study", "**": "named, and beyond doubt"}
MOST_EXTREME = 12  #: firm-events of a large study that are shown
FLAG_ROOM = 3  #: a blank and up to two letters at the right of a figure


def glance(view: ResultView, width: int) -> Iterator[Line]:
    """Yield the table and the meaning of its flags."""
    matrix = _matrix(view)
    fits = matrix and max(len(line) for line in matrix) <= max(width, 80)
    if fits:
        yield Line(f"At one glance: {car_label(view.first)}, below it t and flags", "bold")
        for number, line in enumerate(matrix):
            yield Line(line, "dim" if number == 0 else "")
    else:
        yield from _list(view)
    marks = {mark(row["cars"][view.first]) for row in view.listed if row["status"] == "ok"} - {""}
    used = "".join(flags(row) for row in view.listed if row["status"] == "ok")
    skipped = any(row["status"] != "ok" for row in view.listed)
    meanings = [
        *(f"{each} = {MARKS[each]}" for each in sorted(marks)),
        *legend(used),
        *(["skipped = see the reason above"] if skipped and fits else []),
    ]
    if meanings:
        yield from dim("; ".join(meanings), width)
    if all(row["n_known"] is None for row in view.listed):
        yield from dim(NOTHING_KNOWN, width)


def _matrix(view: ResultView) -> list[str]:
    """Return two lines per event, or none where few events have all tickers."""
    rows = {(row["event_id"], row["ticker"]): row for row in view.listed}
    if not view.lists_all or len(rows) < FILLED * len(view.event_ids) * len(view.tickers):
        return []
    table = [["", *(ticker + " " * FLAG_ROOM for ticker in view.tickers)]]
    for event in view.event_ids:
        cells = [_cell(view, rows.get((event, ticker))) for ticker in view.tickers]
        session = next(row["session"] for pair, row in rows.items() if pair[0] == event)
        table.append([f"{event} ", *(above for above, _ in cells)])
        table.append([f"  {session or 'no session'}", *(below for _, below in cells)])
    return [line for (line,) in aligned("l" + "r" * len(view.tickers), table, indent="  ", gap="")]


def _cell(view: ResultView, row: Row | None) -> tuple[str, str]:
    """Return both lines of a cell; the flags stand to the right of all figures."""
    room = " " * FLAG_ROOM
    if row is None or row["status"] != "ok":
        return ("skipped" if row else MISSING) + room, room
    own = row["cars"][view.first]
    car, t = view.figures.effect(own["car"]), ratio(own["statistic"])
    return car + mark(own).ljust(FLAG_ROOM), t + f" {flags(row)}".ljust(FLAG_ROOM)


def _list(view: ResultView) -> Iterator[Line]:
    shown = view.listed if view.lists_all else view.listed[:MOST_EXTREME]
    if view.lists_all:
        yield Line("At one glance", "bold")
    else:
        total = count(len(view.tables["events"]))
        most = f"the {len(shown)} of {total} firm-events with the largest |t|"
        yield Line(f"At one glance: {most}; all are in the tables", "bold")
    table = [["", "", "day 0", car_label(view.first), "t", "study p", ""]]
    yield from table_lines("lllrrrl", [*table, *(_listed(view, row) for row in shown)])


def _listed(view: ResultView, row: Row) -> list[str]:
    start = [row["event_id"], row["ticker"], str(row["session"] or MISSING)]
    if row["status"] != "ok":
        return [*start, f"skipped: {row['reason']}"]
    own = row["cars"][view.first]
    found = f"{mark(own)} {flags(row)}".strip()
    return [
        *start,
        view.figures.effect(own["car"]),
        ratio(own["statistic"]),
        pvalue(own["pvalue_study_bh"]),
        found,
    ]
