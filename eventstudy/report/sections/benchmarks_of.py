"""What depends on the benchmark: paragraphs and the table of an event."""

from __future__ import annotations

from typing import Any

from eventstudy.design import OTHER_TICKERS
from eventstudy.report.ranking import ranked_firm_days
from eventstudy.report.section import Block, DataTable, Heading, Paragraph
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import joined, name, paragraph, quoted, sentence
from eventstudy.results.benchmark_verdicts import (
    HOLDS_TREATED,
    BenchmarkVerdict,
    benchmark_verdict,
    benchmark_verdicts,
    events_left_out,
    stability,
)
from eventstudy.results.naming import benchmark_name, event_name
from eventstudy.results.view import ResultView

MOST_LISTED = 5  #: firm-days on the first screen
COLUMNS = ("ticker", "benchmark", "car:percent:car", "car_se:size:car_se", "t:ratio:statistic",
           "p:p:pvalue", "placebo:p:placebo_pvalue", "beta:ratio:beta", "n_estimation:count:n_estimation",
           "note")  # fmt: skip


def benchmarks_of(view: ResultView, id_: str, event: str) -> list[Block]:
    """Return the verdict on an event and its table; nothing where it has one benchmark alone."""
    verdict, words = benchmark_verdict(view, event), view.words
    if verdict is None:
        return []
    key = "benchmarks.depends" if verdict.depends else "benchmarks.alike"
    values = {**_told(view, verdict), "window": view.first_label}
    named = {"benchmark": lambda row: _called(view, row["benchmark"])}
    caption = words.say("benchmarks.caption", group=event_name(view, event), window=view.first_label)
    return [
        Paragraph(sentence(words, key, **values)),
        table(words, f"{id_}-benchmarks", caption, verdict.rows, COLUMNS, "benchmarks", shown=named),
    ]


def sensitivity(view: ResultView) -> list[Block]:
    """Show the largest abnormal returns against each benchmark, and say how many verdicts depend on it."""
    known = benchmark_verdicts(view)
    if not known:
        return []
    key, values = stability(view, known)
    return [*_against_each(view), paragraph(view.words, key, "quiet", **values)]


def _against_each(view: ResultView) -> list[Block]:
    """Return the table of the first ranked firm-days: their CAR against each benchmark, a column each."""
    words = view.words
    pairs = [(car["event_id"], car["ticker"]) for _, car in ranked_firm_days(view, MOST_LISTED)]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    names: dict[str, None] = {}
    for event, ticker in pairs:
        for row in view.rows("benchmarks", event):
            if row["ticker"] == ticker and view.is_first(row) and row["car"] is not None:
                found.setdefault((event, ticker), {})[row["benchmark"]] = row["car"]
                names.setdefault(row["benchmark"])
    if len(names) < 2:
        return []
    headings = [
        Heading(words.say("label.ticker"), ("ticker",), "text", False),
        Heading(words.say("label.event"), ("event",), "text", False),
        *(Heading(_called(view, each), (each,), "percent", True) for each in names),
    ]
    rows = [(ticker, event, *(own.get(each) for each in names)) for (event, ticker), own in found.items()]
    shown = tuple(
        (ticker, event_name(view, event), *(view.figures.effect(own.get(each)) for each in names))
        for (event, ticker), own in found.items()
    )
    caption = words.say("benchmarks.largest", window=view.first_label)
    header = ("ticker", "event", *names)
    return [DataTable("benchmarks", caption, "", tuple(headings), shown, header, tuple(rows), folded=False)]


def _called(view: ResultView, benchmark: str) -> str:
    """Return what a benchmark is called; one is made of the other tickers of the study."""
    outside = benchmark == OTHER_TICKERS
    return view.words.say("benchmarks.outside") if outside else benchmark_name(view, benchmark)


def _told(view: ResultView, verdict: BenchmarkVerdict) -> dict[str, Any]:
    """Return the counts of an event, and the range of each ticker whose verdict depends."""
    words = view.words
    spans = [
        sentence(
            words,
            "benchmarks.span",
            ticker=name(of.ticker),
            low=view.figures.effect(of.low),
            high=view.figures.effect(of.high),
        )
        for of in verdict.depends
    ]
    told = sentence(words, "benchmarks.line", agree=verdict.agree, small=verdict.small, of=verdict.figures)
    return {"told": told, "spans": joined(words, spans)}


def benchmark_notices(view: ResultView) -> list[Block]:
    """Return a notice per benchmark that holds tickers of an event, and how many events were too large."""
    words = view.words
    blocks: list[Block] = [
        paragraph(
            words,
            "benchmarks.holds",
            "notice",
            benchmark=name(benchmark_name(view, row["ticker"])),
            detail=quoted(row["detail"]),
        )
        for row in view.rows("findings", HOLDS_TREATED)
    ]
    if left := events_left_out(view):
        blocks.append(paragraph(words, "benchmarks.left_out", "quiet", events=words.counted("event", left)))
    return blocks
