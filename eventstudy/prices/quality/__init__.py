"""What is doubtful about a price series: findings, by one function per rule.

A rule takes a series laid out as `Bars` and gives findings. To add one, write the function in the file it
belongs to and its line in ``RULES``. What can only be seen while a series is read (rows out of order, a
session twice, a price that is none) is found there and stands among the series' own findings, under the names
in ``FOUND_IN_READING``.

An ``error`` is a figure that contradicts another of the same series, or a move that no trading makes, and
that still stands in the returns: what uses it would be measured wrong. A ``warning`` is a suspicion, or
something wrong that was taken as missing and so enters no return. An ``info`` says what kind of series it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from eventstudy.errors import DesignError
from eventstudy.prices.quality.bars import Bars, about
from eventstudy.prices.quality.days import calendar_of, extra_sessions, holes, missing_sessions
from eventstudy.prices.quality.jumps import unapplied_dividends, unapplied_splits, unit_jumps
from eventstudy.prices.quality.lag import shifted_dates
from eventstudy.prices.quality.payouts import missing_dividends
from eventstudy.prices.quality.ranges import close_outside_range, range_upside_down
from eventstudy.prices.quality.stale import stale_runs
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import exchange_of

__all__ = ["FOUND_IN_READING", "RULES", "Bars", "calendar_of", "findings", "holes"]

Rule = Callable[[Bars], Iterable[Finding]]

FOUND_IN_READING = ("duplicate-session", "unsorted", "nonpositive-price", "dividend-mismatch", "not-stored")


def kind_of_series(bars: Bars) -> Iterable[Finding]:
    """Remark on what the closes are: dividend-adjusted, or without dividends."""
    if bars.series.adjusted_only:
        text = "only dividend-adjusted closes: returns are their ratios, levels mean nothing"
        yield about(bars.series, "kind-of-series", text)
    if bars.series.price_index:
        text = "no dividends are known: returns are price returns"
        yield about(bars.series, "kind-of-series", text)


RULES: dict[str, Rule] = {
    "missing-session": missing_sessions,
    "extra-session": extra_sessions,
    "stale-run": stale_runs,
    "high-below-low": range_upside_down,
    "close-outside-range": close_outside_range,
    "unit-jump": unit_jumps,
    "unapplied-split": unapplied_splits,
    "unapplied-dividend": unapplied_dividends,
    "missing-dividend": missing_dividends,
    "date-shift": shifted_dates,
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

    Parameters
    ----------
    series
        The series, as it was loaded.
    exchanges
        Exchanges by ticker, where the ticker's suffix does not tell.
    market
        What the series should move with, such as its benchmark, used if it trades on the same exchange; the
        rules that need it (``date-shift``, ``unapplied-dividend``) are silent without.
    calendars
        False where the series brings its own sessions: holes are not looked for then.
    """
    found = list(series.findings)
    bars = Bars(series, np.empty(0, dtype="datetime64[D]"))
    if calendars:
        try:
            beside = market if market and _move_together(series, market, exchanges) else None
            bars = Bars(series, calendar_of(series, exchanges), beside)
        except DesignError as error:
            found.append(about(series, "no-calendar", f"holes are not looked for: {error.problem}"))
    with np.errstate(all="ignore"):  # absurd figures overflow; what then cannot be compared is no finding
        for rule in RULES.values():
            found += rule(bars)
    return sorted(found, key=lambda finding: (finding.session or date.min, finding.rule))


def _move_together(series: PriceSeries, market: PriceSeries, exchanges: Mapping[str, str]) -> bool:
    own, other = exchange_of(series.ticker, exchanges), exchange_of(market.ticker, exchanges)
    return own == other and series.ticker != market.ticker
