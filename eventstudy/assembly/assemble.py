"""Every result table of a run, put together in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import BoolArray
from eventstudy.assembly import building as tables
from eventstudy.inference.battery import (
    chosen_tests,
    group_averages,
    in_order,
    level_tests,
    one_date_tests,
)
from eventstudy.inference.comparisons import across_events, plan_comparisons, within_event
from eventstudy.inference.diagnostics import diagnose
from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.inference.resampling import car_pvalues
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.panel.confounding import find_confounding
from eventstudy.panel.panel import Panel
from eventstudy.prices.source import Finding, PriceSeries

#: what the tests, and the comparisons, whose p-values are adjusted together have in common
TEST_FAMILY = ("level", "unit", "measure", "test", "start", "end")
PAIR_FAMILY = ("level", "key", "start", "end")


def assemble(
    spec: Specification,
    estimates: Estimates,
    *,
    series: Mapping[str, PriceSeries],
    findings: Sequence[Finding],
    claims: Columns,
) -> dict[str, pa.Table]:
    """Return all twelve result tables of a measured study.

    Parameters
    ----------
    series
        Prices by ticker; empty where returns were given.
    findings, claims
        What was found amiss in the prices, and the judged claims as columns.
    """
    firm_events = spec.panel.firm_events
    labels = tables.Labels(firm_events.event_id, firm_events.ticker)
    confounding = find_confounding(spec.panel, spec.design)
    calendar = StudyInCalendarTime.of(spec, estimates)
    chosen, plan = chosen_tests(spec.design.tests), plan_comparisons(calendar)
    tests: list[dict[str, Any]] = []
    averages: list[dict[str, Any]] = []
    comparisons: list[dict[str, Any]] = []
    for level in calendar.levels():
        parts = level_tests(level, calendar.cross_section(level), chosen)
        for group in calendar.groups(level):
            parts.extend(one_date_tests(group, chosen, estimates.windows))
            averages.append(group_averages(calendar, group))
            comparisons.extend(within_event(calendar, group, plan))
        if parts:
            tests.append(in_order(parts, level))
    comparisons.extend(across_events(calendar, plan))
    return {
        "events": tables.events_table(spec, estimates, confounding),
        "coefficients": tables.coefficients_table(spec, estimates, labels),
        "abnormal_returns": tables.abnormal_returns_table(spec, estimates, labels),
        "cars": tables.cars_table(spec, estimates, labels, calendar.history, car_pvalues(spec, estimates)),
        "residuals": tables.residuals_table(spec, estimates, labels),
        "averages": tables.make_table("averages", stacked(averages)),
        "tests": tables.make_table("tests", tables.with_adjusted(tests, TEST_FAMILY)),
        "comparisons": tables.make_table("comparisons", tables.with_adjusted(comparisons, PAIR_FAMILY)),
        "claims": tables.make_table("claims", claims),
        "diagnostics": tables.labelled_table("diagnostics", diagnose(spec, estimates, confounding), labels),
        "findings": tables.make_table("findings", _findings(findings)),
        "prices": tables.make_table("prices", _prices(spec.panel, series, spec)),
    }


def _findings(findings: Sequence[Finding]) -> Columns:
    names = ("ticker", "session", "rule", "severity", "detail")
    return {name: [getattr(finding, name) for finding in findings] for name in names}


def _prices(panel: Panel, series: Mapping[str, PriceSeries], spec: Specification) -> Columns:
    """Return price and return of every ticker on the sessions that some firm-event uses."""
    matrix = panel.matrix
    used = _used(panel, spec)
    names = [name for name in matrix.columns if matrix.columns[name] < used.shape[1]]
    parts = []
    for name in names:
        rows = np.flatnonzero(used[:, matrix.columns[name]])
        if rows.size:
            parts.append(
                _price_rows(name, matrix.dates[rows], matrix.values[rows, matrix.columns[name]], series)
            )
    return stacked(parts)


def _used(panel: Panel, spec: Specification) -> BoolArray:
    """Return which sessions of which series enter, the price before the first return included; (T, S)."""
    estimation, window = spec.design.estimation, spec.design.window
    shape = panel.matrix.values.shape
    steps = np.zeros((shape[0] + 1, shape[1]), dtype=np.int64)
    low = np.clip(panel.day0 + estimation.start - 1, panel.first, panel.last)
    high = np.clip(panel.day0 + window.end, panel.first, panel.last) + 1
    columns = [panel.security, *panel.regressors.T]
    for column in columns:
        known = column >= 0
        np.add.at(steps, (low[known], column[known]), 1)
        np.add.at(steps, (high[known], column[known]), -1)
    used: BoolArray = np.cumsum(steps[:-1], axis=0) > 0
    return used


def _price_rows(name: str, dates: Any, returns: Any, series: Mapping[str, PriceSeries]) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "ticker": np.full(len(dates), name, dtype=object),
        "session": dates,
        "ret": returns,
    }
    figures = ("open", "high", "low", "close", "volume", "dividend")
    prices = series.get(name)
    rows["source"] = np.full(len(dates), prices.source if prices else "returns", dtype=object)
    for figure in figures:
        rows[figure] = np.full(len(dates), np.nan)
    if prices is not None and len(prices.sessions):
        at = np.minimum(np.searchsorted(prices.sessions, dates), len(prices.sessions) - 1)
        there = prices.sessions[at] == dates
        for figure in figures:
            rows[figure][there] = getattr(prices, figure)[at[there]]
    return rows
