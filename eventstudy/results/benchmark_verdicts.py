"""What the table of benchmarks says of an event: whether sign and significance depend on the choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

HOLDS_TREATED = "benchmark-holds-treated"  #: rule of the finding
_SHARE = re.compile(r"(\S+) \d+\.\d%")  #: a ticker and its weight in the finding
SMALL = 0.05  #: p-values below it are counted, of each benchmark alike


@dataclass(frozen=True)
class Span:
    """The lowest and the highest CAR of a ticker, among all benchmarks."""

    ticker: str
    low: float
    high: float


@dataclass(frozen=True)
class BenchmarkVerdict:
    """The CARs of an event's tickers in the first window, against each benchmark.

    Attributes
    ----------
    figures, agree, small
        CARs; those with the sign that the benchmark of the study gives; those with a p-value below `SMALL`.
    depends
        The tickers whose sign, where p is below `SMALL`, is not the same against all benchmarks.
    rows
        Of the table.
    """

    event: str
    figures: int
    agree: int
    small: int
    depends: tuple[Span, ...]
    rows: tuple[Row, ...]


def benchmark_verdicts(view: ResultView) -> list[BenchmarkVerdict]:
    """Return the verdicts on the events that have one; none where events are not listed one by one."""
    verdicts = (benchmark_verdict(view, event) for event in view.event_ids) if view.lists_all else ()
    return [each for each in verdicts if each is not None]


def benchmark_verdict(view: ResultView, event: str) -> BenchmarkVerdict | None:
    """Return what the table says of an event; None where it has one benchmark alone, or no p."""
    rows = tuple(row for row in view.rows("benchmarks", event) if view.is_first(row))
    by_ticker: dict[str, list[Row]] = {}
    for row in rows:
        if row["car"] is not None:
            by_ticker.setdefault(row["ticker"], []).append(row)
    of = {ticker: _positive(own) for ticker, own in by_ticker.items()}
    known = {ticker: own for ticker, own in by_ticker.items() if of[ticker] is not None}
    tested = any(row["pvalue"] is not None for row in rows)
    if len({row["benchmark"] for row in rows if row["car"] is not None}) < 2 or not known or not tested:
        return None
    listed = [row for own in known.values() for row in own]
    spans = (
        Span(ticker, min(row["car"] for row in own), max(row["car"] for row in own))
        for ticker, own in known.items()
        if len({_is_small(row) and (row["car"] > 0, True) for row in own}) > 1
    )
    agree = sum((row["car"] > 0) == of[row["ticker"]] for row in listed)
    return BenchmarkVerdict(event, len(listed), agree, sum(map(_is_small, listed)), tuple(spans), rows)


def stability(view: ResultView, known: Sequence[BenchmarkVerdict]) -> tuple[str, dict[str, Any]]:
    """Return the sentence that counts the verdicts which do not depend: its key, and what it holds."""
    stable = sum(not each.depends for each in known)
    key = "benchmarks.stable_all" if stable == len(known) else "benchmarks.stable"
    events = view.words.counted("event", len(known))
    return key, {"n": count(stable), "of": count(len(known)), "events": events}


def held_tickers(view: ResultView, event: str) -> dict[str, list[str]]:
    """Return the tickers of an event that its benchmark holds or is, by benchmark, as a finding says."""
    own: dict[str, list[str]] = {}
    for row in view.rows("events", event):
        if row["status"] == "ok":
            own.setdefault(str(row["benchmark"] or ""), []).append(row["ticker"])
    held = {
        row["ticker"]: {row["ticker"], *_SHARE.findall(row["detail"])}
        for row in view.rows("findings", HOLDS_TREATED)
    }
    found = {
        benchmark: [ticker for ticker in tickers if ticker in held.get(benchmark, ())]
        for benchmark, tickers in own.items()
    }
    return {benchmark: tickers for benchmark, tickers in found.items() if tickers}


def events_left_out(view: ResultView) -> int:
    """Return how many events with a benchmark are too large for the table."""
    if not view.benchmark:
        return 0
    return len(set(view.event_ids) - {str(name) for (name,) in view.groups("benchmarks").places})


def _positive(rows: list[Row]) -> bool | None:
    """Return the sign of the CAR against the benchmark of the study; None where it has no CAR."""
    return next((row["car"] > 0 for row in rows if row["given"]), None)


def _is_small(row: Row) -> bool:
    return row["pvalue"] is not None and row["pvalue"] < SMALL
