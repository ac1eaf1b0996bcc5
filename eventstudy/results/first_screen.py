"""The named firm-days, which every output lists behind the headline, or what was measured without one."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.numerics.arrow import from_arrow, rows_at
from eventstudy.numerics.multiplicity import NAMED
from eventstudy.results.firm_day import mark
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

MOST_NAMED = 12  #: named firm-days that are listed; the rest are counted


def named_firm_days(view: ResultView) -> list[Row]:
    """Return a row of ``cars`` per named firm-day, smallest p-value first.

    ``event`` has the ids of its events in a row, ``session`` is its day 0, and ``mark`` that of `mark`.
    """
    cars, events, width = view.tables["cars"], view.tables["events"], len(view.windows)
    at = np.flatnonzero(from_arrow(cars["pvalue_study_bh"])[::width] <= NAMED)
    found: dict[tuple[Any, Any], Row] = {}
    for car, event in zip(rows_at(cars, at * width), rows_at(events, at), strict=True):
        own = {**car, "event": car["event_id"], "session": event["session"], "mark": mark(car)}
        first = found.setdefault((event["ticker"], event["session"]), own)
        if first is not own:
            first["event"] += f", {car['event_id']}"
    return sorted(found.values(), key=lambda row: (row["pvalue_study"], -abs(row["statistic"])))


def none_named(view: ResultView) -> tuple[str, dict[str, str]] | None:
    """Return key and values of what is said where no firm-day is named; None where nothing was measured."""
    cars, width = view.tables["cars"], len(view.windows)
    measured = np.isfinite(from_arrow(cars["car"])[::width])
    if not measured.any():
        return None
    mde = from_arrow(cars["mde"])[::width]
    median = float(np.median(mde[np.isfinite(mde)])) if np.isfinite(mde).any() else None
    values = {
        "window": view.first_label,
        "n": view.words.counted("abnormal_return", int(measured.sum())),
        "mde": view.figures.size(median),
    }
    return "answer.none_named", values
