"""Past is Prologue for the events of a study: their tickers' returns on the columns that the design names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.events.characteristics import numbers_of
from eventstudy.inference.battery import Labels, test_rows
from eventstudy.inference.groups import Group, StudyInCalendarTime
from eventstudy.models.estimation import Specification
from eventstudy.numerics.columns import Columns
from eventstudy.significance.prologue import DateAndBefore
from eventstudy.significance.result import SignificanceResult, SignificanceTest

SEVERAL_DATES = "its tickers have several day 0, or trade on different exchanges"


def characteristics(spec: Specification) -> FloatArray:
    """Return the columns that the design names, shape (N, k); NaN where a firm-event has nothing there.

    Raises
    ------
    DesignError, UnknownNameError
        As `numbers_of`.
    """
    firm_events = spec.panel.firm_events
    columns = [numbers_of(firm_events, name, "prologue") for name in spec.design.prologue]
    return np.column_stack(columns) if columns else np.empty((len(firm_events), 0))


def prologue_tests(
    calendar: StudyInCalendarTime,
    group: Group,
    tests: Sequence[SignificanceTest],
    windows: Sequence[Window],
    x: FloatArray,
) -> list[Columns]:
    """Return rows of the ``tests`` table for an event: a part per test and window, a row per characteristic.

    Parameters
    ----------
    x
        Of all firm-events, from `characteristics`.
    """
    terms = calendar.spec.design.prologue
    one_date = len(np.unique(calendar.spec.panel.day0[group.events])) == 1
    parts = []
    for test in tests:
        for window in windows if terms and test.scope == "slopes" else ():
            if one_date:
                result = test.function(date_and_before(calendar.spec, group.events, window, x))
            else:
                nothing = np.full(len(terms), np.nan)
                result = SignificanceResult(nothing, nothing, 0, note=SEVERAL_DATES)
            counts = np.minimum(result.n, 1), result.n
            repeated = (window,) * len(terms)
            labels = Labels((group.level,), (group.key,), "return", test.unit, repeated, *counts, terms)
            parts.append(test_rows(test, labels, result, headline=False))
    return parts


def date_and_before(spec: Specification, events: IntArray, window: Window, x: FloatArray) -> DateAndBefore:
    """Return the returns of the tickers of one date over a window, and over earlier windows.

    Returns are those of the securities themselves, not abnormal ones, as far back as the data reach; earlier
    windows end before the event window begins.

    Parameters
    ----------
    events
        Firm-events of one date and exchange, shape (n,).
    x
        Of all firm-events, shape (N, k).
    """
    panel, design = spec.panel, spec.design
    day0, first, last = (int(rows[events[0]]) for rows in (panel.day0, panel.first, panel.last))
    reach = 2 * (design.prologue_days + window.length) + window.start - design.window.start
    begin = max(day0 + design.window.start - reach, first)
    returns = panel.matrix.values[begin : min(day0 + window.end, last) + 1, panel.security[events]]
    return DateAndBefore.of(
        np.asarray(returns),
        x[events],
        day0 + window.start - begin,
        length=window.length,
        end=day0 + design.window.start - begin,
        days=design.prologue_days,
        alternative=design.alternative,
    )
