"""The prices and factors a run needs, on the sessions it needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import DateArray, Values
from eventstudy.design import Design, Window
from eventstudy.errors import DesignError, PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.axis import common_axis, on_common_axis
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import (
    ReturnMatrix,
    from_simple,
    returns_from_frame,
    returns_from_prices,
)
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.source import Finding, PriceBatch, PriceSeries, PriceSource
from eventstudy.sessions import Corrections, calendar_bounds, trading_sessions

if TYPE_CHECKING:
    from eventstudy.prices.factors.table import FactorTable

#: Calendar days that hold a number of sessions for certain: no exchange of the world closes half of the time,
#: and the longest closures (Lunar New Year, 2001-09) fit in the allowance.
DAYS_PER_SESSION, DAYS_ALLOWANCE = 2, 30
LONGEST_USUAL = 2_520  #: sessions of an estimation window, ten years
EARLIEST = date(1900, 1, 1)  #: no daily price is older


@dataclass(frozen=True)
class Loaded:
    """Prices of a run: the series, why others are missing, their returns, and the dates requested.

    ``findings`` are about a table of returns that was given in their place.
    """

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, str]
    matrix: ReturnMatrix
    start: date | None = None
    end: date | None = None
    findings: tuple[Finding, ...] = ()


def load_prices(
    firm_events: FirmEvents,
    design: Design,
    requires: Requires,
    source: PriceSource,
    *,
    calendars: bool,
    exchanges: Mapping[str, str] = MappingProxyType({}),
    corrections: Mapping[str, Corrections] = MappingProxyType({}),
) -> Loaded:
    """Load the series of a run and take their returns; ``corrections`` are those of the calendars.

    ``exchanges`` names exchanges that the suffix of a ticker does not tell.

    Raises
    ------
    PriceDataError
        No security at all has prices, with the reason of the first.
    """
    need = _needed_sessions(firm_events, design, requires, corrections) if calendars else {}
    start, end = needed_dates(firm_events, design, requires, calendars=calendars, corrections=corrections)
    own, further = requires.tickers(firm_events), requires.further_tickers(firm_events, design)
    tickers = (*own, *further)
    earlier = design.seeks_earlier_sessions(len(firm_events)) or bool(design.prologue)
    batch = _with_earlier(source, tickers, start, end) if earlier else source.load(tickers, start, end)
    if not any(ticker in batch.series for ticker in firm_events.tickers):
        first = firm_events.tickers[0]
        own_files = callable(getattr(source, "tickers", None))
        raise PriceDataError(
            first, batch.failures.get(first, "no prices"), _others(firm_events.tickers, own_files)
        )
    listed = [batch.series[ticker] for ticker in own if ticker in batch.series]
    if earlier:
        begin = min(series.sessions[0] for series in listed if len(series.sessions))
        need = {name: _since(begin, name, sessions, corrections.get(name)) for name, sessions in need.items()}
    last = max(series.sessions[-1] for series in listed if len(series.sessions))
    axes, found = {name: sessions[sessions <= last] for name, sessions in need.items()}, list[Finding]()
    if not axes:
        axes[""], found = common_axis(listed, exchanges)
    matrix = returns_from_prices(batch.series, axes, design.returns)
    return Loaded(batch.series, batch.failures, matrix, start, end, tuple(found))


def _with_earlier(source: PriceSource, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
    """Return prices up to ``end``, with all that the source has from before ``start``."""
    if isinstance(source, CachedSource):  # what is fetched depends on the need alone
        return replace(source, whole=True).load(tickers, start, end)
    return source.load(tickers, EARLIEST, end)


def _since(begin: Any, exchange: str, sessions: DateArray, corrections: Corrections | None) -> DateArray:
    """Return the sessions of an exchange with those before them, from ``begin`` or its first known one."""
    first = max(_date(begin), calendar_bounds(exchange)[0])
    before = _sessions(exchange, min(first, _date(sessions[0])), _date(sessions[0]), corrections)
    return np.union1d(before, sessions)


def given_table(
    returns: Any, design: Design, exchanges: Mapping[str, str] = MappingProxyType({})
) -> tuple[ReturnMatrix, list[Finding]]:
    """Read the caller's table in place of prices, as it is, and what its time stamps are.

    Raises
    ------
    DesignError
        The design needs prices.
    UsageError
        It is no table of returns.
    PriceDataError
        The table cannot be used.
    """
    from eventstudy.panel.given import as_frame

    if design.gaps != "missing":
        raise DesignError("gaps", "lumped returns are taken from prices; returns alone do not tell them")
    frame, found = as_frame(returns, exchanges)
    return returns_from_frame(frame, design.returns), found


def given_returns(
    matrix: ReturnMatrix,
    design: Design,
    values: Values | None = None,
    exchanges: Mapping[str, str] = MappingProxyType({}),
    found: Sequence[Finding] = (),
) -> Loaded:
    """Take a table as returns; ``values`` is what its numbers are, ``found`` what was found in reading it."""
    from eventstudy.panel.given import given_values

    decimals = given_values(matrix.values, values, design.returns)
    matrix, apart = on_common_axis(replace(matrix, values=decimals, lumped=decimals), exchanges)
    return Loaded({}, {}, matrix, findings=(*found, *apart))


def refuse_long_windows(design: Design, matrix: ReturnMatrix) -> None:
    """Refuse windows that no firm-event can have on these sessions, before anything is estimated.

    Raises
    ------
    DesignError
        The event window has more sessions than any exchange in the data, or an estimation window of more than
        ten years needs more; a shorter one over thin data is the reason of single firm-events.
    """
    rows = (
        np.flatnonzero(np.asarray(np.isfinite(matrix.values[low : high + 1]).any(axis=1)))
        for low, high in matrix.blocks.values()
    )
    have = max((int(block[-1] - block[0]) + 1 for block in rows if block.size), default=0)
    if design.window.length > have:
        problem = f"{design.window} needs {design.window.length:,} sessions, and the data have {have:,}"
        raise DesignError("window", f"{problem}; choose a shorter window or give more data")
    need, length = design.required_observations(1), design.estimation_window.length
    if length > LONGEST_USUAL and need > have > 0:
        problem = f"{design.estimation} needs {need:,} usable returns, and the data have {have:,} sessions"
        remedy = "choose a shorter window or a smaller min_estimation, or give more data"
        raise DesignError("estimation", f"{problem}; {remedy}")


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
    firm_events: FirmEvents,
    design: Design,
    requires: Requires,
    *,
    calendars: bool,
    corrections: Mapping[str, Corrections] = MappingProxyType({}),
) -> tuple[date, date]:
    """Return the first and the last date of the prices that a run needs."""
    need = _needed_sessions(firm_events, design, requires, corrections) if calendars else {}
    if need:
        return _date(min(s[0] for s in need.values())), _date(max(s[-1] for s in need.values()))
    known = firm_events.session[~np.isnat(firm_events.session)]
    if not known.size:
        raise DesignError("events", "no event has a date")
    start, end = _rough_dates(
        known, _loaded_window(design, requires), weight_days(firm_events, design, requires)
    )
    return _date(start), _date(end)


def weight_days(firm_events: FirmEvents, design: Design, requires: Requires) -> DateArray:
    """Return the days at whose close weights of a benchmark hold that drift from there, datetime64[D]."""
    choices = (*firm_events.benchmarks, *design.benchmarks) if requires.benchmark else ()
    return np.array([each.as_of for each in choices if each.as_of and each.drift], dtype="datetime64[D]")


def _needed_sessions(
    firm_events: FirmEvents, design: Design, requires: Requires, corrections: Mapping[str, Corrections]
) -> dict[str, DateArray]:
    """Return the sessions of each exchange in a window around some event, and back or on to known weights."""
    window, days = _loaded_window(design, requires), weight_days(firm_events, design, requires)
    need = {}
    for exchange in dict.fromkeys(firm_events.exchange):
        day0 = firm_events.session[(firm_events.exchange == exchange) & ~np.isnat(firm_events.session)]
        if day0.size:
            start, end = _rough_dates(day0, window, days)
            sessions = _sessions(exchange, _date(start), _date(end), corrections.get(exchange))
            first, last = np.searchsorted(sessions, [day0.min(), day0.max()])
            closes = np.searchsorted(sessions, days, side="right") - 1
            low, high = [first + window.start, *closes], [last + window.end, *closes]
            need[exchange] = sessions[max(min(low), 0) : max(high) + 1]
    return need


def _loaded_window(design: Design, requires: Requires) -> Window:
    """Return the sessions around day 0 to load: what enters, and ordinary days to compare slopes with."""
    window = requires.price_window(design)
    if not design.prologue:
        return window
    longest = max(car.length for car in design.car_windows)
    return Window(min(window.start, design.window.start - 2 * (design.prologue_days + longest)), window.end)


def _sessions(exchange: str, start: date, end: date, corrections: Corrections | None) -> DateArray:
    """Return the sessions between two dates, as far as the calendar knows them."""
    first, last = calendar_bounds(exchange)
    sessions = trading_sessions(exchange, max(start, first), min(end, last))
    return corrections.sessions(sessions, start, end) if corrections else sessions


def _rough_dates(day0: DateArray, window: Window, days: DateArray) -> tuple[Any, Any]:
    """Return dates that hold a window around every day 0, and some days, without counting sessions."""
    before, after = DAYS_PER_SESSION * -window.start, DAYS_PER_SESSION * max(window.end, 0)
    early = min([day0.min() - np.timedelta64(before, "D"), *days])
    late = max([day0.max() + np.timedelta64(after, "D"), *days])
    allowance = np.timedelta64(DAYS_ALLOWANCE, "D")
    return early - allowance, late + allowance


def _date(day: Any) -> date:
    moment: date = day.astype("datetime64[D]").item()
    return moment


def _others(tickers: Sequence[str], own_files: bool) -> str:
    more = f" (nor has any of {', '.join(tickers[1:4])})" if len(tickers) > 1 else ""
    fetch = "give --prices DIR or run `eventstudy prices fetch`"
    rename = "name securities in the event list as the prices do, or rename the files"
    return f"no security has prices{more}; {rename if own_files else fetch}"
