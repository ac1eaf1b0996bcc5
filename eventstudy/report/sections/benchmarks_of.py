"""What depends on the benchmark: paragraphs and the table of an event."""

from __future__ import annotations

from eventstudy.design import OTHER_TICKERS
from eventstudy.report.section import Block, Paragraph
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import counted, joined, name, paragraph, sentence
from eventstudy.results.benchmark_verdicts import benchmark_verdict, events_left_out
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import percent

HOLDS = "benchmark-holds-treated"
COLUMNS = ("ticker", "benchmark", "car:percent:car", "car_se:size:car_se", "t:ratio:statistic", "p:p:pvalue",
           "placebo:p:placebo_pvalue", "beta:ratio:beta", "n_estimation:count:n_estimation",
           "note")  # fmt: skip


def benchmarks_of(view: ResultView, id_: str, event: str) -> list[Block]:
    """Return the verdict on an event and its table; nothing where it has one benchmark alone."""
    verdict, words = benchmark_verdict(view, event), view.words
    if verdict is None:
        return []
    told = sentence(words, "benchmarks.line", agree=verdict.agree, small=verdict.small, of=verdict.figures)
    spans = [
        sentence(words, "benchmarks.span", ticker=name(of.ticker), low=percent(of.low), high=percent(of.high))
        for of in verdict.depends
    ]
    key = "benchmarks.depends" if spans else "benchmarks.alike"
    values = {"told": told, "window": view.first_label, "spans": joined(words, spans)}
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


def benchmark_notices(view: ResultView) -> list[Block]:
    """Return a notice per benchmark that holds tickers of an event, and how many events were too large."""
    words = view.words
    blocks: list[Block] = [
        paragraph(
            words, "benchmarks.holds", "notice", benchmark=name(row["ticker"]), detail=name(row["detail"])
        )
        for row in view.rows("findings")
        if row["rule"] == HOLDS
    ]
    if left := events_left_out(view):
        blocks.append(paragraph(words, "benchmarks.left_out", "quiet", events=counted(words, "event", left)))
    return blocks
