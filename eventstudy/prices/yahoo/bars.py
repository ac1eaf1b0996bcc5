"""Reading the bars of yfinance: finished sessions only, every payment once, and its currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.prices.source import Finding

if TYPE_CHECKING:
    import pandas as pd

FINAL_AFTER = timedelta(minutes=30)  #: a bar is final that long after the close
COLUMNS = {name: name.title() for name in ("open", "high", "low", "close", "volume")}
COLUMNS |= {"dividend": "Dividends", "split": "Stock Splits"}
GAIN = "Capital Gains"  #: a column that only funds have


def final_day(meta: Mapping[str, Any], now: datetime) -> date:
    """Return the last date at the exchange whose bar is final: half an hour after the close by Yahoo."""
    close = meta.get("currentTradingPeriod", {}).get("regular", {}).get("end")
    if close is None:
        return now.date() - timedelta(days=1)
    today: date = now.astimezone(close.tzinfo).date()
    day = today if close.date() == today else today - timedelta(days=1)
    return day - timedelta(days=1) if close.date() == day and now < close + FINAL_AFTER else day


def finished_bars(frame: pd.DataFrame, final: date) -> tuple[DateArray, dict[str, FloatArray]]:
    """Return the sessions up to ``final`` that have a close or a payment, and their columns of shape (T,)."""
    sessions = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")  # type: ignore[attr-defined]
    columns = {ours: frame[theirs].to_numpy(dtype=np.float64) for ours, theirs in COLUMNS.items()}
    columns["gain"] = frame[GAIN].to_numpy(dtype=np.float64) if GAIN in frame else np.zeros(len(sessions))
    paid = columns["dividend"] + columns["gain"] > 0
    kept = (sessions <= np.datetime64(final)) & (~np.isnan(columns["close"]) | paid)
    return sessions[kept], {name: values[kept] for name, values in columns.items()}


def drop_contradictions(
    ticker: str, sessions: DateArray, columns: dict[str, FloatArray], result: Mapping[str, Any], zone: str
) -> list[Finding]:
    """Set to missing the closes of dates that Yahoo lists twice with different closes.

    yfinance keeps the first of them. The last date may appear twice, once with the latest trade.
    """
    import pandas as pd

    stamps = pd.to_datetime(pd.Index(result["timestamp"]), unit="s", utc=True).tz_convert(zone)
    shifted = stamps + pd.Timedelta(hours=2)  # where summer time begins Yahoo puts midnight an hour before
    days = shifted.tz_localize(None).to_numpy().astype("datetime64[D]")
    close = np.array(result["indicators"]["quote"][0]["close"], dtype=np.float64)
    order = np.argsort(days, kind="stable")
    days, close = days[order], close[order]
    differs = (days[1:] == days[:-1]) & (np.abs(close[1:] - close[:-1]) > 0)
    twice = np.unique(days[1:][differs & (days[1:] < days[-1])])
    columns["close"][np.isin(sessions, twice)] = np.nan
    text = "appears twice, rows with another close: taken as missing"
    return [Finding(ticker, day.astype(date), "duplicate-session", "warning", text) for day in twice]


def foreign_dividends(ticker: str, currency: str, paid_in: set[str]) -> list[Finding]:
    """Report dividends in another currency than the prices; they are not converted."""
    others = ", ".join(sorted(paid_in - {currency}))
    if not others:
        return []
    detail = f"dividends are stated in {others}, prices in {currency or 'no currency'}; nothing was converted"
    return [Finding(ticker, None, "dividend-currency", "warning", detail)]
