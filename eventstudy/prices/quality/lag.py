"""Dates that are a session off: the series moves with the market of the session before or after."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.prices.quality.bars import Bars
from eventstudy.prices.source import Finding

BLOCK = 125  #: sessions that are judged together, half a year
LARGEST = 0.1  #: of a log: larger moves count as that, lest one day decides
CLEARLY = 0.35  #: by how much the correlation with a neighbouring session is higher; four standard errors


def shifted_dates(bars: Bars) -> Iterator[Finding]:
    """Find half-years in which the series moves with the market's return of a neighbouring session.

    A market of another exchange would not do: a session's news may well arrive there a day later.
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
