"""The battery: every applicable test on every group, its notes, and which test is the headline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import TextArray
from eventstudy.design import Window
from eventstudy.inference.levels import Level, Levels
from eventstudy.inference.study_inference import StudyInference
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.numerics.distributions import minimum_detectable_effect
from eventstudy.significance import SignificanceResult, SignificanceTest
from eventstudy.significance.observations import observations, over_dates
from eventstudy.significance.result import Measure
from eventstudy.significance.study_count import STUDY_COUNT
from eventstudy.significance.sums import Summed

ENOUGH_DATES = 10  #: below it no cross-sectional test is evidence
ONE_DATE = "one date: firms are not independent"
FEW_DATES = "too few dates for a cross-section"
OVERLAP = "windows of different dates overlap: dates are not independent"
OPPOSED = "ups and downs are expected: their mean is no headline of the study, see level expected"
NONE_COMPLETE = "no firm-event has complete returns"
NO_SPREAD = "too few observations, or all alike"
AUTOCORRELATED = "the sessions are autocorrelated, which this test does not account for"


def level_tests(
    level: Level | Levels, samples: Mapping[str, Summed], tests: Sequence[SignificanceTest]
) -> list[Columns]:
    """Return rows of the ``tests`` table for every group of one or more levels: a part per test and unit.

    Parameters
    ----------
    samples
        As of `by_measure`, or the sums of its samples; they know their `observations`.
    """
    return [
        part
        for test in tests
        if test.scope == "cross-section"  # tests of one firm-event are in the tables of firm-events
        for measure in test.measures
        if (sample := samples["BHAR" if measure == "BHAR" else "CAR"]).windows
        and (sample.weighted or not test.weighted)
        for part in _cross_sectional(test, measure, level, sample)
    ]


def study_tests(inference: StudyInference) -> list[Columns]:
    """Return rows of the ``tests`` table for the study as a whole, over the windows of the design."""
    parts = []
    for window, reference, result in zip(
        inference.windows, inference.references, inference.counts, strict=True
    ):
        counts = reference.dates, reference.used.shape[1]
        labels = Labels(("all",), ("all",), "CAR", STUDY_COUNT.unit, (window,), *counts)
        parts.append(test_rows(STUDY_COUNT, labels, result, headline=False))
    return parts


def in_order(parts: Sequence[Columns], level: Level | Levels) -> Columns:
    """Return the rows of one or more levels group by group."""
    table = stacked(parts)
    place = {group: number for number, group in enumerate(zip(level.names, level.keys, strict=True))}
    groups = zip(table["level"], table["key"], strict=True)
    order = np.argsort([place[group] for group in groups], kind="stable")
    return {name: values[order] for name, values in table.items()}


class Labels(NamedTuple):
    """What the rows of one test belong to: G groups and W windows, and the dates and firms behind them."""

    levels: tuple[str, ...]  #: of each group
    keys: tuple[str, ...]
    measure: str
    unit: str
    windows: tuple[Window, ...]
    dates: Any
    firms: Any
    terms: Any = ""  #: of slopes, one for each window


def _cross_sectional(
    test: SignificanceTest, measure: Measure, level: Level | Levels, sample: Summed
) -> Iterator[Columns]:
    behind = sample.sums(observations)
    dates = behind.n_dates
    headline = (measure == "CAR") & test.headline & (dates >= ENOUGH_DATES)
    units: list[tuple[str, Summed, Any]] = [("firm-event", sample, headline & (not test.over_dates))]
    if test.over_dates:
        units.append(("date", over_dates(sample), headline))
    for unit, tested, first in units:
        labels = Labels(level.names, level.keys, measure, unit, sample.windows, dates, behind.n_firms)
        opposed = np.where(first & level.opposed[:, None], OPPOSED, "").astype(object)
        ignored = test.independent_sessions and sample.autocorrelated
        longer = [AUTOCORRELATED if ignored and window.length > 1 else "" for window in sample.windows]
        opposed = joined_notes(opposed, np.array(longer, dtype=object))
        also = joined_notes(opposed, repeated(behind.n_listed, behind.n))
        note = _dates_note(test, unit, sample)
        yield test_rows(test, labels, test.function(tested), first, note, also, _winsorised(measure, sample))


def _winsorised(measure: Measure, sample: Summed) -> Any:
    """Return how many values of a measure were pulled in, (G, W); NaN where none are."""
    if sample.winsorised is None or measure not in ("CAR", "BHAR"):
        return np.nan
    return sample.winsorised[int(measure == "BHAR")]


def _dates_note(test: SignificanceTest, unit: str, sample: Summed) -> TextArray:
    """Return why a cross-section of too few or overlapping dates is no evidence, (G, W)."""
    behind = sample.sums(observations)
    dates, independent = behind.n_dates, test.independent_firms or unit == "date"
    few = np.where(dates < ENOUGH_DATES, FEW_DATES, "")
    few = np.where(behind.overlapping(sample.windows) & independent & (few == ""), OVERLAP, few)
    note: TextArray = np.where(dates == 0, "", np.where(dates == 1, ONE_DATE if independent else "", few))
    return note.astype(object)


def test_rows(
    test: SignificanceTest,
    labels: Labels,
    result: SignificanceResult,
    headline: Any,
    note: Any = "",
    also: Any = "",
    winsorised: Any = np.nan,
) -> Columns:
    """Return rows of the ``tests`` table, with up to three notes: ``note``, that of the result, ``also``."""
    shape = (len(labels.keys), len(labels.windows))

    def flat(values: Any, kind: Any = None) -> Any:
        values = np.asarray(values, dtype=kind)
        if values.ndim == 0:  # most are: filling is faster than broadcasting
            return np.full(shape[0] * shape[1], values)
        return (values if values.shape == shape else np.broadcast_to(values, shape)).ravel()

    statistic, df, se = flat(result.statistic), flat(result.df, float), flat(result.se, float)
    n, own, outer, last = flat(result.n), *(flat(each, object) for each in (result.note, note, also))
    unexplained = np.isnan(statistic) & (own == "") & (outer == "")
    own = np.where(unexplained, np.where(n == 0, NONE_COMPLETE, NO_SPREAD), own)
    return {
        **{
            name: np.repeat(np.array(of_groups, dtype=object), shape[1])
            for name, of_groups in (("level", labels.levels), ("key", labels.keys))
        },
        "unit": flat(labels.unit, object),
        "measure": flat(labels.measure, object),
        "start": flat([window.start for window in labels.windows]),
        "end": flat([window.end for window in labels.windows]),
        "test": flat(test.name, object),
        "term": flat(labels.terms, object),
        "estimate": flat(result.estimate, float),
        "statistic": statistic,
        "distribution": flat(test.distribution, object),
        "df": df,
        "df2": flat(result.df2, float),
        "pvalue": flat(result.pvalue),
        "expected": flat(result.expected, float),
        "n": n,
        "n_dates": flat(labels.dates),
        "n_firms": flat(labels.firms),
        "winsorised": flat(winsorised, float),
        "effective_n": flat(result.effective_n, float),
        "largest_share": flat(result.largest_share, float),
        "mde": minimum_detectable_effect(se, np.where(np.isnan(df), np.inf, df)),
        "headline": flat(headline),
        "note": joined_notes(joined_notes(outer, own), last),
    }


def joined_notes(one: TextArray, other: TextArray) -> TextArray:
    """Return two notes about each figure as one."""
    if not np.count_nonzero(other):  # as most are
        return np.broadcast_to(one, np.broadcast_shapes(one.shape, other.shape))
    return one + np.where((one != "") & (other != ""), "; ", "") + other


def repeated(listed: Any, days: Any) -> TextArray:
    """Say where several firm-events are one firm-day, of which there are ``days``; shape of ``days``."""
    listed, days = np.broadcast_arrays(listed, days)
    if (listed <= days).all():
        return np.full(days.shape, "", dtype=object)
    notes = [
        f"{many} firm-events are {once} firm-days, each counted once" if many > once else ""
        for many, once in zip(listed.ravel().tolist(), days.ravel().tolist(), strict=True)
    ]
    return np.array(notes, dtype=object).reshape(days.shape)
