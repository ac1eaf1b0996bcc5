"""Thin trading: the share of sessions on which a security did not trade."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Design, Window
from eventstudy.panel.panel import Panel

MOST_WITHOUT_TRADE = 0.4  #: share of sessions without a trade above which a firm-event is skipped


def share_without_trade(panel: Panel, events: IntArray, window: Window) -> FloatArray:
    """Return the share of estimation sessions without a trade of some firm-events, shape (n,).

    A session without a price, or without a return where returns are given, is one without a trade. Sessions
    before the first trade of the security, or after its last, do not count. NaN without any session.

    Parameters
    ----------
    window
        From the first estimation session to the last.
    """
    rows, exists = panel.rows(events, window)
    column = panel.security[events]
    listed = column >= 0
    column = np.where(listed, column, 0)
    distinct, place = np.unique(column, return_inverse=True)
    matrix = panel.matrix
    traded = np.isfinite(matrix.lumped[:, distinct]) | np.isfinite(matrix.values[:, distinct])
    first, last = np.zeros((2, len(events)), dtype=np.int64)
    for low, high in matrix.blocks.values():
        own, block = (panel.first[events] == low) & (panel.last[events] == high), traded[low : high + 1]
        first[own] = (low + block.argmax(axis=0))[place[own]]
        last[own] = (high - block[::-1].argmax(axis=0))[place[own]]
    inside = exists & ~panel.outside(events, window, estimation=True)
    inside &= (rows >= first[:, None]) & (rows <= last[:, None])
    without = inside & ~traded[rows, place[:, None]]
    with np.errstate(invalid="ignore"):
        share = without.sum(axis=1) / inside.sum(axis=1)
    return np.where(listed, share, np.nan)


def too_thin(panel: Panel, events: IntArray, design: Design) -> list[str]:
    """Return why some firm-events trade too seldom to be measured from trade to trade; "" elsewhere."""
    if design.gaps != "trade-to-trade":
        return [""] * len(events)
    limit = f"at most {MOST_WITHOUT_TRADE:.0%} may be"
    return [
        f"{share:.0%} of its estimation sessions are without a trade; {limit}"
        if share > MOST_WITHOUT_TRADE
        else ""
        for share in share_without_trade(panel, events, design.estimation_window).tolist()
    ]
