"""Price series to check: a random walk, and the same with a part of it rescaled."""

from __future__ import annotations

from datetime import date

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.prices.series import series_of
from eventstudy.prices.source import PriceSeries
from eventstudy.sessions import trading_sessions

YEARS = trading_sessions("XNYS", date(2022, 1, 3), date(2024, 12, 31))


def walk(seed: int = 7, sigma: float = 0.015, n: int = len(YEARS)) -> dict[str, FloatArray]:
    """Return the columns of a seeded random walk with opens, ranges and volumes."""
    rng = np.random.default_rng(seed)
    overnight, within = rng.normal(0, sigma / 2, n), rng.normal(0, sigma, n)
    close = 50 * np.exp(np.cumsum(overnight + within))
    open_ = close / np.exp(within)
    spread = np.abs(rng.normal(0, sigma / 3, (2, n)))
    return {
        "open": open_,
        "high": np.maximum(open_, close) * np.exp(spread[0]),
        "low": np.minimum(open_, close) / np.exp(spread[1]),
        "close": close,
        "volume": np.round(1e6 * np.exp(rng.normal(0, 0.3, n))),
        "dividend": np.zeros(n),
    }


def before(columns: dict[str, FloatArray], place: int, ratio: float, *names: str) -> dict[str, FloatArray]:
    """Return the columns with the prices before a place (or those named) multiplied, as if not adjusted."""
    prices = names or ("open", "high", "low", "close")
    changed = {name: values.copy() for name, values in columns.items()}
    for name in prices:
        changed[name][:place] *= ratio
    if not names and "volume" in changed:
        changed["volume"][:place] /= ratio
    return changed


def series(columns: dict[str, FloatArray], ticker: str = "AAA", sessions: DateArray = YEARS) -> PriceSeries:
    return series_of(ticker, sessions, columns, "frame")
