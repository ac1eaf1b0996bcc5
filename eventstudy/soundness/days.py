"""Sessions that are missing, sessions that should not be there, and dates that are a session off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.prices.series import holes
from eventstudy.prices.source import Finding
from eventstudy.soundness.bars import ONE_BY_ONE, SELDOM, Bars, each
from eventstudy.soundness.weekdays import converted_dates

MOST_EXTRA = 0.1  #: share of rows on days without a session above which the dates are wrong: a tenth ...
FEW_EXTRA = 10  #: ... and more than a few
BLOCK = 125  #: sessions judged together, half a year
LARGEST = 0.1  #: of a log: larger moves count as that, so that no single day decides
CLEARLY = 0.35  #: by how much the correlation with a neighbouring session is higher; four standard errors


def missing_sessions(bars: Bars) -> Iterator[Finding]:
    """Find sessions without a close: the return there and the next one are missing.

    Without a calendar they are the rows that have none.
    """
    if len(bars.calendar):
        days, text = holes(bars.series, bars.calendar), "the exchange traded, the series has no close"
    else:
        days, text = bars.series.sessions[np.isnan(bars.series.close)], "the row has no close"
    yield from each(
        bars.series, days, "missing-session", f"{text}; {SELDOM}" if len(days) > ONE_BY_ONE else text
    )


def extra_sessions(bars: Bars) -> Iterator[Finding]:
    """Find closes on days the exchange did not trade; they enter no return."""
    calendar = bars.calendar
    if len(calendar):
        inside = (bars.sessions >= calendar[0]) & (bars.sessions <= calendar[-1])
        # outside, where the calendar may not reach, a day of the week on which the exchange never trades
        counts = inside | ~np.isin(_weekday(bars.sessions), _weekday(calendar))
        extra = np.setdiff1d(bars.sessions[counts], calendar, assume_unique=True)
        if len(extra) > MOST_EXTRA * len(bars.sessions) and len(extra) > FEW_EXTRA:
            share, first = len(extra) / len(bars.sessions), extra[0]
            text = f"{share:.0%} of its days, first {first}, are no sessions of its exchange: days filled in"
            yield bars.series.finding("extra-session", "error", converted_dates(bars.sessions) or text)
            return
        yield from each(bars.series, extra, "extra-session", "the exchange did not trade that day")


def _weekday(days: DateArray) -> IntArray:
    weekday: IntArray = days.astype(np.int64) % 7
    return weekday


def shifted_dates(bars: Bars) -> Iterator[Finding]:
    """Find half-years in which the series moves with the market's return of a neighbouring session.

    The market must be of the same exchange: elsewhere news may arrive a day later.
    """
    market = bars.market
    if market is None:
        return
    own = np.flatnonzero(np.isin(bars.sessions, market.sessions, assume_unique=True))
    other = np.searchsorted(market.sessions, bars.sessions[own])
    if len(own) < BLOCK + 2:
        return
    moves = np.clip(bars.moves[own], -LARGEST, LARGEST)
    market_moves = np.clip(
        np.nan_to_num(np.diff(np.log(market.close[other]), prepend=np.nan)), -LARGEST, LARGEST
    )
    blocks = (len(own) - 2) // BLOCK
    lags = {lag: _correlations(moves, market_moves, lag, blocks) for lag in (-1, 0, 1)}
    for lag, word in ((-1, "before"), (1, "after")):
        for block in np.flatnonzero(lags[lag] - lags[0] > CLEARLY).tolist():
            text = (
                f"from here for {BLOCK} sessions it moves with {market.ticker} of the session {word} "
                f"(correlation {lags[lag][block]:.2f}; {lags[0][block]:.2f} on the same)"
            )
            yield bars.finding(int(own[1 + block * BLOCK]), "date-shift", "warning", text)


def _correlations(moves: FloatArray, market: FloatArray, lag: int, blocks: int) -> FloatArray:
    """Return the correlation with the market ``lag`` sessions on, in every block, shape (blocks,)."""
    end = 1 + blocks * BLOCK
    x = moves[1:end].reshape(blocks, BLOCK)
    y = market[1 + lag : end + lag].reshape(blocks, BLOCK)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        r: FloatArray = (x * y).sum(axis=1) / np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    return np.nan_to_num(r)
