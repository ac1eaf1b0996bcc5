"""What the table of benchmarks says of an event: whether sign and significance depend on the choice."""

from __future__ import annotations

from dataclasses import dataclass

from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

HOLDS_TREATED = "benchmark-holds-treated"  #: rule of the finding
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
    if len({row["benchmark"] for row in rows}) < 2 or not known or not tested:
        return None
    listed = [row for own in known.values() for row in own]
    spans = (
        Span(ticker, min(row["car"] for row in own), max(row["car"] for row in own))
        for ticker, own in known.items()
        if len({_is_small(row) and (row["car"] > 0, True) for row in own}) > 1
    )
    agree = sum((row["car"] > 0) == of[row["ticker"]] for row in listed)
    return BenchmarkVerdict(event, len(listed), agree, sum(map(_is_small, listed)), tuple(spans), rows)


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
