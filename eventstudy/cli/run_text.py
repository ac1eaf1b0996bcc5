"""What `run` prints: what was asked, the events, all of them together, the claims, all at one glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventstudy.cli.call import Line
from eventstudy.cli.columns import aligned, wrapped
from eventstudy.cli.glance import glance
from eventstudy.cli.result_rows import ALL, Group, StudyRows
from eventstudy.cli.run_events_text import asked_tests, event_blocks
from eventstudy.design import Benchmark, Window
from eventstudy.study_result import EventStudyResult
from eventstudy.words.formatting import MISSING, car_label, counted, percent, pvalue, ratio

SIDES = {"two-sided": "two-sided", "greater": "one-sided (greater)", "less": "one-sided (less)"}
MOST_GROUPS = 12  #: tickers and kinds that get a line of their own


def run_text(result: EventStudyResult, claims: list[Line], width: int) -> Iterator[Line]:
    """Give the whole output of a run."""
    rows, design = StudyRows.of(result), result.manifest["design"]
    benchmark = str(Benchmark.parse(design["benchmark"]))
    yield from _asked(design, benchmark, rows, width)
    if rows.complete:
        yield from event_blocks(rows, benchmark, width)
    yield from _over_events(rows, width)
    yield from claims
    yield from glance(rows, width)


def _asked(design: Mapping[str, Any], benchmark: str, rows: StudyRows, width: int) -> Iterator[Line]:
    """Say what was measured and how the figures are to be read."""
    estimation = Window(*design["estimation"])
    skipped = f", {rows.skipped} of them skipped" if rows.skipped else ""
    asked = (
        f"{counted(rows.asked, 'firm-event')}{skipped}. Abnormal returns of the {design['model']} model "
        f"against {benchmark} unless said otherwise, estimated over sessions "
        f"{estimation}, {design['returns']} returns. t has the forecast's standard error; p is "
        f"{SIDES[design['alternative']]}; Holm p is adjusted over the tickers of the event; placebo p is the "
        "rank among the windows of that length before it. 'Any' asks whether any ticker moved, 'together' "
        "whether their equal-weighted portfolio did."
    )
    yield from map(Line, wrapped(asked, width))
    yield Line("")


def _over_events(rows: StudyRows, width: int) -> Iterator[Line]:
    """Give the tests over many dates, where there are enough of them."""
    table = [row for group, window in _groups(rows) if (row := _group_cells(rows, group, window))]
    others = list(asked_tests(rows, ALL))
    if not table and not others:
        return
    yield Line("Over the events", "bold")
    if table:
        header = ["", "", "n", "dates", "mean", "t", "p", "adj. BMP", "p", "mde"]
        legend = (
            "t is that of the date means, adj. BMP that of Kolari & Pynnonen over firm-events; mde is the "
            "mean that t would find with 80% power. All tests of every group and window: tests.parquet"
        )
        yield from (Line(text, "dim") for text in wrapped(legend, width, "  "))
        (head, *lines) = (line for (line,) in aligned("llrrrrrrrr", [header, *table], indent="  "))
        yield Line(head, "dim")
        yield from map(Line, lines)
    for text in others:
        yield from map(Line, wrapped(text.strip(), width, "  ", "    "))
    yield Line("")


def _groups(rows: StudyRows) -> Iterator[tuple[Group, Window]]:
    """Name the groups that get a line: all in each window, tickers and kinds in the first."""
    yield from ((ALL, window) for window in rows.windows)
    for level in (level for level in rows.labels if level != "event"):
        keys = [key for key in dict.fromkeys(rows.labels[level]) if key]
        if len(keys) <= MOST_GROUPS:
            yield from (((level, key), rows.first) for key in keys)


def _group_cells(rows: StudyRows, group: Group, window: Window) -> list[str] | None:
    dates = rows.test(group, "cross_section_t", "date", window)
    adjusted = rows.test(group, "bmp_adj_t", "firm-event", window)
    shown = [test if test and test["headline"] else None for test in (dates, adjusted)]
    known = [test for test in shown if test]
    if not known:
        return None
    figures: list[str] = []
    for test in shown:
        figures += [ratio(test["statistic"]), pvalue(test["pvalue"])] if test else [MISSING, MISSING]
    counts = [str(max(test["n"] for test in known)), str(known[0]["n_dates"])]
    mde = percent(dates["mde"]).lstrip("+") if dates else MISSING
    return [group[1], car_label(window), *counts, percent(rows.mean_car(group, window)), *figures, mde]
