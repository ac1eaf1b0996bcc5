"""Dividends that a regular payer did not pay, as far as the series knows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.prices.quality.bars import Bars
from eventstudy.prices.source import Finding

LEAST = 1e-4  #: of the close: a smaller dividend is rounding
NEAR = 3  #: payments to either side whose distances are the rhythm
UNEVEN = 0.3  #: share of the rhythm by which a distance may differ from it


def missing_dividends(bars: Bars) -> Iterator[Finding]:
    """Find a gap of two or three times the rhythm in the dividends of a regular payer.

    The finding lies on the session at which the first missing one was due. The newest and the oldest dividend
    cannot be missed: nothing lies behind them.
    """
    series = bars.series
    with np.errstate(invalid="ignore"):
        paid = np.flatnonzero(series.dividend > LEAST * series.close)
    gaps: list[int] = np.diff(series.sessions[paid]).astype(np.int64).tolist()
    for place in range(1, len(gaps) - 1):
        near = gaps[max(place - NEAR, 0) : place] + gaps[place + 1 : place + 1 + NEAR]
        rhythm = sorted(near)[len(near) // 2]
        missing = round(gaps[place] / rhythm) - 1
        regular = len(near) >= NEAR and all(abs(gap - rhythm) <= UNEVEN * rhythm for gap in near)
        if missing in (1, 2) and regular and abs(gaps[place] / rhythm - missing - 1) <= UNEVEN:
            due = series.sessions[paid[place]] + np.timedelta64(round(gaps[place] / (missing + 1)), "D")
            at = int(np.searchsorted(bars.sessions, due))
            text = f"a dividend is paid every {rhythm} days, none is listed around this one"
            yield bars.finding(at, "missing-dividend", "warning", text)
