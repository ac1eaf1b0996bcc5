"""Prices on the sessions that exchanges held: their calendars, corrected by what was traded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.events.day0 import corrected
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.loading import Loaded, load_prices
from eventstudy.panel.requirements import Requires
from eventstudy.prices.source import PriceSource
from eventstudy.sessions import Corrections, exchange_of, traded_otherwise, trading_sessions


def load_on_sessions(
    firm_events: FirmEvents,
    design: Design,
    requires: Requires,
    source: PriceSource,
    *,
    exchanges: Mapping[str, str],
    calendars: bool,
) -> tuple[Loaded, FirmEvents]:
    """Load the series of a run, and find day 0 anew where they contradict the calendar of their exchange.

    A special session that all series of an exchange traded is a session, and a day on which none did is
    none; two series at least must say so. Prices are loaded once more where that moves a window.

    Parameters
    ----------
    exchanges
        Exchanges that the suffix of a ticker does not tell.

    Raises
    ------
    PriceDataError
        As of `load_prices`.
    """
    loaded = load_prices(firm_events, design, requires, source, calendars=calendars)
    found = _corrections(loaded, firm_events, exchanges) if calendars else {}
    if not found:
        return loaded, firm_events
    moved = corrected(firm_events, found)
    again = load_prices(moved, design, requires, source, calendars=True, corrections=found)
    known = _corrections(again, moved, exchanges)  # of the longer span, which more sessions may need
    if all(_same(known[code], found.get(code)) for code in known):
        return again, moved
    moved = corrected(firm_events, known)
    return load_prices(moved, design, requires, source, calendars=True, corrections=known), moved


def _corrections(
    loaded: Loaded, firm_events: FirmEvents, exchanges: Mapping[str, str]
) -> dict[str, Corrections]:
    """Return how the series contradict the calendars of the firm-events' exchanges, where they do."""
    members: dict[str, list[DateArray]] = {}
    for ticker, series in loaded.series.items():
        try:
            code = exchange_of(ticker, exchanges)
        except DesignError:  # a benchmark of an unknown exchange says nothing about a calendar
            continue
        members.setdefault(code, []).append(series.sessions[series.known])
    found = {}
    for code in dict.fromkeys(firm_events.exchange[~np.isnat(firm_events.session)]):
        traded = members.get(code, [])
        if sum(bool(len(days)) for days in traded) > 1 and loaded.start and loaded.end:
            calendar = trading_sessions(code, *_known_span(loaded.start, loaded.end))
            if correction := traded_otherwise(calendar, traded):
                found[code] = correction
    return found


def _known_span(start: date, end: date) -> tuple[date, date]:
    return start, min(end, date.today())


def _same(one: Corrections, other: Corrections | None) -> bool:
    return other is not None and all(
        np.array_equal(mine, its) for mine, its in ((one.extra, other.extra), (one.closed, other.closed))
    )
