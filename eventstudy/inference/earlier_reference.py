"""Earlier sessions in the place of left-out windows: the longer reference of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.design import Window
from eventstudy.models.earlier_sessions import SERIES, session_statistics
from eventstudy.models.estimation import Specification
from eventstudy.panel.left_out import MASK_REACH
from eventstudy.significance.romano_wolf import towards
from eventstudy.significance.study_reference import StudyReference, counted_below


def with_earlier_sessions(
    spec: Specification,
    events: IntArray,
    windows: Sequence[Window],
    firm_days: Sequence[IntArray],
    references: Sequence[StudyReference],
) -> list[StudyReference]:
    """Return the references, those for which the design takes them with earlier sessions.

    Parameters
    ----------
    events
        The firm-events of the study, measured or not, shape (n,).
    windows, firm_days, references
        Each window, the first firm-event of each of its firm-days, and what was counted for it.

    Notes
    -----
    Every session of a security whose windows lie before the event window of its last firm-day, estimated
    like a firm-event with the regressors of the first, where the window holds no session within one of a
    listed event. ``N_eff`` is their number over the length. ``auto`` takes them where that is larger; which
    sessions can be in is known before any is estimated, so that nothing is for what cannot be larger; and not
    of a model whose fits take long.
    """
    automatic = spec.design.placebo_history == "auto"
    if not spec.design.seeks_earlier_sessions(len(events)) or (automatic and spec.model.slow):
        return list(references)
    some = np.unique(np.concatenate(list(firm_days))).astype(np.int64)
    _, place = np.unique(spec.panel.security[some], return_index=True)
    series = some[place]
    taken = [
        _taken(spec, series, events, own, window) for own, window in zip(firm_days, windows, strict=True)
    ]
    wanted = [
        not automatic or sessions.sum() > reference.used.sum()
        for sessions, reference in zip(taken, references, strict=True)
    ]
    if not any(wanted):
        return list(references)
    spec = replace(spec, design=spec.design.replace(car_windows=windows))
    below = [np.zeros_like(reference.below) for reference in references]
    for start in range(0, len(series), SERIES):
        part = slice(start, start + SERIES)
        scores = towards(session_statistics(spec, series[part]), spec.design.alternative)
        for at, reference in enumerate(references):
            if wanted[at]:
                below[at] += counted_below(reference.ordered, scores[taken[at][:, part].T, at])
    return [
        replace(reference, below=own, earlier=int(own.sum()))
        if wanted[at] and (not automatic or own.sum() > reference.used.sum())
        else reference
        for at, (reference, own) in enumerate(zip(references, below, strict=True))
    ]


def _taken(
    spec: Specification, series: IntArray, events: IntArray, firm_days: IntArray, window: Window
) -> BoolArray:
    """Return which sessions of which series the reference of a window can hold, shape (T, S)."""
    panel, design = spec.panel, spec.design
    sessions, securities = len(panel.matrix.dates), panel.security[series]

    def covered(of: IntArray, low: IntArray, high: IntArray) -> BoolArray:
        """Return which rows lie between two bounds, both included, of some firm-event of the series."""
        column = np.searchsorted(securities, panel.security[of])
        steps = np.zeros((sessions + 1, len(series)), dtype=np.int64)
        np.add.at(steps, (np.clip(low, 0, sessions), column), 1)
        np.add.at(steps, (np.clip(high + 1, 0, sessions), column), -1)
        return np.asarray(np.cumsum(steps[:-1], axis=0) > 0)

    end = max(window.end, design.estimation_window.end)
    last = panel.day0[firm_days] + design.window.start - end - 1
    history = design.placebo_history
    most = sessions if isinstance(history, str) else history
    before = covered(firm_days, last - most + 1, last)
    listed = events[(panel.reason[events] == "") & np.isin(panel.security[events], securities)]
    day0 = panel.day0[listed]
    near = covered(listed, day0 - window.end - MASK_REACH, day0 - window.start + MASK_REACH)
    row = np.arange(sessions)[:, None]
    there = np.isfinite(panel.matrix.values[:, securities]) & (row >= panel.first[series])
    reach = row + design.estimation_window.start >= np.where(
        there.any(axis=0), there.argmax(axis=0), sessions
    )
    return np.asarray(before & ~near & reach)
