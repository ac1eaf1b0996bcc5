"""What is wrong or doubtful in prices, returns and factors, by one set of rules for every source.

To add a rule, write a function from `Bars` (prices) or from `ReturnTable` (returns of any source, factors)
to findings, and its line in ``RULES`` or ``RETURN_RULES``. What can only be seen while a series is read (rows
out of order, repeated sessions, invalid prices) is found there, under the names in ``FOUND_IN_READING``.

An ``error`` contradicts another figure of the series, or is a move that no trading makes, and is still in the
returns. A ``warning`` is a suspicion, or an error that was set to missing and so enters no return. An
``info`` says what kind of series it is. What can be read in two ways is a PriceDataError that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy.errors import DesignError
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.series import calendar_of
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import exchange_of
from eventstudy.soundness import closes, days, jumps
from eventstudy.soundness.bars import Bars, index_of_returns
from eventstudy.soundness.filled_days import filled_days
from eventstudy.soundness.huge import huge_returns
from eventstudy.soundness.identical import identical_returns
from eventstudy.soundness.impossible import impossible_returns
from eventstudy.soundness.shifts import shifted_series
from eventstudy.soundness.spikes import spikes
from eventstudy.soundness.weekdays import converted_midnights
from eventstudy.soundness.zeros import filled_forward, zero_returns

__all__ = ["FOUND_IN_READING", "RETURN_RULES", "RULES", "TABLE_RULES", "Bars", "findings", "return_findings"]

Rule = Callable[[Bars], Iterable[Finding]]

FOUND_IN_READING = (
    "duplicate-session",
    "unsorted",
    "nonpositive-price",
    "dividend-mismatch",
    "not-stored",
    "listed-split",
    "capital-gain",
    "wrong-dividend",
    "adjusted-closes",
    "time-stamps",
    "ticker-case",
    "listed-worth",
)


def kind_of_series(bars: Bars) -> Iterable[Finding]:
    """Say what the closes are: dividend-adjusted, or without dividends."""
    if bars.series.adjusted_only:
        text = "only dividend-adjusted closes: returns are their ratios, levels mean nothing"
        yield bars.series.finding("kind-of-series", "info", text)
    if bars.series.price_index:
        text = "no dividends are known: returns are price returns"
        yield bars.series.finding("kind-of-series", "info", text)


RULES: dict[str, Rule] = {
    "missing-session": days.missing_sessions,
    "extra-session": days.extra_sessions,
    "stale-run": closes.stale_runs,
    "high-below-low": closes.range_upside_down,
    "close-outside-range": closes.close_outside_range,
    "unit-jump": jumps.unit_jumps,
    "unapplied-split": jumps.unapplied_splits,
    "unapplied-dividend": jumps.unapplied_dividends,
    "missing-dividend": jumps.missing_dividends,
    "wrong-dividend": jumps.wrong_dividends,
    "no-prices": closes.no_prices,
    "date-shift": days.shifted_dates,
    "kind-of-series": kind_of_series,
}


ReturnRule = Callable[[ReturnTable], Iterable[Finding]]
RETURN_RULES: dict[str, ReturnRule] = {
    "impossible-return": impossible_returns,
    "huge-return": huge_returns,
    "identical-returns": identical_returns,
    "date-shift": shifted_series,
    "spike": spikes,
    "stale": zero_returns,
    "weekdays": converted_midnights,
}  #: of all returns, whatever their source
TABLE_RULES: dict[str, ReturnRule] = {
    "filled-days": filled_days,
    "filled-forward": filled_forward,
}  #: of tables of returns and of factors, and without a calendar; else the calendar and the closes tell it


def return_findings(table: ReturnTable, given: Collection[str] = ()) -> list[Finding]:
    """Return what the rules find in returns; ``given`` are those that were not taken from prices."""
    found = [each for rule in RETURN_RULES.values() for each in rule(table)]
    own = table.only(given)
    return found + [each for rule in TABLE_RULES.values() if own.names for each in rule(own)]


def findings(
    series: PriceSeries,
    exchanges: Mapping[str, str] = MappingProxyType({}),
    *,
    market: PriceSeries | None = None,
    calendars: bool = True,
) -> list[Finding]:
    """Return what was found while reading a series and what the rules find in it, in order of session.

    ``market`` is what the series should move with, such as its benchmark. The rules that need it
    (``date-shift``, ``unapplied-dividend``) apply if it trades on the same exchange. ``exchanges`` names
    exchanges that the ticker's suffix does not tell. Without ``calendars`` holes are not looked for, as the
    series brings its own sessions.
    """
    found = list(series.findings)
    series, market = index_of_returns(series), market and index_of_returns(market)
    bars = Bars(series, np.empty(0, dtype="datetime64[D]"))
    if calendars:
        try:
            partner = market if market and _move_together(series, market, exchanges) else None
            bars = Bars(series, calendar_of(series, exchanges), partner)
        except DesignError as error:
            found.append(series.finding("no-calendar", "info", f"holes are not looked for: {error.problem}"))
    with np.errstate(all="ignore"):  # absurd figures overflow, and what cannot be compared is no finding
        for rule in RULES.values():
            found += rule(bars)
    return sorted(found, key=lambda finding: (finding.session or date.min, finding.rule))


def _move_together(series: PriceSeries, market: PriceSeries, exchanges: Mapping[str, str]) -> bool:
    own, other = exchange_of(series.ticker, exchanges), exchange_of(market.ticker, exchanges)
    return own == other and series.ticker != market.ticker
