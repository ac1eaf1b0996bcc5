"""The sessions that a price series should have, by the calendar of its exchange."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.prices.source import PriceSeries
from eventstudy.sessions import calendar_bounds, exchange_of, trading_sessions


def calendar_of(series: PriceSeries, exchanges: Mapping[str, str] = MappingProxyType({})) -> DateArray:
    """Return the sessions of a series' exchange over its span, so far as the calendar knows them.

    A DesignError says that the ticker has no known exchange, or the exchange no calendar.
    """
    exchange = exchange_of(series.ticker, exchanges)
    first, last = calendar_bounds(exchange)
    start, end = series.sessions[0].astype(date), series.sessions[-1].astype(date)
    return trading_sessions(exchange, min(max(start, first), last), max(min(end, last), first))


def holes(series: PriceSeries, calendar: DateArray) -> DateArray:
    """Return the sessions of a calendar at which a series has no close."""
    return np.setdiff1d(calendar, series.sessions[~np.isnan(series.close)], assume_unique=True)
