"""The part of the output of `run` that goes through the events, one block each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventstudy.cli.call import Line
from eventstudy.cli.columns import aligned, wrapped
from eventstudy.cli.flags import day0, flags
from eventstudy.cli.result_rows import Group, Row, StudyRows
from eventstudy.design import Window
from eventstudy.words.formatting import car_label, p_equals, percent, pvalue, ratio

ROOM = ((105, 4), (78, 2))  #: how wide a terminal has room for how many windows beyond the first
SENTENCES = ("joint_f", "joint_placebo", "portfolio_t", "portfolio_placebo")  #: tests that have a sentence


def event_blocks(rows: StudyRows, benchmark: str, width: int) -> Iterator[Line]:
    """Give a block per event: its tickers' figures, what confounds them, and the tests of all of them.

    ``benchmark`` is the design's; an event says its own only where that is another.
    """
    room = next((windows for least, windows in ROOM if width >= least), 0)
    further = rows.windows[1 : 1 + room]
    header = ["", car_label(rows.first), "t", "p", "Holm p", "placebo p", *map(car_label, further), ""]
    table: list[Sequence[str]] = [header]
    table += [_cells(rows.first, further, row) for event in rows.by_event.values() for row in event]
    laid_out = iter(aligned(f"lrrrrr{'r' * len(further)}l", table, indent="  ", width=width))
    (head,) = next(laid_out)
    for event_id, members in rows.by_event.items():
        yield from _heading(members, benchmark, width)
        yield Line(head, "dim")
        for _ in members:
            yield from map(Line, next(laid_out))
        yield from _confounders(members, width)
        yield from map(Line, _together(rows, ("event", event_id)))
        yield Line("")


def _heading(members: Sequence[Row], benchmark: str, width: int) -> Iterator[Line]:
    row = members[0]
    kind = f"  {row['kind']}" if row["kind"] else ""
    yield Line(f"{row['event_id']}{kind}", "bold")
    if row["title"]:
        yield from map(Line, wrapped(row["title"], width, "  "))
    others: dict[str, list[str]] = {}
    for member in members:
        if member["benchmark"] != benchmark:
            others.setdefault(member["benchmark"], []).append(member["ticker"])
    against = "".join(f"; {', '.join(tickers)} against {name}" for name, tickers in others.items())
    yield from map(Line, wrapped(f"day 0: {day0(row)}{against}", width, "  ", "    "))


def _cells(first: Window, further: Sequence[Window], row: Row) -> list[str]:
    if row["status"] != "ok":
        return [row["ticker"], f"skipped: {row['reason']}"]
    own = row["cars"][first]
    return [
        row["ticker"],
        percent(own["car"]),
        ratio(own["statistic"]),
        pvalue(own["pvalue"]),
        pvalue(own["pvalue_holm"]),
        pvalue(own["placebo_pvalue"]),
        *(percent(row["cars"][window]["car"]) for window in further),
        flags(row),
    ]


def _confounders(members: Sequence[Row], width: int) -> Iterator[Line]:
    """Name what is in the event window besides, once for all tickers that share it."""
    shared: dict[str, list[str]] = {}
    for row in members:
        for cause in (row["confounders"] or "").split("; "):
            shared.setdefault(cause, []).append(row["ticker"])
    shared.pop("", None)
    causes = [
        cause if len(tickers) == len(members) else f"{cause} ({', '.join(tickers)})"
        for cause, tickers in shared.items()
    ]
    if causes:
        text = f"beside it: {'; '.join(causes)}"
        yield from (Line(line, "dim") for line in wrapped(text, width, "  ", "    "))


def _together(rows: StudyRows, group: Group) -> Iterator[str]:
    """Say what the tests of all tickers of one event give, without a verdict."""
    joint, ranked = rows.test(group, "joint_f", "tickers"), rows.test(group, "joint_placebo", "tickers")
    if joint and joint["n"] > 1:
        f = f"joint F({joint['df']:.0f}, {joint['df2']:.0f}) = {ratio(joint['statistic'])}"
        yield f"  any of {joint['n']}:  {f}, {p_equals(joint['pvalue'])}{_rank(ranked)}"
    mean = rows.test(group, "portfolio_t", "portfolio")
    ranked = rows.test(group, "portfolio_placebo", "portfolio")
    if mean and mean["n"] > 1:
        t = f"t({mean['df']:.0f}) = {ratio(mean['statistic'])}"
        yield f"  together:  {percent(rows.mean_car(group))}, {t}, {p_equals(mean['pvalue'])}{_rank(ranked)}"
    yield from asked_tests(rows, group)


def _rank(ranked: Row | None) -> str:
    return f", placebo {p_equals(ranked['pvalue'])}" if ranked else ""


def asked_tests(rows: StudyRows, group: Group) -> Iterator[str]:
    """Give a line for each further test that the design asks for by name, with its note."""
    for (of, name, unit, window), row in rows.tests.items():
        if of == group and window == rows.first and not row["headline"] and name not in SENTENCES:
            note = f" ({row['note']})" if row["note"] else ""
            yield f"  {name} over {unit}s: {ratio(row['statistic'])}, {p_equals(row['pvalue'])}{note}"
