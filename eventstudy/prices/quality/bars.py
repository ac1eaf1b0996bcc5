"""A price series laid out for the rules: its moves from close to close, and what is usual around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.prices.source import Finding, PriceSeries, Severity

ONE_BY_ONE = 20  #: more sessions than that make one finding that counts them, unless they are errors
TO_SIGMA = 1.4826  #: from the median of |x| to the standard deviation, where x is normal
AROUND = 20  #: sessions to either side of a move that say what is usual there


@dataclass(frozen=True)
class Bars:
    """A series, the sessions of its exchange over its span, and what it should move with, if anything.

    Attributes
    ----------
    series
        As it was loaded.
    calendar
        datetime64[D]; empty where none is known.
    market
        Another series, such as the benchmark; None where there is none.
    """

    series: PriceSeries
    calendar: DateArray
    market: PriceSeries | None = None

    @cached_property
    def rows(self) -> IntArray:
        """The rows of the series that have a close, shape (n,)."""
        return np.flatnonzero(~np.isnan(self.series.close))

    @cached_property
    def sessions(self) -> DateArray:
        """Their sessions, shape (n,)."""
        return self.series.sessions[self.rows]

    @cached_property
    def close(self) -> FloatArray:
        """Their closes, shape (n,)."""
        return self.series.close[self.rows]

    @cached_property
    def volume(self) -> FloatArray:
        """Their volumes, shape (n,); all NaN where the series has only zeros, as currencies do."""
        volume = self.series.volume[self.rows]
        return volume if (volume > 0).any() else np.full(len(volume), np.nan)

    @cached_property
    def moves(self) -> FloatArray:
        """Log changes from close to close without dividends, shape (n,); the first is 0."""
        logs = np.log(self.close)
        return np.concatenate([np.zeros(min(1, len(logs))), np.diff(logs)])

    @cached_property
    def gaps(self) -> FloatArray:
        """Log changes from the close before to the open, shape (n,); the first is 0, NaN without an open."""
        before = np.concatenate([self.series.open[self.rows[:1]], self.close[:-1]])
        gaps: FloatArray = np.log(self.series.open[self.rows] / before)
        return gaps

    @cached_property
    def spans(self) -> FloatArray:
        """Logs of high over low, shape (n,)."""
        spans: FloatArray = np.log(self.series.high[self.rows] / self.series.low[self.rows])
        return spans

    @cached_property
    def turnover(self) -> FloatArray:
        """Close times volume, shape (n,): no split changes it."""
        return self.close * self.volume

    def finding(self, place: int, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding on the session of one of the rows that have a close."""
        return Finding(self.series.ticker, self.sessions[place].astype(date), rule, severity, detail)


def sigma_around(values: FloatArray, place: int) -> float:
    """Return the usual size of ``values`` around a place as a standard deviation, from the median of |x|.

    NaN where nothing is known around it.
    """
    return TO_SIGMA * _median(np.abs(_neighbours(values, place)))


def multiple_of_usual(values: FloatArray, place: int, *, strict: bool = False) -> float:
    """Return a value as a multiple of what is usual, NaN where that is unknown.

    Usual is the larger of the medians before and after it, or the smaller one where ``strict``.
    """
    before, after = values[max(place - AROUND, 0) : place], values[place + 1 : place + 1 + AROUND]
    usual = [median for median in (_median(before), _median(after)) if median > 0]
    return float(values[place]) / (min if strict else max)(usual) if usual else np.nan


def each(
    series: PriceSeries, sessions: DateArray, rule: str, detail: str, severity: Severity = "warning"
) -> Iterator[Finding]:
    """Give one finding per session, or one that counts them where they are many and no errors."""
    if len(sessions) <= ONE_BY_ONE or severity == "error":
        for session in sessions:
            yield Finding(series.ticker, session.astype(date), rule, severity, detail)
        return
    first = Finding(series.ticker, sessions[0].astype(date), rule, severity, detail)
    yield replace(first, detail=f"{detail} (the first of {len(sessions)} such sessions to {sessions[-1]})")


def about(series: PriceSeries, rule: str, detail: str) -> Finding:
    """Return a remark on a whole series."""
    return Finding(series.ticker, None, rule, "info", detail)


def _neighbours(values: FloatArray, place: int) -> FloatArray:
    # three times the reach: a spread is harder to know than a level
    around = values[max(place - 3 * AROUND, 1) : place], values[place + 1 : place + 1 + 3 * AROUND]
    return np.concatenate(around)


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan
