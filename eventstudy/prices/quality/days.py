"""Sessions that are missing from a series, and sessions that should not be in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.prices.quality.bars import Bars, each
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import calendar_bounds, exchange_of, trading_sessions


def calendar_of(series: PriceSeries, exchanges: Mapping[str, str] = MappingProxyType({})) -> DateArray:
    """Return the sessions of a series' exchange over its span, so far as the calendar knows them.

    Raises
    ------
    DesignError
        No exchange goes with the ticker, or no calendar with the exchange.
    """
    exchange = exchange_of(series.ticker, exchanges)
    first, last = calendar_bounds(exchange)
    start, end = series.sessions[0].astype(date), series.sessions[-1].astype(date)
    return trading_sessions(exchange, min(max(start, first), last), max(min(end, last), first))


def holes(series: PriceSeries, calendar: DateArray) -> DateArray:
    """Return the sessions of a calendar at which a series has no close."""
    return np.setdiff1d(calendar, series.sessions[~np.isnan(series.close)], assume_unique=True)


def missing_sessions(bars: Bars) -> Iterator[Finding]:
    """Find sessions without a close: the return there and the next one are missing.

    Without a calendar they are the rows that have none.
    """
    if len(bars.calendar):
        text = "the exchange traded, the series has no close"
        yield from each(bars.series, holes(bars.series, bars.calendar), "missing-session", text)
    else:
        empty = bars.series.sessions[np.isnan(bars.series.close)]
        yield from each(bars.series, empty, "missing-session", "the row has no close")


def extra_sessions(bars: Bars) -> Iterator[Finding]:
    """Find closes on days the exchange did not trade; they enter no return."""
    calendar = bars.calendar
    if len(calendar):
        inside = (bars.sessions >= calendar[0]) & (bars.sessions <= calendar[-1])
        # outside, where the calendar may not reach, a day of the week on which the exchange never trades
        told = inside | ~np.isin(_weekday(bars.sessions), _weekday(calendar))
        extra = np.setdiff1d(bars.sessions[told], calendar, assume_unique=True)
        yield from each(bars.series, extra, "extra-session", "the exchange did not trade that day")


def _weekday(days: DateArray) -> IntArray:
    weekday: IntArray = days.astype(np.int64) % 7
    return weekday
