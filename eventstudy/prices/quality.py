"""What is doubtful about a price series: findings, by one function per rule.

A rule takes a series and the sessions of its exchange over the series' span and gives findings. To add one,
write the function and its line in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy._typing import BoolArray, DateArray
from eventstudy.errors import DesignError
from eventstudy.prices.source import Finding, PriceSeries, Severity
from eventstudy.sessions import calendar_bounds, exchange_of, trading_sessions

Rule = Callable[[PriceSeries, DateArray], Iterable[Finding]]

ONE_BY_ONE = 20  #: more sessions than that make one finding that counts them
ROUNDING = 1e-6  #: of the price: bars are rounded after they are adjusted for splits


def findings(series: PriceSeries, exchanges: Mapping[str, str] = MappingProxyType({})) -> list[Finding]:
    """Return what was found while reading a series and what the rules find in it, in order of session.

    Parameters
    ----------
    series
        The series, as it was loaded.
    exchanges
        Exchanges by ticker, where the ticker's suffix does not tell.
    """
    found = list(series.findings)
    try:
        calendar = calendar_of(series, exchanges)
    except DesignError as error:
        calendar = np.empty(0, dtype="datetime64[D]")
        found.append(_remark(series, "no-calendar", "info", f"holes are not looked for: {error.problem}"))
    for rule in RULES.values():
        found += rule(series, calendar)
    return sorted(found, key=lambda finding: (finding.session or date.min, finding.rule))


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
    return np.setdiff1d(calendar, series.sessions[~np.isnan(series.close)])


def missing_sessions(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
    """Find sessions of the exchange without a close: the return there and the next one are missing."""
    text = "the exchange traded, the series has no close"
    yield from _each(series, holes(series, calendar), "missing-session", "warning", text)


def extra_sessions(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
    """Find closes on days the exchange did not trade."""
    if len(calendar):
        inside = (series.sessions >= calendar[0]) & (series.sessions <= calendar[-1])
        extra = np.setdiff1d(series.sessions[inside & ~np.isnan(series.close)], calendar)
        yield from _each(series, extra, "extra-session", "warning", "the exchange did not trade that day")


def range_upside_down(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
    """Find a high below the low."""
    bad = series.high < series.low
    yield from _each(series, series.sessions[bad], "high-below-low", "warning", "the high is below the low")


def close_outside_range(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
    """Find a close above the high or below the low; an adjusted close is not comparable with them."""
    if not series.adjusted_only:
        slack = ROUNDING * series.close
        bad: BoolArray = (series.close > series.high + slack) | (series.close < series.low - slack)
        text = "the close lies outside the session's range"
        yield from _each(series, series.sessions[bad], "close-outside-range", "warning", text)


def kind_of_series(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
    """Remark on what the closes are: dividend-adjusted, or without dividends."""
    if series.adjusted_only:
        text = "only dividend-adjusted closes: returns are their ratios, levels mean nothing"
        yield _remark(series, "adjusted-only", "info", text)
    if series.price_index:
        yield _remark(series, "price-index", "info", "no dividends are known: returns are price returns")


RULES: dict[str, Rule] = {
    "missing-session": missing_sessions,
    "extra-session": extra_sessions,
    "high-below-low": range_upside_down,
    "close-outside-range": close_outside_range,
    "kind-of-series": kind_of_series,
}


def _each(
    series: PriceSeries, sessions: DateArray, rule: str, severity: Severity, detail: str
) -> Iterator[Finding]:
    """Give one finding per session, or one that counts them where they are many."""
    if len(sessions) <= ONE_BY_ONE:
        for session in sessions:
            yield Finding(series.ticker, session.astype(date), rule, severity, detail)
        return
    first = Finding(series.ticker, sessions[0].astype(date), rule, severity, detail)
    yield replace(first, detail=f"{detail} (the first of {len(sessions)} such sessions to {sessions[-1]})")


def _remark(series: PriceSeries, rule: str, severity: Severity, detail: str) -> Finding:
    return Finding(series.ticker, None, rule, severity, detail)
