"""The part of the output of `run` about benchmarks: what they hold, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, wrapped
from eventstudy.results.benchmark_verdicts import (
    HOLDS_TREATED,
    benchmark_verdicts,
    events_left_out,
    stability,
)
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label, counted


def held_text(view: ResultView, width: int) -> Iterator[Line]:
    """Yield a line per benchmark that holds tickers of an event."""
    for row in view.rows("findings", HOLDS_TREATED):
        text = view.words.say("benchmarks.holds", benchmark=row["ticker"], detail=row["detail"])
        yield from (Line(line, "bold") for line in wrapped(text, width, hanging="  "))


def benchmarks_text(view: ResultView, width: int) -> Iterator[Line]:
    """Yield a line per event whose signs or p-values depend on the benchmark, where events are listed."""
    known = benchmark_verdicts(view)
    if known:
        window = car_label(view.first)
        yield Line(view.words.say("benchmarks.title", window=window), "bold")
        key, values = stability(view, known)
        yield from dim(view.words.say(key, **values), width)
    for each in known:
        if each.depends:
            spans = ", ".join(
                f"{of.ticker} {view.figures.effect(of.low)} to {view.figures.effect(of.high)}"
                for of in each.depends
            )
            told = view.words.say("benchmarks.line", agree=each.agree, small=each.small, of=each.figures)
            yield from map(Line, wrapped(f"{each.event}: {told}: {spans}", width, "  ", "    "))
    if left := events_left_out(view):
        yield from dim(view.words.say("benchmarks.left_out", events=counted(left, "event")), width)
    if known or left:
        yield Line("")
