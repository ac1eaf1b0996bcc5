"""The first screen: the finding, the largest abnormal returns ranked, their mean, and what they depend on."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.averages import averages
from eventstudy.design import Window
from eventstudy.report.chart_blocks import figure
from eventstudy.report.large_lines import is_large_study, large_finding, large_line
from eventstudy.report.layout import layout_of
from eventstudy.report.ranking import ranked, ranked_firm_days
from eventstudy.report.section import Block, Figure, Fold, Paragraph, Section
from eventstudy.report.sections.benchmarks_of import sensitivity
from eventstudy.report.sections.robustness import curves_of
from eventstudy.report.sections.tests_of import TESTS, figures, is_sound
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, sentence
from eventstudy.results.first_screen import named_firm_days, none_named
from eventstudy.results.naming import benchmark_name, group_name, model_name
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

FIRST = 3  #: sentences of the headline that are read first: named, counted, and by chance
LARGEST = 3  #: abnormal returns in the sentence
SOME_TICKERS = 6


def finding(view: ResultView) -> str:
    """Return the finding in a line: how many firm-days are named, and which."""
    if is_large_study(view):
        return large_finding(view)
    words, headline = view.words, view.headline
    if view.of_specifications:
        return str(headline["sentences"][1 if headline["smallest_holm"] is not None else 0]).rstrip(".")
    if not headline["named"]:
        return str(headline["sentences"][0]).rstrip(".")
    rows = named_firm_days(view)
    some = [f"{row['ticker']} {view.figures.effect(row['car'])}" for row in rows[:LARGEST]]
    named = ", ".join(some)
    if len(rows) > LARGEST:
        named = words.say("list.more", names=named, n=count(len(rows) - LARGEST))
    form = "only" if headline["firm_days"] == 1 else "one" if len(rows) == 1 else "many"
    of = words.counted("firm_day", headline["firm_days"])
    return words.say(f"answer.found_{form}", n=count(len(rows)), firm_days=of, names=named)


def study_line(view: ResultView) -> str:
    """Return what the study is about in a line: events, dates, tickers, and against what."""
    if is_large_study(view):
        return large_line(view)
    words = view.words
    days = sorted(str(row["session"])[:7] for row in view.firm_events if row["session"] is not None)
    spans = (
        [days[0]] if days and days[0] == days[-1] else [f"{days[0]} \N{EN DASH} {days[-1]}"] if days else []
    )
    tickers = view.tickers
    names = " ".join(tickers[:SOME_TICKERS]) if len(tickers) <= SOME_TICKERS else ""
    about = [
        words.counted("event", len(view.event_ids)),
        *spans,
        names or words.counted("ticker", len(tickers)),
    ]
    if view.benchmark:
        about.append(words.say("answer.against", benchmark=benchmark_name(view, view.benchmark)))
    return " · ".join(about)


def answer_section(view: ResultView) -> Section:
    """Return the main results, or that nothing was measured."""
    words = view.words
    title = words.say("answer.title")
    if not view.first_cars:
        nothing = paragraph(words, "answer.nothing", "notice")
        return Section("answer", title, (nothing, _study(view)))
    blocks: list[Block] = [*_headline(view)]
    if view.measure != "returns":
        blocks.append(paragraph(words, f"measures.{view.measure}.note", "notice"))
    below = (*sensitivity(view), *curves_of(view), paragraph(words, "answer.beware", "quiet"))
    blocks.append(ranked(view, layout_of(view).targets, mean_figure(view), below))
    blocks.append(Fold(words.say("answer.judged"), tuple(_judged(view))))
    return Section("answer", title, tuple(blocks))


def _judged(view: ResultView) -> list[Block]:
    """Return how the firm-days were judged: what limits the headline, the mean over dates, the tests."""
    words = view.words
    blocks = _limits(view)
    groups = [key for key in view.groups("tests").places if key[0] in ("all", "expected", "kind")]
    rows = [row for key in groups for row in view.groups("tests")[key]]
    shown = [row for row in rows if view.is_first(row) and row["measure"] == "CAR"]
    if shown:
        caption = words.say("answer.tests", window=view.first_label)
        named = {"key": lambda row: group_name(view, row["level"], row["key"])}
        blocks.append(
            table(words, "tests-all", caption, shown, ("level", "key", *TESTS), "tests", shown=named)
        )
    return blocks


def _headline(view: ResultView) -> list[Block]:
    """Return the first sentences of the headline, and the largest abnormal returns in words."""
    words = view.words
    start = 0 if view.headline["named"] else 1  # the heading is that sentence already
    first = [name(each) for each in view.headline["sentences"][start : _read_first(view)]]
    if none := none_named(view) if not view.headline["named"] else None:
        first.append(sentence(words, none[0], **none[1]))
    blocks: list[Block] = [Paragraph(blank(*first), "lead")]
    pairs = ranked_firm_days(view, LARGEST)
    if len(pairs) > 1:
        items = [_largest(view, event, car) for event, car in pairs]
        blocks.insert(0, paragraph(words, "answer.largest", "lead", names=joined(words, items)))
    return blocks


def _read_first(view: ResultView) -> int:
    """Return how many sentences are read first: named, counted, by chance, and beyond doubt where named."""
    return FIRST + bool(view.headline["named"])


def _largest(view: ResultView, event: Row, car: Row) -> Any:
    side = "up" if car["car"] > 0 else "down"
    import markupsafe

    value = markupsafe.Markup('<strong class="{}">{}</strong>').format(side, view.figures.effect(car["car"]))
    what = name(event["title"] or event["event_id"])
    return sentence(view.words, "answer.move", ticker=name(car["ticker"]), value=value, what=what)


def _limits(view: ResultView) -> list[Block]:
    """Return the other sentences of the headline, and what the study is about."""
    others = [name(each) for each in view.headline["sentences"][_read_first(view) :]]
    rest = [Paragraph(blank(*others))] if others else []
    return [*rest, *over_dates(view), _study(view)]


def mean_figure(view: ResultView) -> Figure | None:
    """Return the CAAR with its band; None where the firm-events are of one date."""
    level, key = view.mean_group
    rows = view.groups("averages")[level, key]
    dates = max((row["n_dates"] for row in rows), default=0)
    if dates < 2 or not any(row["caar"] is not None for row in rows):
        return None
    form = "mean" if level == "all" else "mean_expected"
    caption = view.words.say(f"answer.{form}", dates=view.words.counted("date", dates), level=view.level)
    return figure("mean", caption, averages(view, level=level, key=key))


def _study(view: ResultView) -> Paragraph:
    """Say what the study is about and what was measured; a benchmark only where the model uses it."""
    words, design = view.words, view.design
    days = sorted(row["session"] for row in view.firm_events if row["session"] is not None)
    model = sentence(words, "asked.model", model=name(model_name(view, design["model"])))
    if view.benchmark:
        benchmark = name(benchmark_name(view, view.benchmark))
        model = sentence(words, "asked.against", model=model, benchmark=benchmark)
    spans = [_span(view, each) for each in view.estimation]
    key = "asked.sentence" if days else "asked.undated"
    about = sentence(
        words,
        key if spans else "asked.without",
        events=words.counted("event", len(view.event_ids)),
        tickers=words.counted("ticker", len(view.tickers)),
        names=joined(words, [name(each) for each in view.tickers], SOME_TICKERS),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        model=model,
        sessions=", ".join(spans),
    )
    measured, asked = count(len(view.measured)), words.counted("firm_event", len(view.firm_events))
    key = "asked.skipped" if view.skipped else "asked.all"
    return Paragraph(blank(about, sentence(words, key, n=measured, asked=asked)), "quiet")


def _span(view: ResultView, window: Window) -> str:
    """Write an estimation window, before day 0 or around it."""
    words, ends = view.words, view.figures.signed
    if window.end < 0:
        return words.say("asked.span_before", far=-window.start, near=-window.end)
    return words.say("asked.span", start=ends(str(window.start)), end=ends(str(window.end)))


def over_dates(view: ResultView) -> list[Block]:
    """Give the test of the mean over dates, or why there is none."""
    words, test = view.words, view.tests(*view.mean_group).get(("cross_section_t", "date"))
    if test is not None and is_sound(test):
        dates = words.counted("date", test["n"])
        text = "answer.dates" if view.mean_group == ("all", "all") else "answer.dates_expected"
        return [paragraph(words, text, dates=dates, window=view.first_label, **figures(view, test))]
    if test is not None and test["note"]:
        return [paragraph(words, "answer.no_dates", "quiet", note=test["note"])]
    return []
