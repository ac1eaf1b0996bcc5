"""Stored series: one of simple figures, a provider that returns what it is given, and a damaged file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from eventstudy.prices.series import series_of
from eventstudy.prices.source import FetchFailure, PriceSeries
from eventstudy.sessions import trading_sessions

SPAN = (date(2024, 1, 2), date(2024, 6, 28))


def series(
    ticker: str = "AAA", start: date = SPAN[0], end: date = SPAN[1], level: float = 10.0
) -> PriceSeries:
    sessions = trading_sessions("XNYS", start, end)
    close = level + np.arange(len(sessions), dtype=float)
    columns = {
        "open": close,
        "high": close + 1,
        "low": close - 1,
        "close": close,
        "volume": np.where(close == level, np.nan, 1e6),
        "dividend": np.where(close == level + 3, 0.25, 0.0),
        "split": np.zeros(len(close)),
    }
    origin = {
        "asked_from": start.isoformat(),
        "asked_to": end.isoformat(),
        "fetched_at": "2024-07-01T12:00:00+00:00",
    }
    return series_of(ticker, sessions, columns, "yahoo", origin=origin)


@dataclass
class FakeProvider:
    """Gives what it was told to and remembers what it was asked for."""

    gives: dict[str, PriceSeries | FetchFailure]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        self.asked.append(tuple(tickers))
        for ticker in reversed(self.asked[-1]):
            yield ticker, self.gives[ticker]


def columns_with_a_negative_close() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    sessions = np.array(["2024-01-02", "2024-01-03", "2024-01-04"], dtype="datetime64[D]")
    return sessions, {"close": np.array([1.0, -2.0, 3.0])}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])
