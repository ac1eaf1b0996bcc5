"""Sessions that have no log volume or no log range, where a study measures these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eventstudy._typing import DateArray, Measured
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.soundness.bars import each


def measure_findings(series: Mapping[str, PriceSeries], measure: Measured) -> Iterator[Finding]:
    """Find sessions without trade (``zero-volume``), or whose high is not above their low (``no-range``).

    They are missing in the study. A series without a single volume, such as an index, is no finding.
    """
    for prices in series.values():
        if measure == "volume":
            yield from each(prices, _untraded(prices), "zero-volume", "nothing was traded: no log volume")
        else:
            yield from each(prices, _without_range(prices), "no-range", "high is not above low: no log range")


def _untraded(prices: PriceSeries) -> DateArray:
    traded = prices.volume > 0
    return prices.sessions[(prices.volume <= 0) & traded.any()]


def _without_range(prices: PriceSeries) -> DateArray:
    return prices.sessions[prices.high <= prices.low]
