"""What depends on the benchmark: paragraphs and the table of an event."""

from __future__ import annotations

from typing import Any

from eventstudy.design import OTHER_TICKERS
from eventstudy.report.section import Block, Listing, Paragraph
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import joined, name, paragraph, quoted, sentence
from eventstudy.results.benchmark_verdicts import (
    HOLDS_TREATED,
    BenchmarkVerdict,
    benchmark_verdict,
    benchmark_verdicts,
    events_left_out,
)
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

MOST_LISTED = 12  #: events on the first screen whose verdicts depend on the benchmark
COLUMNS = ("ticker", "benchmark", "car:percent:car", "car_se:size:car_se", "t:ratio:statistic", "p:p:pvalue",
           "placebo:p:placebo_pvalue", "beta:ratio:beta", "n_estimation:count:n_estimation",
           "note")  # fmt: skip


def benchmarks_of(view: ResultView, id_: str, event: str) -> list[Block]:
    """Return the verdict on an event and its table; nothing where it has one benchmark alone."""
    verdict, words = benchmark_verdict(view, event), view.words
    if verdict is None:
        return []
    key = "benchmarks.depends" if verdict.depends else "benchmarks.alike"
    values = {**_told(view, verdict), "window": view.first_label}
    outside = words.say("benchmarks.outside")
    rows = [
        row | {"benchmark": outside if row["benchmark"] == OTHER_TICKERS else row["benchmark"]}
        for row in verdict.rows
    ]
    caption = words.say("benchmarks.caption", group=event, window=view.first_label)
    return [
        Paragraph(sentence(words, key, **values)),
        table(words, f"{id_}-benchmarks", caption, rows, COLUMNS, "benchmarks"),
    ]


def sensitivity(view: ResultView) -> list[Block]:
    """Say in how many events the verdicts depend on the benchmark, and list these."""
    known = benchmark_verdicts(view)
    if not known:
        return []
    words, depends = view.words, [each for each in known if each.depends]
    stable, of = count(len(known) - len(depends)), count(len(known))
    items = [
        sentence(words, "benchmarks.item", event=name(each.event), **_told(view, each))
        for each in depends[:MOST_LISTED]
    ]
    lead = paragraph(words, "benchmarks.stable", n=stable, of=of)
    return [lead, Listing(tuple(items))] if items else [lead]


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
            words, "benchmarks.holds", "notice", benchmark=name(row["ticker"]), detail=quoted(row["detail"])
        )
        for row in view.rows("findings")
        if row["rule"] == HOLDS_TREATED
    ]
    if left := events_left_out(view):
        blocks.append(paragraph(words, "benchmarks.left_out", "quiet", events=words.counted("event", left)))
    return blocks
