"""What `run --details` prints: headline, design, each event, tests over all events, claims, a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eventstudy.cli.benchmarks_text import benchmarks_text, held_text
from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines, wrapped
from eventstudy.cli.glance import glance
from eventstudy.cli.headline_text import headline
from eventstudy.cli.pool_text import pool_text
from eventstudy.cli.regressions_text import MOST_MODELS, regressions_text
from eventstudy.cli.run_events_text import event_blocks, further_tests
from eventstudy.cli.volatility_text import volatility_text
from eventstudy.design import LOOK_AHEAD, Window
from eventstudy.results.naming import group_name
from eventstudy.results.regression_models import regression_models
from eventstudy.results.row_groups import Row
from eventstudy.results.view import EXPECTED, ResultView
from eventstudy.words.formatting import MISSING, car_label, counted, pvalue, ratio

SIDES = {"two-sided": "two-sided", "greater": "one-sided (greater)", "less": "one-sided (less)"}
#: columns from which the table of groups has room for a second test, and for minimum detectable effects
WITH_BMP, WITH_MDE = 78, 86
SHORT_LIST = 50  #: events that have a block each, and rows of a list whose losses are seen in them
MOST_GROUPS = 12  #: tickers and kinds that get a line of their own


def run_text(view: ResultView, claims: list[Line], width: int) -> Iterator[Line]:
    """Yield all that is said of a run."""
    yield from headline(view, width)
    yield from _header(view, width)
    yield from attrition(view)
    yield from held_text(view, width)
    yield from volatility_text(view, width)
    yield from pool_text(view, width)
    if view.lists_all and len(view.event_ids) <= SHORT_LIST:
        yield from event_blocks(view, width)
    yield from benchmarks_text(view, width)
    yield from over_events(view, width, groups(view, [level for level in view.labels if level != "event"]))
    yield from regressions_text(regression_models(view.rows("regressions"))[:MOST_MODELS], width)
    yield from claims
    yield from glance(view, width)


def _header(view: ResultView, width: int) -> Iterator[Line]:
    """Say what was estimated and how to read the figures; a benchmark only where the model uses it."""
    note = "" if view.measure == "returns" else f"{view.words.say(f'measures.{view.measure}.note')} "
    among = "of its estimation sessions" if "look_ahead" in view.manifest else "before it"
    text = (
        f"{what_was_measured(view)} {note}"
        "Interval and conformal p of a firm-event are exact where its sessions are exchangeable; (t) marks "
        "an interval of t where there is none. t has the forecast's standard error. Study p is adjusted over "
        "all firm-days, a ticker and its day 0 (Benjamini-Hochberg). All are "
        f"{SIDES[view.design['alternative']]}. What stands behind 'together' tests the tickers of an event "
        f"jointly, with the rank among windows {among} (placebo p), and names nothing."
    )
    yield from map(Line, wrapped(text, width))
    if "look_ahead" in view.manifest:
        yield Line(LOOK_AHEAD, "bold")
    yield Line("")


def what_was_measured(view: ResultView) -> str:
    """Say how many firm-events were measured, by which model, against what, and over which sessions."""
    design = view.design
    skipped = f", {view.skipped} of them skipped" if view.skipped else ""
    against = f" against {view.benchmark} unless said otherwise" if view.benchmark else ""
    windows = ", ".join(map(str, view.estimation))
    estimated = f"estimated over sessions {windows}" if windows else "without an estimation window"
    kind = f", {design['returns']} returns" if view.measure == "returns" else ""
    return (
        f"{counted(len(view.tables['events']), 'firm-event')}{skipped}. "
        f"{view.words.say('asked.abnormal')} of the {design['model']} model{against}, {estimated}{kind}."
    )


def attrition(view: ResultView) -> Iterator[Line]:
    """Yield what was lost on the way from a long list to the firm-events that are measured."""
    rows = view.rows("attrition")
    if not rows or rows[0]["left"] <= SHORT_LIST:
        return
    yield Line("From the list to what is measured", "bold")
    cells = [
        [f"{row['step']}{': ' if row['reason'] else ''}{row['reason'] or ''}", _lost(row), f"{row['left']:,}"]
        for row in rows
    ]
    yield from table_lines("lrr", [["", "lost", "left"], *cells])
    yield Line("")


def _lost(row: Row) -> str:
    return f"{row['lost']:,}" if row["lost"] else ""


def over_events(view: ResultView, width: int, groups: Iterable[tuple[str, str, Window]]) -> Iterator[Line]:
    """Yield the tests of some groups over many dates, where there are enough of them."""
    table = [cells for group in groups if (cells := _group_cells(view, *group))]
    others = list(further_tests(view, "all", "all"))
    if not table and not others:
        return
    yield Line("Over the events", "bold")
    if table:
        header = ["", "", "n", "dates", "mean", "t", "p", "adj. BMP", "p", "mde"]
        shown = sum(width >= least for least in (*[0] * 7, WITH_BMP, WITH_BMP, WITH_MDE))
        legend = "t is that of the date means"
        if "adj. BMP" in header[:shown]:
            legend += ", adj. BMP that of Kolari & Pynnonen over firm-events"
        if "mde" in header[:shown]:
            legend += "; mde is the mean that t would detect with 80% power"
        legend += ". All tests of every group and window: tests.parquet"
        if any(cells[0] == EXPECTED[1] for cells in table):
            legend += ". As expected: a fall counts as a rise where the study expects one"
        yield from dim(legend, width)
        yield from table_lines("llrrrrrrrr"[:shown], [row[:shown] for row in (header, *table)])
    for text in others:
        yield from map(Line, wrapped(text, width, "  ", "    "))
    yield Line("")


def groups(view: ResultView, levels: Iterable[str]) -> Iterator[tuple[str, str, Window]]:
    """Yield the groups that get a line: all and as expected in each window, those of levels in the first."""
    yield from ((*group, window) for group in (("all", "all"), EXPECTED) for window in view.windows)
    for level in levels:
        keys = [key for key in dict.fromkeys(view.labels[level]) if key]
        if len(keys) <= MOST_GROUPS:
            yield from ((level, key, view.first) for key in keys)


def _group_cells(view: ResultView, level: str, key: str, window: Window) -> list[str] | None:
    tests = view.tests(level, key, window)
    dates, adjusted = (tests.get(of) for of in (("cross_section_t", "date"), ("bmp_adj_t", "firm-event")))
    shown = [test if test and test["headline"] else None for test in (dates, adjusted)]
    known = [test for test in shown if test and test["pvalue"] is not None]
    if not known:
        return None
    figures: list[str] = []
    for test in shown:
        figures += [ratio(test["statistic"]), pvalue(test["pvalue"])] if test in known else [MISSING, MISSING]
    counts = [str(max(test["n"] for test in known)), str(known[0]["n_dates"])]
    mde = view.figures.size(dates["mde"]) if dates and dates["pvalue"] is not None else MISSING
    return [
        group_name(view, level, key),
        car_label(window),
        *counts,
        view.figures.effect(view.mean_car(level, key, window)),
        *figures,
        mde,
    ]
