"""`reasons`: why a firm-event cannot be measured."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.models.model import ModelFit
from eventstudy.panel.absence import NOUNS, missing_day0, missing_estimation
from eventstudy.panel.panel import Panel
from eventstudy.panel.thin import too_thin
from eventstudy.significance.abnormal import AbnormalReturns

ESTIMATED = {"returns": "returns", "volume": "volumes", "volatility": "ranges"}  #: in sentences, by measure


def reasons(
    panel: Panel,
    design: Design,
    need: IntArray,
    events: IntArray,
    fit: ModelFit,
    abnormal: AbnormalReturns,
) -> TextArray:
    """Return why each firm-event cannot be measured: the first reason that holds, or ``""``; shape (n,).

    Parameters
    ----------
    need
        Usable estimation returns that each of them needs, shape (n,).
    """
    reason = np.select([panel.reason[events] != ""], [panel.reason[events]], "").astype(object)
    few = np.flatnonzero((reason == "") & (fit.n < need))
    lacking = (need - fit.n)[few]
    causes = missing_estimation(panel, events[few], design.estimation_window, lacking) if few.size else ()
    lengths = panel.lengths(events, design.estimation_window, estimation=True)
    for at, cause in zip(few, causes, strict=True):
        what = ESTIMATED[design.measure]
        usable = f"only {fit.n[at]} of {lengths[at]} estimation {what} are usable"
        reason[at] = f"{usable}; {need[at]} are needed" + (f" ({cause})" if cause else "")
    reason = np.where(reason == "", too_thin(panel, events, design), reason)
    reason = np.where(reason == "", fit.problem, reason)
    holds = _holds_day0(panel, design, events)
    unseen = np.flatnonzero((reason == "") & ~_measured(abnormal, design, holds))
    what = NOUNS[design.measure]
    reason[unseen] = f"no {what} in the event window: prices are missing there"
    there = unseen[holds[unseen]]
    reason[there] = missing_day0(panel, events[there])
    return reason


def _holds_day0(panel: Panel, design: Design, events: IntArray) -> BoolArray:
    """Return which firm-events have day 0 in their event window, shape (n,)."""
    day0 = Window(0, 0)
    if not design.window.start <= 0 <= design.window.end:
        return np.zeros(len(events), dtype=bool)
    outside = panel.outside(events, day0, estimation=False)
    return np.broadcast_to(~outside[:, 0], len(events))


def _measured(abnormal: AbnormalReturns, design: Design, holds: BoolArray) -> BoolArray:
    """Return which firm-events have an abnormal return on day 0, or a later one that spans it, shape (n,).

    Where the event window leaves out day 0 (``holds`` is False), any of its sessions will do.
    """
    known, tau = np.isfinite(abnormal.ar), np.arange(design.window.start, design.window.end + 1)
    spans = (tau >= 0) & (tau - abnormal.span < 0)
    return np.asarray(np.where(holds, (known & spans).any(axis=1), known.any(axis=1)))
