"""A card per event: what happened, the path of each ticker, caveats, and what opens on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from eventstudy.charts.forest import forest
from eventstudy.charts.paths import panel_rows
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Card, Fold, Panel
from eventstudy.report.sections.articles_of import articles_of, claims_of
from eventstudy.report.sections.benchmarks_of import benchmarks_of
from eventstudy.report.sections.cars import CARS
from eventstudy.report.sections.tests_of import joint_sentences, pairs_of, pairs_sentence, tests_table
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, sentence
from eventstudy.results.benchmark_verdicts import held_tickers
from eventstudy.results.confounders import Confounder, confounders_of
from eventstudy.results.firm_day import ENDS, excludes_zero, mark, verdict
from eventstudy.results.naming import event_name, phrase_of
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import p_equals, pvalue

SHOWN = 9  #: tickers of a card; the others open on demand
PATHS = ("ticker", "tau:count:tau", "session", "ret:percent:ret", "normal:percent:normal_ret",
         "ar:percent:ar", "ar_se:size:ar_se", "t:ratio:statistic", "p:p:pvalue", "car:percent:car0",
         "car_se:size:car0_se")  # fmt: skip


def event_card(view: ResultView, event: str, anchor: str) -> Card:
    """Return the card of an event with a measured firm-event."""
    words, rows = view.words, view.rows("events", event)
    cars = [row for row in _ranked(view, event) if row["car"] is not None]
    panels = [_panel(view, row) for row in cars]
    return Card(
        id=anchor,
        name=event,
        title=rows[0]["title"] or event,
        day=_day(view, rows),
        told=_told(view, cars),
        panels=tuple(panels[:SHOWN]),
        more=tuple(panels[SHOWN:]),
        more_label=words.say("events.show_all", tickers=words.counted("ticker", len(panels))),
        caveats=tuple(_caveats(view, rows)),
        folds=tuple(_folds(view, anchor, event)),
        paths=panel_rows(view, event),
    )


def _ranked(view: ResultView, event: str) -> list[Row]:
    """Return the CARs of the first window, the named first, then the largest in standard errors."""
    rows = [row for row in view.rows("cars", event) if view.is_first(row)]
    return sorted(rows, key=lambda row: (not mark(row), -abs(row["statistic"] or 0.0)))


def _panel(view: ResultView, car: Row) -> Panel:
    interval = view.figures.first_interval(*(car[end] for end in ENDS))
    p = car["conformal_pvalue"] if car["conformal_pvalue"] is not None else car["pvalue"]
    off = excludes_zero(car)
    return Panel(
        ticker=car["ticker"],
        value=view.figures.effect(car["car"]),
        verdict=verdict(car),
        chip=view.words.say(f"chips.{verdict(car)}"),
        told=view.words.say("events.panel", interval=interval, p=p_equals(p)),
        side=("up" if car["car"] > 0 else "down") if off else "",
    )


def _day(view: ResultView, rows: list[Row]) -> str:
    """Write the date of the event, and when on that day it was."""
    words, first = view.words, rows[0]
    days = sorted({str(row["session"]) for row in rows if row["session"] is not None})
    key = f"timing.{first['timing']}"
    told = words.texts.get(key, "")
    stated = (first["when"] or "")[:10]
    day = ", ".join(days)
    if days and stated and stated != days[0]:
        return words.say("events.moved_on", stated=stated, timing=f" {told}" if told else "", day=day)
    return f"{day}, {told}" if told else day


def _told(view: ResultView, rows: list[Row]) -> str:
    """Name the tickers whose firm-day is named, and say which effects would be detectable for the others."""
    words = view.words
    named = by_size([row for row in rows if mark(row)])
    rest = [row["mde"] for row in rows if row not in named and row["mde"] is not None]
    cars = [
        sentence(
            words,
            f"events.figure_{'beyond_doubt' if mark(row) == '**' else 'named'}",
            ticker=name(row["ticker"]),
            car=view.figures.effect(row["car"]),
            interval=view.figures.first_interval(*(row[end] for end in ENDS)),
            p=pvalue(row["pvalue_study_bh"]),
        )
        for row in named
    ]
    known = any(row["pvalue_study_bh"] is not None for row in rows)
    unnamed = "events.not_named" if len(rows) > 1 else "events.not_named_one"
    key = "events.named" if named else unnamed if known else "events.unjudged"
    told = sentence(
        words,
        key,
        names=joined(words, cars),
        window=view.first_label,
        tickers=words.counted("ticker", len(rows)),
    )
    if not rest:
        return str(told)
    least, most = view.figures.size(min(rest)), view.figures.size(max(rest))
    form = "detectable" if least != most else "detectable_one"
    form = form if named else f"{form}_any"
    return str(blank(told, sentence(words, f"events.{form}", least=least, most=most)))


def _caveats(view: ResultView, rows: list[Row]) -> Iterator[Any]:
    """Yield what to beware of, each in a line: confounders, overlaps, the benchmark, what was skipped."""
    words = view.words
    tickers: dict[Confounder, list[str]] = {}
    measured = [row for row in rows if row["status"] == "ok"]
    for row in measured:
        for each in confounders_of(row):
            tickers.setdefault(each, []).append(row["ticker"])
    for listed, key in ((False, "events.confounders"), (True, "events.overlaps")):
        items = [
            _confounder(view, each, own, len(measured))
            for each, own in tickers.items()
            if each.listed is listed
        ]
        if items:
            yield sentence(words, key, what=joined(words, items))
    for benchmark, held in held_tickers(view, rows[0]["event_id"]).items():
        of = joined(words, [name(ticker) for ticker in held])
        yield sentence(words, "events.benchmark_holds", benchmark=name(benchmark), names=of)
    skipped = [name(row["ticker"]) for row in rows if row["status"] != "ok"]
    if skipped:
        yield sentence(words, "events.skipped", names=joined(words, skipped))
    if measured and measured[0]["n_known"] is None and not tickers:
        yield sentence(words, "events.nothing_known")


def _confounder(view: ResultView, each: Confounder, tickers: list[str], measured: int) -> Any:
    """Write a confounder, how far from day 0 it is, and of which tickers where it is not of all."""
    words = view.words
    own = view.rows("events", each.what) if each.listed else []
    title = own[0]["title"] or each.what if own else phrase_of(view, each.what)
    what = name(words.say("events.quoted", event=title) if each.listed else title)
    if each.tau is None:
        when = each.day
    elif each.tau == 0:
        when = words.say("events.same_session")
    else:
        side = "before" if each.tau < 0 else "after"
        when = words.say(f"events.{side}", sessions=words.counted("session", abs(each.tau)))
    of = [] if len(tickers) == measured else [joined(words, [name(ticker) for ticker in tickers])]
    parts = [*of, *([when] if when else [])]
    return sentence(words, "events.confounder", what=what, when=joined(words, parts)) if parts else what


def _folds(view: ResultView, anchor: str, event: str) -> Iterator[Fold]:
    """Yield what opens on demand; of a study that is too large to show each firm-event no tables."""
    words = view.words
    makers: tuple[tuple[str, Callable[[ResultView, str, str], list[Block]]], ...] = (
        ("tests", _tests),
        ("articles", articles_of),
        ("claims", claims_of),
    )
    for key, make in makers:
        if key == "tests" and view.large:
            continue
        if blocks := make(view, anchor, event):
            yield Fold(words.say(f"events.fold_{key}"), tuple(blocks))


def _tests(view: ResultView, anchor: str, event: str) -> list[Block]:
    """Return the forest plot, the tests of the tickers together, and the tables of an event."""
    words, rows = view.words, view.rows("events", event)
    pairs, first, called = pairs_of(view, "event", event), rows[0], event_name(view, event)
    blocks: list[Block] = [paragraph(words, "events.why", "quiet", why=name(first["session_note"]))]
    blocks = blocks if first["session_note"] else []
    if first["kind"]:
        blocks.append(paragraph(words, "events.kind", "quiet", kind=name(view.kind(first["kind"]))))
    blocks += joint_sentences(view, event)
    blocks += pairs_sentence(view, pairs, "tickers")
    blocks += benchmarks_of(view, anchor, event)
    cars = [row for row in view.rows("cars", event) if view.is_first(row)] if len(rows) > 1 else []
    if sum(row["car"] is not None for row in cars) > 1:
        caption = words.say("events.forest", window=view.first_label, level=view.level)
        blocks.append(figure(f"{anchor}--forest", caption, forest(view, event=event)))
    own = view.rows("cars", event)
    blocks.append(
        table(words, f"{anchor}--cars", words.say("events.cars_table", group=called), own, CARS[1:], "cars")
    )
    paths = view.rows("abnormal_returns", event)
    listed = words.say("events.paths_table", group=called)
    blocks.append(table(words, f"{anchor}--paths", listed, paths, PATHS, "abnormal_returns"))
    blocks += tests_table(view, f"{anchor}--tests", "event", event)
    return blocks
