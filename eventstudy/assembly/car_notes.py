"""Why a CAR is missing where returns cover several sessions: the trade that reaches over its window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import TextArray
from eventstudy.design import Window
from eventstudy.significance.abnormal import AbnormalReturns


def car_notes(abnormal: AbnormalReturns, windows: Sequence[Window]) -> TextArray:
    """Return the trade that keeps each window from having a CAR, shape (N, C); ``""`` where none does.

    A trade counts in a window that holds all sessions of its return. The first that does not is named, with
    the session on the other side of the window's end into which it spans; or the sessions at the end of the
    window without a trade, where the next trade lies outside the event window.
    """
    notes = np.full((len(abnormal), len(windows)), "", dtype=object)
    if (abnormal.span == 1).all():
        return notes
    tau = np.arange(abnormal.window.start, abnormal.window.end + 1)
    first = tau - np.nan_to_num(abnormal.span, nan=1.0).astype(np.int64) + 1
    there = np.isfinite(abnormal.ar)
    for place, window in enumerate(windows):
        inside = (tau >= window.start) & (tau <= window.end)
        before = there & inside & (first < window.start)
        after = there & (tau > window.end) & (first <= window.end)
        crossing = before | after
        for event in np.flatnonzero(crossing.any(axis=1)).tolist():
            at = int(crossing[event].argmax())
            other = window.start - 1 if before[event, at] else window.end
            notes[event, place] = f"the trade at {_tau(int(tau[at]))} spans into {_tau(other)}"
        open_end = ~crossing.any(axis=1) & ~there[:, tau == window.end][:, 0]
        for event in np.flatnonzero(open_end).tolist():
            traded = tau[there[event] & inside]
            since = int(traded[-1]) + 1 if len(traded) else window.start
            asked = f"from {_tau(since)} to" if since < window.end else "at"
            notes[event, place] = f"no trade {asked} {_tau(window.end)}"
    return notes


def _tau(tau: int) -> str:
    return f"{tau:+d}" if tau else "0"
