"""Averages of groups of firm-events by event day: AAR and CAAR with their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.design import Window
from eventstudy.inference.groups import Group, StudyInCalendarTime, clustered_mean
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import t_quantile
from eventstudy.numerics.winsorising import winsorise
from eventstudy.significance.portfolio import portfolio_errors


def group_averages(calendar: StudyInCalendarTime, group: Group) -> Columns:
    """Return rows of the ``averages`` table: AAR and CAAR by event day, with the error the dates allow."""
    measured, design = calendar.estimates, calendar.spec.design
    events = group.events
    date, window = calendar.day0[events], measured.abnormal.window
    # a lumped return counts in the windows that it spans, not in the average of one day
    ar = measured.car[events][:, [measured.windows.index(session) for session in window.sessions]]
    share = 0.0 if group.shared else design.winsorise  # the error of one date is that of its portfolio
    one = np.zeros(len(events), dtype=np.int64)
    clipped, path = (winsorise(values, one, 1, share) for values in (ar, measured.path[events]))
    changed = (np.isfinite(ar) & (clipped != ar)).sum(axis=0)
    aar, aar_se, n, dates = clustered_mean(clipped, date)
    caar, caar_se, _, caar_dates = clustered_mean(path, date)
    df = np.maximum(caar_dates - 1, 0).astype(float)
    if group.shared:
        aar_se, _ = _portfolio_errors(group, window.sessions)
        caar_se, df = _portfolio_errors(group, window.paths)
    half = t_quantile((1 + design.confidence) / 2, df) * caar_se
    there = np.isfinite(ar)
    with np.errstate(invalid="ignore"):
        positive = (there & (ar > 0)).sum(axis=0) / n
    return {
        "level": [group.level] * window.length,
        "key": [group.key] * window.length,
        "tau": np.arange(window.start, window.end + 1),
        "n": n,
        "n_dates": dates,
        "aar": aar,
        "aar_se": aar_se,
        "caar": caar,
        "caar_se": caar_se,
        "ci_low": caar - half,
        "ci_high": caar + half,
        "share_positive": positive,
        "winsorised": changed if share else np.full(window.length, np.nan),
    }


def _portfolio_errors(group: Group, windows: Sequence[Window]) -> tuple[FloatArray, FloatArray]:
    """Return the portfolio's forecast error of each window and its d.o.f.; NaN where it has no system."""
    errors, df = np.full((2, len(windows)), np.nan)
    for system in group.distinct_systems:
        places = [place for place, window in enumerate(windows) if group.systems.get(window) is system]
        if places:
            errors[places] = portfolio_errors(system, [windows[place] for place in places])
            df[places] = system.df
    return errors, df
