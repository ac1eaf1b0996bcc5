"""Findings about benchmarks that hold the tickers of an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from eventstudy.design import Benchmark, Design
from eventstudy.panel.index_weights import (
    Placed,
    estimate_weights,
    place_benchmarks,
    stocks_at_hand,
    weights_before_day0,
    weights_problem,
)
from eventstudy.panel.panel import Panel
from eventstudy.prices.source import Finding, Severity
from eventstudy.words.by_language import first_text

HELD = 0.01  #: share of a benchmark in the event's tickers from which it is told
CLEARLY = 2.0  #: standard errors by which an estimated share must exceed `HELD`
MOST_DAYS, MOST_ESTIMATES = 250, 25  #: days whose weights are looked at, or estimated
MOST_BENCHMARKS, MOST_ESTIMATED = 5, 2_000  #: with more of them, or more firm-events, none is estimated
MOST_NAMED = 6  #: tickers whose weights are written


def benchmark_findings(panel: Panel, design: Design) -> Iterator[Finding]:
    """Find benchmarks that hold tickers of an event, and say which weights were used.

    The weights are those stated for the benchmark, else those that another benchmark of the design states
    for the same index, else estimates, where enough other stocks are at hand. The findings are about the
    design and not about prices: they have no session, and no firm-event counts them.
    """
    if not panel.requires.benchmark:
        return
    firm_events = panel.firm_events
    stocks = stocks_at_hand(firm_events, design)
    placed = place_benchmarks(firm_events, panel.day0, panel.first, panel.last)
    used: dict[Benchmark, dict[Placed, None]] = {}
    for each in placed:
        if each is not None and each.benchmark.exclude:
            used.setdefault(each.benchmark, {})[each] = None
    for each_day in used.values():
        yield from _used(list(each_day), panel, design, stocks)
    for choice, days in _days(panel, design).items():
        yield from _held(choice, days, panel, design, stocks)


def known_weights(choice: Benchmark, further: Sequence[Benchmark]) -> Benchmark | None:
    """Return the benchmark that states weights of the same index: itself, or one of the others."""
    same = (each for each in (choice, *further) if each.tickers == choice.tickers and each.weights)
    return next(same, None)


def _days(panel: Panel, design: Design) -> dict[Benchmark, dict[Placed, str]]:
    """Return the days of each one-ticker benchmark, with all tickers of the day, and an event of each."""
    firm_events = panel.firm_events
    judged = {
        number
        for number, choice in enumerate(firm_events.benchmarks)
        if len(choice.tickers) == 1
        if len(panel) <= MOST_ESTIMATED
        or known_weights(choice, design.benchmarks)
        or choice.tickers[0] in firm_events.tickers
    }
    if not judged:
        return {}
    rows = zip(panel.day0.tolist(), panel.first.tolist(), panel.last.tolist(), strict=True)
    numbers = firm_events.benchmark.tolist()
    each = zip(numbers, firm_events.treated(), firm_events.event_id, rows, strict=True)
    days: dict[Benchmark, dict[Placed, str]] = {}
    for number, treated, event, (day0, first, last) in each:
        choice = firm_events.benchmarks[number]
        if number in judged:
            day = Placed(choice, treated, day0, (first, last))
            days.setdefault(choice, {}).setdefault(day, event)
    return days


def _held(
    choice: Benchmark, days: Mapping[Placed, str], panel: Panel, design: Design, stocks: Sequence[str]
) -> Iterator[Finding]:
    """Say what a benchmark holds at the event where it holds most."""
    index, largest = choice.tickers[0], (0.0, "")
    stated = known_weights(choice, design.benchmarks)
    few = len(panel.firm_events.benchmarks) <= MOST_BENCHMARKS and len(panel) <= MOST_ESTIMATED
    most = MOST_DAYS if stated else MOST_ESTIMATES if few else 0
    for day, event in list(days.items())[:most]:
        if index in day.treated and choice.exclude != "event":
            yield _finding(
                index, "warning", f"it is itself a ticker of {event}, so its return has the effect"
            )
            return
        largest = max(largest, _share(choice, day, event, panel, design, stocks))
    if largest[0] > HELD:
        detail = f"{largest[1]}; so its return has part of the effect; exclude: event takes them out"
        yield _finding(index, "warning", detail)


def _share(
    choice: Benchmark, day: Placed, event: str, panel: Panel, design: Design, stocks: Sequence[str]
) -> tuple[float, str]:
    """Return the share of a benchmark in the tickers of a day that it is not freed of, and its sentence."""
    if choice.exclude == "event":
        return 0.0, ""
    if (stated := known_weights(choice, design.benchmarks)) is not None:
        known = day._replace(benchmark=replace(stated, exclude="self"))
        weights = {} if weights_problem(known, panel.matrix) else weights_before_day0(known, panel.matrix)
        source = _stated(stated)
        share = sum(weights.values())
        if choice.exclude == "self":  # each security is freed of itself alone
            share -= min(weights.get(name, 0.0) for name in day.treated)
        return share, f"it holds {_named(weights)} at the close before {event} ({source})"
    found = estimate_weights(day, panel.matrix, design.estimation_windows, stocks)
    clear = {
        name: weight for name, weight in found.weights.items() if weight - CLEARLY * found.errors[name] > HELD
    }
    return sum(clear.values()), f"by its returns it holds {_named(clear, found.errors)} before {event}"


def _used(placed: Sequence[Placed], panel: Panel, design: Design, stocks: Sequence[str]) -> Iterator[Finding]:
    """Say which weights were taken out of a benchmark."""
    choice = placed[0].benchmark
    index = choice.tickers[0]
    if not choice.estimated:
        text = f"without {_named(dict(choice.weights))} ({_stated(choice)})"
        yield _finding(index, "info", text, "benchmark-weights")
        return
    for each in placed[:MOST_ESTIMATES]:
        found = estimate_weights(each, panel.matrix, design.estimation_windows, stocks)
        if not found.problem:
            text = f"without {_named(found.weights, found.errors)}, estimated over {found.n} sessions with"
            others = f"{len(found.stocks)} other stocks"
            yield _finding(index, "info", f"{text} {others}", "benchmark-weights")


def _finding(index: str, severity: Severity, detail: str, rule: str = "benchmark-holds-treated") -> Finding:
    return Finding(index, None, rule, severity, detail)


def _stated(choice: Benchmark) -> str:
    day = f"at the close of {choice.as_of}" if choice.as_of else "at the close before day 0"
    drift = ", other days by drift" if choice.drift else ", the same on all days"
    text = choice.source if isinstance(choice.source, str) else first_text(dict(choice.source))
    source = f"; {text}" if text else "; no source is stated"
    return f"approximate weights {day}{drift}{source}"


def _named(weights: Mapping[str, float], errors: Mapping[str, float] | None = None) -> str:
    """Write weights, the largest first: ``NVDA 6.6%, MSFT 6.2%``."""
    ordered = sorted(weights.items(), key=lambda pair: -pair[1])
    texts = [
        f"{name} {weight:.1%}" + (f" (s.e. {errors[name]:.1%})" if errors else "")
        for name, weight in ordered[:MOST_NAMED]
    ]
    rest = len(ordered) - len(texts)
    total = f", {sum(weights.values()):.1%} together" if len(ordered) > 1 else ""
    return ", ".join(texts) + (f" and {rest} more" if rest else "") + total
