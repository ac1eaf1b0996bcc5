"""A provider of prices that has every ticker, and asks no network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from eventstudy.prices import opening
from eventstudy.prices.series import series_of


class Provider:
    """Prices on weekdays that move little by little."""

    def fetch(self, tickers: Any, start: date, end: date) -> Iterator[tuple[str, Any]]:
        days = np.arange(start, end + timedelta(days=1), dtype="datetime64[D]")
        days = days[np.is_busday(days)]
        moves = np.random.default_rng(1).normal(0, 0.1, (len(days), 99))
        asked = {"asked_from": str(start), "asked_to": str(end), "fetched_at": "2025-06-01T00:00:00+00:00"}
        for at, ticker in enumerate(tickers):
            close = {"close": 100 + moves[:, at].cumsum()}
            yield ticker, series_of(ticker, days, close, "provider", origin=asked)


def play(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put it in the place of Yahoo."""
    monkeypatch.setattr(opening, "_yahoo", lambda *_: Provider())
