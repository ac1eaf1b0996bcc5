"""The returns of a study, exchange by exchange, prepared for the rules that need nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, ReturnKind
from eventstudy.design import Design
from eventstudy.panel.panel import Panel
from eventstudy.prices.source import Finding, Severity

RISK_FREE = "RF"  #: no return of a security: it stands still and is never negative for long
MARKET_FACTOR = "Mkt-RF"


@dataclass(frozen=True)
class ReturnTable:
    """Returns of several series on the sessions of one exchange.

    Attributes
    ----------
    names
        The series: tickers, or factors.
    sessions
        datetime64[D] of shape (T,), ascending.
    values
        Shape (T, S), decimal, simple or log as ``kind`` says; NaN = no return on that session.
    benchmark
        The series that the others are measured against, "" if unknown.
    exchanges
        Exchanges that the suffix of a ticker does not tell.
    used
        Which sessions some firm-event uses, shape (T,); None without events.
    near
        Day 0 of each series, or of those measured against it, and the sessions beside it, shape (T, S); None
        without events.
    """

    names: tuple[str, ...]
    sessions: DateArray
    values: FloatArray
    kind: ReturnKind = "simple"
    benchmark: str = ""
    exchanges: Mapping[str, str] = field(default_factory=dict)
    used: BoolArray | None = None
    near: BoolArray | None = None

    def only(self, names: Collection[str]) -> ReturnTable:
        """Return the table with some of its series."""
        columns = [at for at, name in enumerate(self.names) if name in names]
        return replace(
            self,
            names=tuple(self.names[at] for at in columns),
            values=self.values[:, columns],
            near=None if self.near is None else self.near[:, columns],
        )

    def finding(self, row: int, column: int, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding on one return."""
        session: Any = self.sessions[row].item()
        return Finding(self.names[column], session, rule, severity, detail)

    def about(self, column: int, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding about a whole series."""
        return Finding(self.names[column], None, rule, severity, detail)


def return_tables(panel: Panel, design: Design, exchanges: Mapping[str, str]) -> Iterator[ReturnTable]:
    """Yield the returns of the securities of each exchange, of their benchmarks, and of the factors.

    The sessions that firm-events use, and days 0, are marked.
    """
    matrix = panel.matrix
    for low, high in matrix.blocks.values():
        events = np.flatnonzero((panel.first == low) & (panel.last == high))
        names, columns = _columns(panel, events, alone=len(matrix.blocks) == 1)
        used, near = _marked(panel, design, events, low, high)
        yield ReturnTable(
            names=names,
            sessions=matrix.dates[low : high + 1],
            values=matrix.values[low : high + 1][:, columns],
            kind=matrix.kind,
            benchmark=_benchmark(panel, events, names),
            exchanges=exchanges,
            used=used,
            near=near[:, columns],
        )


def _columns(panel: Panel, events: IntArray, *, alone: bool) -> tuple[tuple[str, ...], list[int]]:
    """Return the series that some firm-events need: all of them where there is one exchange."""
    matrix, firm_events = panel.matrix, panel.firm_events
    needed = set(firm_events.ticker[events])
    for number in np.unique(firm_events.benchmark[events]).tolist():
        needed.update(firm_events.benchmarks[number].tickers if number >= 0 else ())
    tickers = {name: at for name, at in matrix.columns.items() if alone or name in needed}
    series = {name: at for name, at in {**tickers, **matrix.factors}.items() if name != RISK_FREE}
    return tuple(series), list(series.values())


def _benchmark(panel: Panel, events: IntArray, names: Sequence[str]) -> str:
    """Return the ticker against which most firm-events are measured, else the market factor, else ""."""
    chosen = panel.firm_events.benchmark[events]
    numbers, counts = np.unique(chosen[chosen >= 0], return_counts=True)
    if panel.requires.benchmark and numbers.size:
        tickers = panel.firm_events.benchmarks[int(numbers[np.argmax(counts)])].tickers
        if len(tickers) == 1 and tickers[0] in names:
            return str(tickers[0])
    return MARKET_FACTOR if MARKET_FACTOR in names else ""


def _marked(
    panel: Panel, design: Design, events: IntArray, low: int, high: int
) -> tuple[BoolArray, BoolArray]:
    """Return the sessions that some firm-events use, shape (T,), and day 0 and beside it, shape (T, S)."""
    n = high - low + 1
    placed = events[panel.security[events] >= 0]
    steps = np.zeros(n + 1, dtype=np.int64)
    for start, end in (*design.estimation_windows, design.window):
        np.add.at(steps, np.clip(panel.day0[placed] - low + start - 1, 0, n), 1)
        np.add.at(steps, np.clip(panel.day0[placed] - low + end + 1, 0, n), -1)
    near = np.zeros((n, panel.matrix.values.shape[1]), dtype=bool)
    for shift in (-1, 0, 1):
        rows = panel.day0[placed] - low + shift
        inside = (rows >= 0) & (rows < n)
        near[rows[inside], panel.security[placed][inside]] = True
        market = panel.regressors[placed, 0] if panel.requires.benchmark else np.full(len(placed), -1)
        inside &= market >= 0
        near[rows[inside], market[inside]] = True
    return np.cumsum(steps[:-1]) > 0, near
