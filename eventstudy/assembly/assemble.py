"""Every result table of a run, put together in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import BoolArray
from eventstudy.assembly import building
from eventstudy.assembly.attrition import attrition_columns
from eventstudy.assembly.units import in_units_of
from eventstudy.assembly.weights import weights_table
from eventstudy.inference.averages import group_averages
from eventstudy.inference.battery import (
    in_order,
    level_tests,
    study_tests,
)
from eventstudy.inference.benchmark_choice import compare_benchmarks
from eventstudy.inference.chosen_tests import applicable_tests, chosen_tests
from eventstudy.inference.comparisons import across_events, plan_comparisons, within_event
from eventstudy.inference.diagnostics import diagnose
from eventstudy.inference.group_differences import group_differences
from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.inference.in_space import donor_tests, treat_donors
from eventstudy.inference.joint_study import study_joint_references
from eventstudy.inference.levels import Levels
from eventstudy.inference.one_date_tests import one_date_rows, tested_date
from eventstudy.inference.prologue import characteristics, prologue_tests
from eventstudy.inference.regression_table import regressions_table
from eventstudy.inference.resampling import car_pvalues
from eventstudy.inference.side_by_side import LevelOf, side_by_side, together
from eventstudy.inference.study_inference import study_inference
from eventstudy.intake.event_columns import LeftOut
from eventstudy.intake.understood import Understood
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.models.pool_weights import PoolWeights
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.panel.confounding import find_confounding
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.schema import TABLES
from eventstudy.schema.specifications import SPECIFICATIONS
from eventstudy.significance.joint_study import JOINT_STUDY
from eventstudy.significance.observations import by_measure
from eventstudy.significance.synthetic_phi import SYNTHETIC_PHI

#: columns in which tests, and comparisons, agree whose p-values are adjusted together
TEST_FAMILY = ("level", "unit", "measure", "test", "term", "start", "end")
PAIR_FAMILY = ("level", "key", "start", "end")
KNOWN = (("series_kind", "kind"), ("basis", "basis"))  #: columns of ``prices`` that are about a whole series
PRICES = ("open", "high", "low", "close", "volume", "dividend")  #: columns of ``prices`` that a series has


def assemble(
    spec: Specification,
    estimates: Estimates,
    *,
    series: Mapping[str, PriceSeries],
    findings: Sequence[Finding],
    claims: Columns,
    failures: Mapping[str, str] = MappingProxyType({}),
    inputs: Sequence[Understood] = (),
    left_out: Sequence[LeftOut] = (),
    unrequested: int = 0,
    returns: ReturnMatrix | None = None,
) -> dict[str, pa.Table]:
    """Return all result tables of an estimated study.

    Parameters
    ----------
    series
        Prices by ticker; empty where returns were given.
    findings, claims
        What was found in the prices, and the judged claims as columns.
    failures
        Why the prices of a ticker are missing.
    inputs
        What the files that were read were taken for.
    left_out, unrequested
        Rows of the event list that are no firm-events, and firm-events whose ticker was not requested.
    returns
        The returns of the series, where the study measures something else.
    """
    firm_events = spec.panel.firm_events
    labels = building.Labels(firm_events.event_id, firm_events.ticker)
    confounding = find_confounding(spec.panel, spec.design)
    calendar = StudyInCalendarTime.of(spec, estimates)
    study = study_inference(spec, estimates)
    x = characteristics(spec)
    chosen = applicable_tests(chosen_tests(spec.design.tests), spec.design)
    plan = plan_comparisons(calendar)
    space = treat_donors(spec, estimates) if SYNTHETIC_PHI in chosen else None
    tests: list[dict[str, Any]] = study_tests(study)
    averages: list[dict[str, Any]] = []
    comparisons: list[dict[str, Any]] = []
    for at_once in together(_levels(calendar)):
        levels = Levels(tuple(level for level, _ in at_once))
        sample = side_by_side([turned.cross_section(level) for level, turned in at_once])
        parts = level_tests(levels, by_measure(sample), chosen)
        dates, further = [], []
        for level, turned in at_once:
            event = level.name == "event"
            joint = event and JOINT_STUDY in chosen and not spec.design.autocorrelated
            references = study_joint_references(turned, level) if joint else None
            of_one_date = chosen if event else [test for test in chosen if test != JOINT_STUDY]
            for group in turned.groups(level):
                if (date := tested_date(group, of_one_date, estimates.windows, references)) is not None:
                    dates.append(date)
                if event:
                    further.extend(prologue_tests(turned, group, chosen, spec.design.car_windows, x))
                further.extend(donor_tests(calendar, group, chosen, space if turned is calendar else None))
                averages.append(group_averages(turned, group))
                comparisons.extend(within_event(calendar, group, plan))
        parts += [*one_date_rows(dates, chosen, estimates.windows), *further]
        if parts:
            tests.append(in_order(parts, levels))
    comparisons.extend(across_events(calendar, plan))
    events = building.events_table(spec, estimates, confounding)
    cars = building.cars_table(
        spec, estimates, labels, calendar.history, car_pvalues(spec, estimates), study, space
    )
    design = spec.design
    comparisons.extend(group_differences(calendar))
    tables = {
        "events": events,
        "coefficients": building.coefficients_table(estimates, labels),
        "abnormal_returns": building.abnormal_returns_table(spec, estimates, labels),
        "cars": cars,
        "benchmarks": building.labelled_table(
            "benchmarks", compare_benchmarks(spec, estimates, findings, failures), labels
        ),
        "weights": weights_table(spec, estimates, labels),
        "residuals": building.residuals_table(spec, estimates, labels),
        "averages": building.make_table("averages", stacked(averages)),
        "tests": building.make_table("tests", building.with_adjusted(tests, TEST_FAMILY)),
        "comparisons": building.make_table("comparisons", building.with_adjusted(comparisons, PAIR_FAMILY)),
        "regressions": regressions_table(events, cars, design.regress, design.car_windows, design.winsorise),
        "claims": building.make_table("claims", claims),
        "diagnostics": building.labelled_table("diagnostics", diagnose(spec, estimates, confounding), labels),
        "findings": building.make_table("findings", _findings(findings)),
        "attrition": building.make_table(
            "attrition", attrition_columns(spec, estimates, left_out, unrequested)
        ),
        "inputs": building.make_table("inputs", _inputs(inputs)),
        "prices": building.make_table("prices", _prices(spec, estimates.weights, series, returns)),
        **{name: building.make_table(name, {}) for name in SPECIFICATIONS},
    }
    return in_units_of(tables, spec.design.measure)


def _levels(calendar: StudyInCalendarTime) -> Iterator[LevelOf]:
    """Yield every level of grouping with the study it is about, turned where a direction is expected."""
    yield from ((level, calendar) for level in calendar.levels())
    if (expected := calendar.expected()) is not None:
        yield expected


def _findings(findings: Sequence[Finding]) -> Columns:
    names = ("ticker", "session", "rule", "severity", "detail")
    return {name: [getattr(finding, name) for finding in findings] for name in names}


def _inputs(inputs: Sequence[Understood]) -> Columns:
    rows = [each.row() for each in inputs]
    return {column.name: [row[column.name] for row in rows] for column in TABLES["inputs"]}


def _prices(
    spec: Specification,
    weights: PoolWeights | None,
    series: Mapping[str, PriceSeries],
    returns: ReturnMatrix | None,
) -> Columns:
    """Return price and return of every ticker on the sessions that some firm-event uses."""
    matrix, used = spec.panel.matrix, _used(spec, weights)
    parts = []
    for name, column in matrix.columns.items():
        rows = np.flatnonzero(used[:, column])
        if rows.size:
            values = (returns or matrix).values[rows, column]
            parts.append(_price_rows(name, matrix.dates[rows], values, series.get(name)))
    return stacked(parts)


def _used(spec: Specification, weights: PoolWeights | None) -> BoolArray:
    """Return which sessions of which tickers enter, the price before the first return included; (T, S)."""
    panel, window = spec.panel, spec.model.requires.price_window(spec.design)
    shape = panel.matrix.values.shape
    steps = np.zeros((shape[0] + 1, shape[1]), dtype=np.int64)
    low = np.clip(panel.day0 + window.start, panel.first, panel.last)
    high = np.clip(panel.day0 + window.end, panel.first, panel.last) + 1
    benchmark = panel.regressors.T[: spec.model.requires.benchmark]
    for column in (panel.security, *benchmark, *panel.peers.T):
        known = column >= 0
        np.add.at(steps, (low[known], column[known]), 1)
        np.add.at(steps, (high[known], column[known]), -1)
    if panel.pool is not None and weights is not None:
        weighed = np.abs(np.nan_to_num(weights.weight)) > 0
        event, column = weights.event[weighed], panel.pool.columns[weights.member[weighed]]
        np.add.at(steps, (low[event], column), 1)
        np.add.at(steps, (high[event], column), -1)
    for composite, column in panel.matrix.composites.items():
        for member in composite.members:
            steps[:, panel.matrix.columns[member]] += steps[:, column]
    used: BoolArray = np.cumsum(steps[:-1], axis=0) > 0
    return used


def _price_rows(name: str, dates: Any, returns: Any, prices: PriceSeries | None) -> dict[str, Any]:
    rows = {
        "ticker": np.full(len(dates), name, dtype=object),
        "session": dates,
        "ret": returns,
        "source": np.full(len(dates), prices.source if prices else "returns", dtype=object),
        **{
            name: np.full(len(dates), getattr(prices, of) if prices else "", dtype=object)
            for name, of in KNOWN
        },
        **{figure: np.full(len(dates), np.nan) for figure in PRICES},
    }
    if prices is not None and len(prices.sessions):
        at = np.minimum(np.searchsorted(prices.sessions, dates), len(prices.sessions) - 1)
        there = prices.sessions[at] == dates
        for figure in PRICES:
            rows[figure][there] = getattr(prices, figure)[at[there]]
    return rows
