"""Days on which other series have prices and one has none, where no calendar says what a session is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import DateArray
from eventstudy.errors import DesignError
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.sessions import calendar_bounds, exchange_of, trading_sessions
from eventstudy.soundness.bars import ONE_BY_ONE, SELDOM, counted

ALL_ROWS, MOST_SESSIONS = 1.0, 0.9  #: shares of rows that are sessions, and of sessions that are rows


def missing_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find sessions without a price between the first and the last return of a series.

    A price that is missing takes the return of its session and the next one. More than `ONE_BY_ONE` of them
    are one finding about the whole series.
    """
    known = np.isfinite(table.values)
    first, last = known.argmax(axis=0), len(known) - 1 - known[::-1].argmax(axis=0)
    rows = np.arange(len(known))[:, None]
    missing = ~known & (rows > first) & (rows < last) & known.any(axis=0)
    missing[:-1] &= missing[1:]  # the last return of a hole lacks the price before it, and has its own
    counts = missing.sum(axis=0)
    for column in np.flatnonzero(counts).tolist():
        if counts[column] > ONE_BY_ONE:
            text = f"no price on {counts[column]} days on which other series have prices"
            yield table.about(column, "missing-session", "warning", f"{text}; check the dates, or {SELDOM}")
            continue
        for row in np.flatnonzero(missing[:, column]).tolist():
            yield table.finding(
                row, column, "missing-session", "warning", "other series have prices, it has none"
            )


def holes_in_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find sessions without a return in a table of returns, between the first and the last of a series.

    They are rows without it, and sessions without a row where the rows are those of the exchange.
    """
    known = np.isfinite(table.values)
    first, last = known.argmax(axis=0), len(known) - 1 - known[::-1].argmax(axis=0)
    absent = _sessions_without_a_row(table)
    for column in np.flatnonzero(known.any(axis=0)).tolist():
        own = table.sessions[first[column] : last[column] + 1]
        empty = own[~known[first[column] : last[column] + 1, column]]
        listed = np.union1d(empty, absent[(absent > own[0]) & (absent < own[-1])])
        found = [
            Finding(table.names[column], day.item(), "missing-session", "warning", "the series has no return")
            for day in listed
        ]
        yield from counted(found)


def _sessions_without_a_row(table: ReturnTable) -> DateArray:
    """Return the sessions of the exchange that are no rows, where the rows are its sessions."""
    nothing = table.sessions[:0]
    ticker = table.benchmark or table.names[0]
    try:
        exchange = exchange_of(ticker, table.exchanges)
        low, high = calendar_bounds(exchange)
        start, end = table.sessions[0].item(), table.sessions[-1].item()
        calendar = trading_sessions(exchange, max(start, low), min(end, high))
    except DesignError:
        return nothing
    inside = table.sessions[np.isin(table.sessions, calendar)]
    if len(inside) < ALL_ROWS * len(table.sessions) or len(inside) < MOST_SESSIONS * len(calendar):
        return nothing
    return np.setdiff1d(calendar, table.sessions)
