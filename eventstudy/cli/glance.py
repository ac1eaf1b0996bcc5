"""The study at one glance: event by ticker with the first CAR, its t and its flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventstudy.cli.call import Line
from eventstudy.cli.columns import aligned, wrapped
from eventstudy.cli.flags import flags, legend
from eventstudy.cli.result_rows import Row, StudyRows
from eventstudy.words.formatting import MISSING, car_label, percent, pvalue, ratio

FILLED = 0.5  #: share of cells below which a row per firm-event says more than a matrix
FLAG_ROOM = 3  #: a blank and up to two letters to the right of a figure


def glance(rows: StudyRows, width: int) -> Iterator[Line]:
    """Give the table that a run ends on, and the meaning of its flags."""
    what = f"{car_label(rows.first)}, below it t and flags"
    matrix = _matrix(rows)
    fits = matrix and max(len(line) for line in matrix) <= max(width, 80)
    if fits:
        yield Line(f"At one glance: {what}", "bold")
        for number, line in enumerate(matrix):
            yield Line(line, "dim" if number == 0 else "")
    else:
        yield from _list(rows)
    used = "".join(flags(row) for row in rows.firm_events if row["status"] == "ok")
    skipped = any(row["status"] != "ok" for row in rows.firm_events)
    meanings = [*legend(used), *(["skipped = see the reason above"] if skipped and fits else [])]
    if meanings:
        yield from (Line(line, "dim") for line in wrapped("; ".join(meanings), width, "  "))


def _matrix(rows: StudyRows) -> list[str]:
    """Return two lines per event, or none where tickers and events hardly meet."""
    if not rows.complete or len(rows.firm_events) < FILLED * len(rows.by_event) * len(rows.tickers):
        return []
    table = [["", *(ticker + " " * FLAG_ROOM for ticker in rows.tickers)]]
    for event_id, members in rows.by_event.items():
        cells = [_cell(rows, members, ticker) for ticker in rows.tickers]
        table.append([f"{event_id} ", *(above for above, _ in cells)])
        table.append([f"  {members[0]['session'] or 'no session'}", *(below for _, below in cells)])
    return [line for (line,) in aligned("l" + "r" * len(rows.tickers), table, indent="  ", gap="")]


def _cell(rows: StudyRows, members: Sequence[Row], ticker: str) -> tuple[str, str]:
    """Return both lines of a cell; the flags stand to the right of all figures."""
    row = next((row for row in members if row["ticker"] == ticker), None)
    room = " " * FLAG_ROOM
    if row is None:
        return MISSING + room, room
    if row["status"] != "ok":
        return "skipped" + room, room
    own = row["cars"][rows.first]
    return percent(own["car"]) + room, ratio(own["statistic"]) + f" {flags(row)}".ljust(FLAG_ROOM)


def _list(rows: StudyRows) -> Iterator[Line]:
    if rows.complete:
        yield Line("At one glance", "bold")
    else:
        most = f"the {len(rows.firm_events)} of {rows.asked:,} firm-events with the largest |t|"
        yield Line(f"At one glance: {most}; all are in the tables", "bold")
    table = [["", "", "day 0", car_label(rows.first), "t", "p", ""]]
    table += [_listed(rows, row) for row in rows.firm_events]
    (head, *lines) = (line for (line,) in aligned("lllrrrl", table, indent="  "))
    yield Line(head, "dim")
    yield from map(Line, lines)


def _listed(rows: StudyRows, row: Row) -> list[str]:
    start = [row["event_id"], row["ticker"], str(row["session"] or MISSING)]
    if row["status"] != "ok":
        return [*start, f"skipped: {row['reason']}"]
    own = row["cars"][rows.first]
    return [*start, percent(own["car"]), ratio(own["statistic"]), pvalue(own["pvalue"]), flags(row)]
