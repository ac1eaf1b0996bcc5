"""What is doubtful about a price series: findings, by one function per rule.

To add a rule, write a function from `Bars` to findings and its line in ``RULES``. What can only be seen while
a series is read (rows out of order, repeated sessions, invalid prices) is found there, under the names in
``FOUND_IN_READING``.

An ``error`` contradicts another figure of the series, or is a move that no trading makes, and is still in the
returns. A ``warning`` is a suspicion, or an error that was set to missing and so enters no return. An
``info`` says what kind of series it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy.errors import DesignError
from eventstudy.prices.quality import closes, days, jumps
from eventstudy.prices.quality.bars import Bars
from eventstudy.prices.quality.days import calendar_of, holes
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import exchange_of

__all__ = ["FOUND_IN_READING", "RULES", "Bars", "calendar_of", "findings", "holes"]

Rule = Callable[[Bars], Iterable[Finding]]

FOUND_IN_READING = ("duplicate-session", "unsorted", "nonpositive-price", "dividend-mismatch", "not-stored")


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
    "date-shift": days.shifted_dates,
    "kind-of-series": kind_of_series,
}


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
