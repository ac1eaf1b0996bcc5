"""Figures of one session that contradict each other: high below low, a close outside the range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import BoolArray
from eventstudy.prices.quality.bars import Bars, each
from eventstudy.prices.source import Finding

ROUNDING = 1e-6  #: of the price: bars are rounded after they are adjusted for splits
FAR = 0.1  #: of the price: no auction or late correction puts a close that far outside its session's range


def range_upside_down(bars: Bars) -> Iterator[Finding]:
    """Find a high below the low."""
    series = bars.series
    bad: BoolArray = series.high < series.low * (1 - ROUNDING)
    yield from each(series, series.sessions[bad], "high-below-low", "the high is below the low")


def close_outside_range(bars: Bars) -> Iterator[Finding]:
    """Find a close above the high or below the low; an adjusted close is not comparable with them."""
    series = bars.series
    if series.adjusted_only:
        return
    top, bottom = np.fmax(series.high, series.low), np.fmin(series.high, series.low)
    with np.errstate(over="ignore"):  # beyond all bounds is outside
        outside = np.fmax(series.close - top, bottom - series.close) / series.close
    far: BoolArray = outside > FAR
    near: BoolArray = (outside > ROUNDING) & ~far
    rule = "close-outside-range"
    yield from each(series, series.sessions[near], rule, "the close lies outside the session's range")
    text = f"the close lies more than {FAR:.0%} outside the session's range"
    yield from each(series, series.sessions[far], rule, text, "error")
