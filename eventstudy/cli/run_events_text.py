"""The part of the output of `run` about each event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eventstudy.cli.call import Line
from eventstudy.cli.columns import aligned, dim, wrapped
from eventstudy.cli.flags import day0, flags
from eventstudy.design import Window
from eventstudy.results.firm_day import ENDS, mark
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label, freedom, p_equals, pvalue, ratio

ROOM = ((118, 3), (96, 2))  #: how wide a terminal has room for how many windows beyond the first
WITH_CONFORMAL, WITH_T = 64, 70  #: columns from which it has room for the conformal p, and for t
LABEL = 13  #: letters before a sentence about all tickers
SENTENCES = ("joint_f", "joint_placebo", "portfolio_t", "portfolio_placebo")  #: tests that have a sentence


def event_blocks(view: ResultView, width: int) -> Iterator[Line]:
    """Yield a block per event: its tickers' figures, overlapping events, and the tests of all its tickers."""
    room = next((windows for least, windows in ROOM if width >= least), 0)
    further = view.windows[1 : 1 + room]
    of_t = ("t",) if width >= WITH_T else ()
    of_conformal = ("conformal p",) if width >= WITH_CONFORMAL else ()
    header = [
        "",
        car_label(view.first),
        "interval",
        *of_conformal,
        *of_t,
        "study p",
        *map(car_label, further),
        "",
    ]
    table = [header, *(_cells(view, further, row, bool(of_t), bool(of_conformal)) for row in view.listed)]
    (head,), *lines = aligned(f"l{'r' * (len(header) - 2)}l", table, indent="  ", width=width)
    for event in view.event_ids:
        at = [place for place, row in enumerate(view.listed) if row["event_id"] == event]
        members = [view.listed[place] for place in at]
        yield from _heading(view, members, width)
        yield Line(head, "dim")
        yield from (Line(line) for place in at for line in lines[place])
        yield from _confounders(members, width)
        yield from map(Line, _together(view, event, width))
        yield Line("")


def _heading(view: ResultView, members: Sequence[Row], width: int) -> Iterator[Line]:
    """Name the event and its day 0, and a benchmark where it is not the design's."""
    row = members[0]
    kind = f"  {row['kind']}" if row["kind"] else ""
    yield Line(f"{row['event_id']}{kind}", "bold")
    if row["title"]:
        yield from map(Line, wrapped(row["title"], width, "  "))
    others: dict[str, list[str]] = {}
    for member in members:
        if view.benchmark and member["benchmark"] != view.benchmark:
            others.setdefault(member["benchmark"], []).append(member["ticker"])
    against = "".join(f"; {', '.join(tickers)} against {name}" for name, tickers in others.items())
    yield from map(Line, wrapped(f"day 0: {day0(row)}{against}", width, "  ", "    "))


def _cells(
    view: ResultView, further: Sequence[Window], row: Row, with_t: bool, with_conformal: bool
) -> list[str]:
    if row["status"] != "ok":
        return [row["ticker"], f"skipped: {row['reason']}"]
    own = row["cars"][view.first]
    return [
        row["ticker"],
        view.figures.effect(own["car"]),
        view.figures.first_interval(*(own[end] for end in ENDS)),
        *([pvalue(own["conformal_pvalue"])] if with_conformal else []),
        *([ratio(own["statistic"])] if with_t else []),
        pvalue(own["pvalue_study_bh"]),
        *(view.figures.effect(row["cars"][window]["car"]) for window in further),
        f"{mark(own)} {flags(row)}".strip(),
    ]


def _confounders(members: Sequence[Row], width: int) -> Iterator[Line]:
    """Name the other events in the event window, once for all tickers that share them."""
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
        text = f"overlapping: {'; '.join(causes)}"
        yield from dim(text, width, hanging="    ")
    if clear := _clear(members):
        yield from dim(clear, width, hanging="    ")


def _clear(members: Sequence[Row]) -> str:
    """Say of how many known dates none touches the window, per ticker without a flag; "" where all have one.

    An absent flag says nothing where no known news was given; the legend says so once.
    """
    rows = [row for row in members if row["n_known"] is not None and not row["confounded"]]
    told = [f"{row['ticker']} (none of its {row['n_known']} known dates)" for row in rows]
    return f"not overlapping: {', '.join(told)}" if told else ""


def _together(view: ResultView, event: str, width: int) -> Iterator[str]:
    """Yield the lines of the joint tests of an event's tickers."""
    tests = {pair: test for pair, test in view.tests("event", event).items() if test["pvalue"] is not None}
    joint, mean = tests.get(("joint_f", "tickers")), tests.get(("portfolio_t", "portfolio"))
    found = []
    if joint and joint["n"] > 1:
        f = f"joint F({freedom(joint['df'], joint['df2'])}) = {ratio(joint['statistic'])}"
        rank = _rank(tests.get(("joint_placebo", "tickers")))
        found.append(f"{f}, {p_equals(joint['pvalue'])}{rank}")
    if mean and mean["n"] > 1:
        t = f"t({freedom(mean['df'])}) = {ratio(mean['statistic'])}"
        rank = _rank(tests.get(("portfolio_placebo", "portfolio")))
        mean_car = view.figures.effect(view.mean_car("event", event))
        found.append(f"mean {mean_car}, {t}, {p_equals(mean['pvalue'])}{rank}")
    yield from _labelled("together:", found, width)
    yield from _labelled("slopes:", _slopes(view, event), width)
    for text in further_tests(view, "event", event):
        yield from wrapped(text, width, "  ", "    ")


def _labelled(label: str, sentences: Iterable[str], width: int) -> Iterator[str]:
    """Yield the lines of sentences, with a label before the first."""
    for at, text in enumerate(sentences):
        before = f"  {label if at == 0 else ''}".ljust(LABEL)
        yield from wrapped(text, width, before, " " * LABEL)


def _slopes(view: ResultView, event: str) -> Iterator[str]:
    """Yield the slope of each characteristic over the first window, against ordinary days."""
    tests = view.rows("tests", "event", event) if view.design.get("prologue") else ()
    rows = [row for row in tests if view.is_first(row) and row["term"]]
    ranked = {row["term"]: row["pvalue"] for row in rows if row["test"] == "prologue_gls"}
    for row in (row for row in rows if row["test"] == "prologue_ols"):
        found = row["note"]
        if row["pvalue"] is not None:
            t = f"t({freedom(row['df'])}) = {ratio(row['statistic'])}"
            found = f"{row['estimate']:.4g}, {t}, rank {p_equals(row['pvalue'])}"
            found += f", GLS rank {p_equals(gls)}" if (gls := ranked.get(row["term"])) is not None else ""
        yield f"{row['term']} {found}"


def _rank(ranked: Row | None) -> str:
    return f", placebo {p_equals(ranked['pvalue'])}" if ranked else ""


def further_tests(view: ResultView, level: str, key: str) -> Iterator[str]:
    """Yield a line for each further test that the design requests by name, with its note."""
    requested = set(view.design["tests"]) - set(SENTENCES)
    for row in view.rows("tests", level, key) if requested else ():
        of_cars = view.is_first(row) and row["measure"] != "BHAR" and not row["term"]
        if row["test"] in requested and of_cars and not row["headline"]:
            note = f" ({row['note']})" if row["note"] else ""
            found = f"{ratio(row['statistic'])}, {p_equals(row['pvalue'])}{note}"
            yield f"{row['test']} over {row['unit']}s: {found}"
