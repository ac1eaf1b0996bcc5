"""A price series prepared for the rules: its moves from close to close, and what is usual around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.prices.source import Finding, PriceSeries, Severity

ONE_BY_ONE = 20  #: more sessions than that make one finding that counts them, unless they are errors
#: Said where more sessions than that are missing.
SELDOM = "where it trades seldom, take gaps: trade-to-trade"
TO_SIGMA = 1.4826  #: from the median of |x| to the standard deviation, where x is normal
AROUND = 20  #: sessions on either side of a move that define what is usual


@dataclass(frozen=True)
class Bars:
    """A series, the sessions of its exchange over its span (empty if unknown), and its market, if any."""

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


def index_of_returns(series: PriceSeries) -> PriceSeries:
    """Return a series with closes that make its stated returns; a series of prices as it is.

    Closes of such a source may be raw, or those of the market it is quoted on; only the returns are used.
    """
    if series.returns is None:
        return series
    level = np.cumprod(1.0 + np.nan_to_num(series.returns))
    known = np.isfinite(series.returns)
    known[:1] = True  # the level before the first return
    nothing = np.full(len(level), np.nan)
    return replace(
        series,
        open=nothing,
        high=nothing,
        low=nothing,
        close=np.where(known & (level > 0), level, np.nan),
        dividend=np.zeros(len(level)),
        adjusted_only=False,
        split=None,
        returns=None,
    )


def sigma_around(values: FloatArray, place: int) -> float:
    """Return the standard deviation of ``values`` around a place, from the median of |x|; NaN if unknown."""
    reach = 3 * AROUND  # a spread is harder to estimate than a level
    around = values[max(place - reach, 1) : place], values[place + 1 : place + 1 + reach]
    return TO_SIGMA * _median(np.abs(np.concatenate(around)))


def multiple_of_usual(values: FloatArray, place: int, *, strict: bool = False) -> float:
    """Return a value as a multiple of what is usual, NaN where that is unknown.

    Usual is the larger of the medians before and after it, or the smaller one where ``strict``.
    """
    before, after = values[max(place - AROUND, 0) : place], values[place + 1 : place + 1 + AROUND]
    usual = [median for median in (_median(before), _median(after)) if median > 0]
    return float(values[place]) / (min if strict else max)(usual) if usual else np.nan


def each(
    series: PriceSeries, sessions: DateArray, rule: str, detail: str, severity: Severity = "warning"
) -> list[Finding]:
    """Return one finding per session, or one that counts them where they are many and no errors."""
    found = [Finding(series.ticker, day.astype(date), rule, severity, detail) for day in sessions]
    return found if severity == "error" else counted(found)


def counted(found: list[Finding]) -> list[Finding]:
    """Return findings in order of session as they are, or the first with their number where they are many."""
    if len(found) <= ONE_BY_ONE:
        return found
    text = f"{found[0].detail} (the first of {len(found)} such sessions to {found[-1].session})"
    return [replace(found[0], detail=text)]


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan
