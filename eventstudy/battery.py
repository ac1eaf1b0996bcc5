"""Every applicable test on every group, with the notes and the headline rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.distributions import t_quantile
from eventstudy.errors import UnknownNameError
from eventstudy.groups import Calendar, Examined, Group, clustered_mean
from eventstudy.significance import TESTS, SignificanceResult, SignificanceTest
from eventstudy.significance.multivariate import portfolio_errors
from eventstudy.significance.one_date import OneDate

ENOUGH_DATES = 10  #: below it no cross-sectional test is evidence
ONE_DATE = "one date: firms are not independent"
FEW_DATES = "too few dates for a cross-section"
NONE_COMPLETE = "no firm-event has complete returns"
NO_SPREAD = "too few observations, or all alike"
NO_SYSTEM = "the tickers share fewer than 30 estimation sessions, or trade on different exchanges"
Columns = dict[str, Any]


def chosen_tests(names: Sequence[str]) -> list[SignificanceTest]:
    """Return the tests of these names, or all of the registry.

    Raises
    ------
    UnknownNameError
        A name that is not in the registry.
    """
    for name in names:
        if name not in TESTS:
            raise UnknownNameError("test", name, TESTS)
    return [TESTS[name] for name in names] or list(TESTS.values())


def group_tests(
    examined: Examined, tests: Sequence[SignificanceTest], windows: Sequence[Window]
) -> list[Columns]:
    """Return rows of the ``tests`` table for one group: a part per test and unit."""
    return [part for test in tests for part in _rows(test, examined, windows)]


def group_averages(calendar: Calendar, examined: Examined) -> Columns:
    """Return rows of the ``averages`` table: AAR and CAAR by event day, with the error the dates allow."""
    measured, design = calendar.measured, calendar.setting.design
    group = examined.group
    events = group.events[measured.ok[group.events]]
    if examined.shared:
        events = calendar.once_per_ticker(events)
    date, window = calendar.day0[events], measured.abnormal.window
    # one session's returns only: a lumped return is in the windows that it spans, not in a day's average
    ar = measured.car[events][:, [measured.windows.index(session) for session in window.sessions]]
    aar, aar_se, n, dates = clustered_mean(ar, date)
    caar, caar_se, _, caar_dates = clustered_mean(measured.path[events], date)
    df = np.maximum(caar_dates - 1, 0).astype(float)
    if examined.shared:
        aar_se, caar_se, df = _portfolio_errors(examined.system, window)
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
    }


def _rows(test: SignificanceTest, examined: Examined, windows: Sequence[Window]) -> list[Columns]:
    group, sample, system = examined.group, examined.sample, examined.system
    dates = sample.n_dates
    if test.scope == "firm-event":  # its figures stand in the tables of firm-events
        return []
    if test.scope == "one date":
        if not examined.shared:
            return []
        result = _unknown(len(windows), NO_SYSTEM) if system is None else test.function(system)
        return [_row(test, test.unit, group, windows, result, dates, test.headline)]
    headline = test.headline & (dates >= ENOUGH_DATES)
    results = [("firm-event", test.function(sample), headline & (not test.over_dates))]
    if test.over_dates:
        results.append(("date", test.function(sample.over_dates()), headline))
    return [
        _row(test, unit, group, windows, result, dates, first, _dates_note(test, unit, dates))
        for unit, result, first in results
    ]


def _dates_note(test: SignificanceTest, unit: str, dates: IntArray) -> TextArray:
    """Return why a cross-section of so few dates is no evidence, per window."""
    alone = ONE_DATE if test.independent_firms or unit == "date" else ""
    few = np.where(dates < ENOUGH_DATES, FEW_DATES, "")
    return np.where(dates == 0, "", np.where(dates == 1, alone, few)).astype(object)


def _unknown(windows: int, note: str) -> SignificanceResult:
    nothing = np.full(windows, np.nan)
    return SignificanceResult(nothing, nothing, np.zeros(windows, dtype=np.int64), note=note)


def _row(
    test: SignificanceTest,
    unit: str,
    group: Group,
    windows: Sequence[Window],
    result: SignificanceResult,
    dates: IntArray,
    headline: Any,
    note: TextArray | str = "",
) -> Columns:
    width = len(windows)
    own = np.broadcast_to(np.asarray(result.note, dtype=object), width)
    outer = np.broadcast_to(np.asarray(note, dtype=object), width)
    unsaid = np.isnan(result.statistic) & (own == "") & (outer == "")
    own = np.where(unsaid, np.where(np.asarray(result.n) == 0, NONE_COMPLETE, NO_SPREAD), own)
    return {
        "level": [group.level] * width,
        "key": [group.key] * width,
        "unit": [unit] * width,
        "measure": ["CAR"] * width,
        "start": np.array([window.start for window in windows]),
        "end": np.array([window.end for window in windows]),
        "test": [test.name] * width,
        "statistic": result.statistic,
        "distribution": [test.distribution] * width,
        "df": np.broadcast_to(np.asarray(result.df, dtype=float), width),
        "df2": np.broadcast_to(np.asarray(result.df2, dtype=float), width),
        "pvalue": result.pvalue,
        "n": np.broadcast_to(result.n, width),
        "n_dates": dates,
        "headline": np.broadcast_to(headline, width),
        "note": ["; ".join(filter(None, both)) for both in zip(outer, own, strict=True)],
    }


def _portfolio_errors(system: OneDate | None, window: Window) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the portfolio's forecast errors of each session and from the start to it, and the d.o.f."""
    if system is None:
        unknown = np.full(window.length, np.nan)
        return unknown, unknown, unknown
    single, path = (portfolio_errors(system, windows) for windows in (window.sessions, window.paths))
    return single, path, np.full(window.length, system.df)
