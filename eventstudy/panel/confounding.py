"""Confounding: other listed events and stated confounders near each event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.panel.panel import Panel

MAX_NAMED = 5  #: events named in a sentence before the rest is counted


@dataclass(frozen=True)
class Confounding:
    """What confounds each firm-event; arrays of shape (N,).

    Attributes
    ----------
    in_window, in_estimation
        Number of other listed events of the ticker in the event window and in the estimation window.
    confounded, confounders
        Whether a listed event or a stated confounder falls in the event window, and which.
    """

    in_window: IntArray
    in_estimation: IntArray
    confounded: BoolArray
    confounders: TextArray


def find_confounding(panel: Panel, design: Design) -> Confounding:
    """Count the other listed events of each security in the windows of each firm-event and name them.

    A firm-event without a day 0 is neither counted nor confounded by listed events.
    """
    firm_events = panel.firm_events
    placed = ~np.isnat(firm_events.session) & (panel.day0 <= panel.last)
    reach = len(panel.matrix.dates) + 2 * max(map(abs, (*design.window, *design.estimation_window)))
    codes = np.unique(firm_events.ticker.astype(str), return_inverse=True)[1]
    # one sorted key holds every security's day-0 rows, too far apart for a window to reach a neighbour
    key = np.where(placed, codes * 3 * reach + panel.day0, -4 * reach)
    order = np.argsort(key, kind="stable")
    window, estimation = design.window, design.estimation_window
    low, high = _span(key, order, window)
    in_window = np.where(placed, high - low - (window.start <= 0 <= window.end), 0)
    before_low, before_high = _span(key, order, estimation)
    in_estimation = before_high - before_low - (estimation.start <= 0 <= estimation.end)
    words = [_stated(panel, event, window) for event in range(len(firm_events))]
    stated = np.array([bool(sentences) for sentences in words], dtype=bool)
    for event in np.flatnonzero(in_window > 0):
        near = order[low[event] : high[event]][: MAX_NAMED + 1]
        words[event] += _named(panel, int(event), near[near != event][:MAX_NAMED], int(in_window[event]))
    return Confounding(
        in_window=in_window,
        in_estimation=np.where(placed, in_estimation, 0),
        confounded=stated | (in_window > 0),
        confounders=np.array(["; ".join(sentences) for sentences in words], dtype=object),
    )


def _span(key: IntArray, order: IntArray, window: Window) -> tuple[IntArray, IntArray]:
    ranked = key[order]
    return (
        np.searchsorted(ranked, key + window.start, side="left"),
        np.searchsorted(ranked, key + window.end, side="right"),
    )


def _stated(panel: Panel, event: int, window: Window) -> list[str]:
    """Return the confounders stated in the event list that fall in the event window."""
    listed = panel.firm_events.confounders[event]
    if not listed:
        return []
    sessions = panel.dates(np.array([event]), window)[0]
    inside = sessions[~np.isnat(sessions)]
    return [
        f"{confounder.date} {confounder.reason}"
        for confounder in listed
        if inside.size and inside[0] <= np.datetime64(confounder.date) <= inside[-1]
    ]


def _named(panel: Panel, event: int, others: IntArray, count: int) -> list[str]:
    ids, day0 = panel.firm_events.event_id, panel.day0
    shown = [f"{ids[other]} at tau {day0[other] - day0[event]:+d}" for other in others]
    more = count - len(shown)
    return [*shown, f"and {more} more listed events"] if more > 0 else shown
