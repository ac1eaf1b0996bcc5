"""The prices and factors a run needs, on the sessions it needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.design import Design, Window
from eventstudy.errors import DesignError, PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import (
    ReturnMatrix,
    from_simple,
    returns_from_frame,
    returns_from_prices,
    union_axis,
)
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.source import PriceBatch, PriceSeries, PriceSource
from eventstudy.sessions import calendar_bounds, trading_sessions

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.prices.factors.table import FactorTable

#: Calendar days that hold a number of sessions for certain: no exchange of the world closes half of the time,
#: and the longest closures (Lunar New Year, 2001-09) fit in the allowance.
DAYS_PER_SESSION, DAYS_ALLOWANCE = 2, 30
EARLIEST = date(1900, 1, 1)  #: no daily price is older


@dataclass(frozen=True)
class Loaded:
    """Prices of a run: the series, why others are missing, their returns, and the dates requested."""

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, str]
    matrix: ReturnMatrix
    start: date | None = None
    end: date | None = None


def load_prices(
    firm_events: FirmEvents, design: Design, requires: Requires, source: PriceSource, *, calendars: bool
) -> Loaded:
    """Load the series of a run and take their returns.

    Raises
    ------
    PriceDataError
        No security at all has prices, with the reason of the first.
    """
    need = _needed_sessions(firm_events, requires.price_window(design)) if calendars else {}
    start, end = needed_dates(firm_events, design, requires, calendars=calendars)
    tickers, earlier = requires.tickers(firm_events), design.ranks_earlier_sessions
    batch = _with_earlier(source, tickers, start, end) if earlier else source.load(tickers, start, end)
    if not any(ticker in batch.series for ticker in firm_events.tickers):
        first = firm_events.tickers[0]
        raise PriceDataError(first, batch.failures.get(first, "no prices"), _others(firm_events.tickers))
    listed = list(batch.series.values())
    if earlier:
        begin = min(series.sessions[0] for series in listed if len(series.sessions))
        need = {name: _since(begin, name, sessions) for name, sessions in need.items()}
    last = max(series.sessions[-1] for series in listed if len(series.sessions))
    axes = {name: sessions[sessions <= last] for name, sessions in need.items()} or {"": union_axis(listed)}
    matrix = returns_from_prices(batch.series, axes, design.returns)
    return Loaded(batch.series, batch.failures, matrix, start, end)


def _with_earlier(source: PriceSource, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
    """Return prices up to ``end``, with all that the source has from before ``start``."""
    if isinstance(source, CachedSource):  # what is fetched depends on the need alone
        return replace(source, whole=True).load(tickers, start, end)
    return source.load(tickers, EARLIEST, end)


def _since(begin: Any, exchange: str, sessions: DateArray) -> DateArray:
    """Return the sessions of an exchange with those before them, from ``begin`` or its first known one."""
    first = max(_date(begin), calendar_bounds(exchange)[0])
    before = trading_sessions(exchange, min(first, _date(sessions[0])), _date(sessions[0]))
    return np.union1d(before, sessions)


def given_returns(returns: pd.DataFrame, design: Design) -> Loaded:
    """Take the caller's table of returns in place of prices.

    Raises
    ------
    DesignError
        The design needs prices.
    """
    if design.gaps == "lump":
        raise DesignError("gaps", "lumped returns are taken from prices; returns alone do not tell them")
    return Loaded({}, {}, returns_from_frame(returns, design.returns))


def known_series(source: PriceSource, tickers: Sequence[str], loaded: Loaded) -> Mapping[str, PriceSeries]:
    """Return the series that a source has stored for the dates of the run; nothing is fetched."""
    at_hand = source.cached_only() if isinstance(source, CachedSource) else source
    if loaded.start is None or loaded.end is None:
        return {}
    return at_hand.load(tickers, loaded.start, loaded.end).series


def with_factors(matrix: ReturnMatrix, factors: FactorTable) -> ReturnMatrix:
    """Put factor returns on the sessions of the matrix; a session without factors is missing."""
    at = np.searchsorted(factors.sessions, matrix.dates)
    known = at < len(factors.sessions)
    known[known] = factors.sessions[at[known]] == matrix.dates[known]
    values = np.full((len(matrix.dates), len(factors.names)), np.nan)
    values[known] = factors.values[at[known]]
    columns = dict(zip(factors.names, from_simple(values, matrix.kind).T, strict=True))
    return matrix.with_columns(columns, "factors")


def needed_dates(
    firm_events: FirmEvents, design: Design, requires: Requires, *, calendars: bool
) -> tuple[date, date]:
    """Return the first and the last date of the prices that a run needs."""
    window = requires.price_window(design)
    need = _needed_sessions(firm_events, window) if calendars else {}
    if need:
        return _date(min(s[0] for s in need.values())), _date(max(s[-1] for s in need.values()))
    known = firm_events.session[~np.isnat(firm_events.session)]
    if not known.size:
        raise DesignError("events", "no event has a date")
    return _rough_dates(known, window)


def _needed_sessions(firm_events: FirmEvents, window: Window) -> dict[str, DateArray]:
    """Return the sessions of each exchange that lie in a window around some event."""
    need = {}
    for exchange in dict.fromkeys(firm_events.exchange):
        day0 = firm_events.session[(firm_events.exchange == exchange) & ~np.isnat(firm_events.session)]
        if day0.size:
            sessions = trading_sessions(exchange, *_rough_dates(day0, window))
            first, last = np.searchsorted(sessions, [day0.min(), day0.max()])
            need[exchange] = sessions[max(first + window.start, 0) : last + window.end + 1]
    return need


def _rough_dates(day0: DateArray, window: Window) -> tuple[date, date]:
    """Return dates that hold a window around every day 0 for certain, without counting sessions."""
    early = day0.min() - np.timedelta64(DAYS_PER_SESSION * -window.start + DAYS_ALLOWANCE, "D")
    late = day0.max() + np.timedelta64(DAYS_PER_SESSION * max(window.end, 0) + DAYS_ALLOWANCE, "D")
    return _date(early), _date(late)


def _date(day: Any) -> date:
    moment: date = day.astype("datetime64[D]").item()
    return moment


def _others(tickers: Sequence[str]) -> str:
    more = f" (nor has any of {', '.join(tickers[1:4])})" if len(tickers) > 1 else ""
    return f"no security has prices{more}; give --prices DIR or run `eventstudy prices fetch`"
