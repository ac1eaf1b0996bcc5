"""Averages of groups of firm-events by event day: AAR and CAAR with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.inference.groups import Group, StudyInCalendarTime, clustered_mean
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import t_quantile
from eventstudy.numerics.double_double import Pair
from eventstudy.numerics.winsorising import winsorise
from eventstudy.significance.portfolio import portfolio_errors
from eventstudy.significance.sample import CrossSection, totals
from eventstudy.significance.totals import CellTotals, cell_totals, counted, over_groups


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


@dataclass(frozen=True)
class Days:
    """Sums over the ARs of each day of the event window, then the CARs from its start to each day.

    Attributes
    ----------
    by_date
        Count and sum of each day-0 session, shape (C, 2 L).
    positive
        ARs above zero, shape (G, L).
    """

    by_date: CellTotals
    positive: IntArray

    def __add__(self, other: Days) -> Days:
        """Return the sums of both shards."""
        return Days(self.by_date + other.by_date, self.positive + other.positive)

    def of_all_groups(self) -> Days:
        """Return the sums of all groups as those of one."""
        return Days(self.by_date.of_all_groups(), over_groups(self.positive))


def days_by_date(sample: CrossSection) -> Days:
    """Take the ARs and CARs of every day of the event window."""
    ar = sample.history.ar[sample.events]
    values = np.column_stack([ar, np.cumsum(ar, axis=1)])
    there = np.isfinite(values)
    return Days(
        cell_totals(
            *(sample.group, sample.date, there), lambda rows: [np.where(there[rows], values[rows], 0.0)]
        ),
        counted(ar > 0, sample.group, sample.groups),
    )


def averages_of_sums(
    level: str, keys: Sequence[str], days: Days, window: Window, confidence: float
) -> Columns:
    """Return rows of the ``averages`` table for every group of a level, errors clustered by date.

    NaN for the errors of a group of one date, whose tickers are no independent observations.
    """
    groups, by_date = len(keys), days.by_date
    n, total = by_date.over_groups(groups)
    dates = totals((by_date.size > 0).astype(np.int64), by_date.group, groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        size = Pair(by_date.size.astype(float), np.zeros(by_date.size.shape))
        score = by_date.sums[0].pair().minus(size.scaled(np.nan_to_num(mean)[by_date.group])).high
        correction = np.where(dates > 1, dates / (dates - 1), np.nan)
        se = np.sqrt(totals(score**2, by_date.group, groups) * correction) / n
        (aar, caar), (aar_se, caar_se) = (np.split(each, 2, axis=1) for each in (mean, se))
        (n, _), (_, caar_dates) = (np.split(each, 2, axis=1) for each in (n, dates))
        positive = days.positive / n
    half = t_quantile((1 + confidence) / 2, np.maximum(caar_dates - 1, 0).astype(float)) * caar_se
    columns = {
        "tau": np.broadcast_to(np.arange(window.start, window.end + 1), aar.shape),
        "n": n,
        "n_dates": dates[:, : window.length],
        "aar": aar,
        "aar_se": aar_se,
        "caar": caar,
        "caar_se": caar_se,
        "ci_low": caar - half,
        "ci_high": caar + half,
        "share_positive": positive,
        "winsorised": np.full(aar.shape, np.nan),
    }
    return {
        "level": np.full(aar.size, level, dtype=object),
        "key": np.repeat(np.array(keys, dtype=object), window.length),
        **{name: values.ravel() for name, values in columns.items()},
    }
