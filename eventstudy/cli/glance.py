"""The table that `run` ends on: event by ticker with the first CAR, its t, its mark and its flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventstudy.cli.call import DOWN, UP, Line
from eventstudy.cli.columns import aligned, cell_width, coloured, dim, wrapped
from eventstudy.cli.flags import NOTHING_KNOWN, flags, legend
from eventstudy.results.firm_day import mark
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import MISSING, car_label, count, pvalue, ratio

FILLED = 0.5  #: share of filled cells below which firm-events are listed instead
MARKS = {"*": "named in the study", "**": "named, and beyond doubt"}
MOST_EXTREME = 12  #: firm-events of a large study that are shown
SHORT_LIST = 20  #: firm-events that are all listed, even in short
ALL = "all are in the tables"
WITH_DAY0, WITH_STUDY = 76, 64  #: columns from which the list has room for day 0, and for the study's p
FLAG_ROOM = 3  #: a blank and up to two letters at the right of a figure


def glance(view: ResultView, width: int, details: bool = True) -> Iterator[Line]:
    """Yield the table and the meaning of its flags; without details a long list is cut."""
    matrix = _matrix(view)
    fits = bool(matrix) and max(cell_width(line.text) for line in matrix) <= width
    if fits:
        yield Line(f"At one glance: {car_label(view.first)}, below it t and flags", "bold")
        yield from matrix
    else:
        yield from _list(view, width, details)
    marks = {mark(row["cars"][view.first]) for row in view.listed if row["status"] == "ok"} - {""}
    used = "".join(flags(row) for row in view.listed if row["status"] == "ok")
    skipped = any(row["status"] != "ok" for row in view.listed)
    where = "the reason above" if details else "eventstudy run --details"
    meanings = [
        *(f"{each} = {MARKS[each]}" for each in sorted(marks)),
        *legend(used),
        *([f"skipped = see {where}"] if skipped and fits else []),
    ]
    if meanings:
        yield from dim("; ".join(meanings), width)
    if all(row["n_known"] is None for row in view.listed):
        yield from dim(NOTHING_KNOWN, width)


def _matrix(view: ResultView) -> list[Line]:
    """Return two lines per event, or none where few events have all tickers; named figures in colour."""
    rows = {(row["event_id"], row["ticker"]): row for row in view.listed}
    if not view.lists_all or len(rows) < FILLED * len(view.event_ids) * len(view.tickers):
        return []
    table = [["", *(ticker + " " * FLAG_ROOM for ticker in view.tickers)]]
    styles = [[""] * len(table[0])]
    for event in view.event_ids:
        own = [rows.get((event, ticker)) for ticker in view.tickers]
        cells = [_cell(view, row) for row in own]
        session = next(row["session"] for pair, row in rows.items() if pair[0] == event)
        table.append([f"{event} ", *(above for above, _ in cells)])
        table.append([f"  {session or 'no session'}", *(below for _, below in cells)])
        coloured_cells = ["", *(_style(view, row) for row in own)]
        styles += [coloured_cells, coloured_cells]
    lines = [line for (line,) in aligned("l" + "r" * len(view.tickers), table, indent="  ", gap="")]
    shown = [
        coloured(line, list(zip(cells, own, strict=True)))
        for line, cells, own in zip(lines, table, styles, strict=True)
    ]
    return [Line(lines[0], "dim"), *shown[1:]]


def _style(view: ResultView, row: Row | None) -> str:
    """Return the colour of a named firm-day, none of all others."""
    if row is None or row["status"] != "ok" or not mark(own := row["cars"][view.first]):
        return ""
    return UP if own["car"] > 0 else DOWN


def _cell(view: ResultView, row: Row | None) -> tuple[str, str]:
    """Return both lines of a cell; the flags stand to the right of all figures."""
    room = " " * FLAG_ROOM
    if row is None or row["status"] != "ok":
        return ("skipped" if row else MISSING) + room, room
    own = row["cars"][view.first]
    car, t = view.figures.effect(own["car"]), ratio(own["statistic"])
    return car + mark(own).ljust(FLAG_ROOM), t + f" {flags(row)}".ljust(FLAG_ROOM)


def _list(view: ResultView, width: int, details: bool) -> Iterator[Line]:
    shown = view.listed if view.lists_all else view.listed[:MOST_EXTREME]
    if not details and len(shown) > SHORT_LIST:
        shown = sorted(shown, key=lambda row: _order(view, row))[:MOST_EXTREME]
    if len(shown) == len(view.tables["events"]):
        yield Line("At one glance", "bold")
    else:
        total = count(len(view.tables["events"]))
        named = any(_style(view, row) for row in shown)
        which = "that are named or have" if named else "with"
        most = f"the {len(shown)} of {total} firm-events {which} the largest |t|"
        yield from (Line(line, "bold") for line in wrapped(f"At one glance: {most}; {ALL}", width))
    left_out = {2} if width < WITH_DAY0 else set()
    left_out |= {5} if width < WITH_STUDY else set()
    table = [["", "", "day 0", car_label(view.first), "t", "study p", ""]]
    table += [_listed(view, row) for row in shown]
    table = [_without(cells, left_out) for cells in table]
    spec = "".join(letter for at, letter in enumerate("lllrrrl") if at not in left_out)
    (head,), *lines = aligned(spec, table, width=width, indent="  ")
    yield Line(head, "dim")
    for row, own in zip(shown, lines, strict=True):
        figure = view.figures.effect(row["cars"][view.first]["car"]) if row["status"] == "ok" else ""
        yield coloured(own[0], [(row["event_id"], ""), (figure, _style(view, row))])
        yield from map(Line, own[1:])


def _order(view: ResultView, row: Row) -> tuple[bool, float]:
    """Return what puts named firm-days first, then the largest t."""
    own = row["cars"][view.first]
    return not mark(own), -abs(own["statistic"] or 0.0)


def _without(cells: Sequence[str], left_out: set[int]) -> list[str]:
    """Return a row without some columns; that of a skipped firm-event keeps its reason, the last."""
    last = len(cells) - 1
    return [cell for at, cell in enumerate(cells) if at not in left_out or (last < 6 and at == last)]


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
