"""Closes outside their session's range, ranges upside down, and closes that do not change."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import BoolArray
from eventstudy.prices.source import Finding
from eventstudy.soundness.bars import Bars, each

ROUNDING = 1e-6  #: of the price: bars are rounded after they are adjusted for splits
FAR = 0.1  #: of the price: no auction or late correction puts a close that far outside its session's range
LEAST_BARS = 60  #: bars with a range without which opens and closes are not compared
OPENS = 0.95  #: share of them on which open and close are one figure, which trading hardly ever makes
LEAST_MOVES = 10  #: moves without which a column is not judged
WILD = 0.2  #: of a log: median size of a daily move that no price has; half of all volumes change by more
LONG = 5  #: unchanged closes in a row that are reported unless there was no trading
FILLED = 10  #: unchanged closes in a row that are no prices: a suspension or an end that was filled forward
BY_CHANCE = 1e-3  #: such runs expected in the whole series, given how often its close is unchanged otherwise
LEAST_VOLUME = 100_000  #: shares: a volume that large does not repeat itself to the share by chance


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


def stale_runs(bars: Bars) -> Iterator[Finding]:
    """Find runs of unchanged closes: without volume, with the volume carried forward too, or too long.

    One finding per run, on its first session, says how many sessions it has.
    """
    same: BoolArray = np.diff(bars.close, prepend=np.nan) == 0
    if not same.any():
        return
    idle: BoolArray = same & (bars.volume == 0)
    carried: BoolArray = same & (np.diff(bars.volume, prepend=np.nan) == 0) & (bars.volume >= LEAST_VOLUME)
    yield from _told(bars, idle, "no volume and the close of the session before")
    yield from _told(bars, carried, "close and volume are those of the session before")
    rest: BoolArray = same & ~idle & ~carried
    for first, length in _runs(rest):
        share = (same.sum() - length) / max(len(same) - length, 1)
        if length >= LONG and len(same) * share**length < BY_CHANCE:
            text = f"the close does not change for {length} sessions"
            yield from _run(bars, first, length, text)


def no_prices(bars: Bars) -> Iterator[Finding]:
    """Find columns that are no closes: opens, and what changes by a multiple from day to day."""
    ranged = bars.spans > ROUNDING
    same = float((bars.series.open[bars.rows] == bars.close)[ranged].mean()) if ranged.any() else 0.0
    if np.count_nonzero(ranged) >= LEAST_BARS and same > OPENS:
        text = f"{same:.0%} of its closes are the session's open: opens stand in the place of closes"
        yield bars.series.finding("no-prices", "error", text)
    moves = np.abs(bars.moves[1:])
    if len(moves) >= LEAST_MOVES and (size := float(np.median(moves))) > WILD:
        text = f"half of its closes change by more than {np.expm1(size):.0%} from one session to the next"
        yield bars.series.finding("no-prices", "error", f"{text}: volumes or returns, and no prices")


def _told(bars: Bars, stale: BoolArray, text: str) -> Iterator[Finding]:
    for first, length in _runs(stale):
        many = f" (a run of {length} sessions to {bars.sessions[first + length - 1]})" if length > 1 else ""
        yield from _run(bars, first, length, text + many)


def _run(bars: Bars, first: int, length: int, text: str) -> Iterator[Finding]:
    """Report a run once, or where it is so long that it was filled forward, on every session that uses it."""
    if length < FILLED:
        yield bars.finding(first, "stale-run", "warning", text)
    else:
        for place in range(first, first + length):
            yield bars.finding(
                place, "stale-run", "error", f"{text}: filled forward, where nothing was traded"
            )


def _runs(marked: BoolArray) -> Iterator[tuple[int, int]]:
    """Yield the first place and the length of every run of marks."""
    steps = np.diff(np.concatenate([[0], marked.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield start, end - start
