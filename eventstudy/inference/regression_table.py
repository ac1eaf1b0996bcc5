"""The table of regressions, from the tables of firm-events and CARs that a run or a result folder has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import IntArray
from eventstudy.design import Design, Regression, Window
from eventstudy.design.window import read_window
from eventstudy.errors import UsageError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.inference.formulas import MEASURES, check_formula, variables
from eventstudy.numerics.arrow import from_arrow, table_of
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.numerics.threads import one_thread
from eventstudy.schema import arrow_schema

#: Columns of ``events`` that a formula may name besides the event list's own.
OF_EVENTS = ("event_id", "ticker", "kind", "timing", "expect", "benchmark", "session",
             "n_estimation", "sigma", "rsquared", "confounded")  # fmt: skip
MEASURED = (*MEASURES, "n_estimation", "sigma", "rsquared", "confounded")  #: names the event list may not use


def check_regressions(regressions: Sequence[Regression], firm_events: FirmEvents) -> None:
    """Refuse formulas that are none, or name columns that the event list lacks, before prices are read."""
    for each in regressions:
        _check(each.formula, _characteristics(firm_events.characteristics))


def regressions_table(
    events: pa.Table,
    cars: pa.Table,
    regressions: Sequence[Regression],
    windows: Sequence[Window],
    share: float = 0.0,
) -> pa.Table:
    """Return the table ``regressions``: a row per regression, window and term.

    Parameters
    ----------
    events, cars
        Of a result; ``cars`` has a row per firm-event and window of the design.
    windows
        The windows of the design, over which a regression without one of its own runs.
    share
        Of winsorising.

    Raises
    ------
    UsageError, UnknownNameError
        A formula is none, or names a column that is not there, with the nearest that is.
    """
    if not regressions:
        return table_of(arrow_schema("regressions"), {})
    from eventstudy.inference.car_regressions import FirmDays, car_regression

    further = _characteristics(events["characteristics"].to_pylist())
    for each in regressions:
        _check(each.formula, further)
    at = _firm_days(events)
    needed = {name for each in regressions for name in variables(each.formula)} - set(MEASURES)
    columns = {name: _column(events, further, name)[at] for name in needed}
    codes = [np.unique(_text(events[name])[at], return_inverse=True)[1] for name in ("session", "ticker")]
    days = {}
    for place, window in enumerate(windows):
        of = {
            name: from_arrow(cars[name])[place :: len(windows)][at].astype(float)
            for name in (*MEASURES, "car_se")
        }
        days[window] = FirmDays({**columns, **of}, of["car_se"], codes[0], codes[1])
    parts = [
        _numbered(car_regression(each, days[window], share), number, window)
        for number, each in enumerate(regressions, 1)
        for window in ([each.window] if each.window else windows)
    ]
    return table_of(arrow_schema("regressions"), stacked(parts))


@one_thread()
def regress_tables(
    tables: Mapping[str, pa.Table],
    requested: Mapping[str, Any],
    formulas: Any,
    *,
    window: Any = None,
    winsorise: float | None = None,
    **how: Any,
) -> pa.Table:
    """Return the table ``regressions`` for the tables of a result.

    Parameters
    ----------
    tables
        ``events`` and ``cars`` are read.
    requested
        The design as the manifest has it.
    formulas
        One or several; ``window`` and ``how`` are those of each that states none of its own.
    winsorise
        None means as the design did.
    """
    listed = [formulas] if isinstance(formulas, str) else formulas
    if isinstance(listed, Iterable) and not isinstance(listed, Mapping | bytes):
        own = how if window is None else {**how, "window": read_window("window", window)}
        listed = [{"formula": each, **own} if isinstance(each, str) else each for each in listed]
    design = Design(
        window=requested["window"],
        estimation=None,
        car_windows=requested["car_windows"],
        regress=listed,
        winsorise=requested.get("winsorise", 0.0) if winsorise is None else winsorise,
    )
    if not design.regress:
        raise UsageError("name a formula, such as 'car ~ size + C(kind)'")
    return regressions_table(
        tables["events"], tables["cars"], design.regress, design.car_windows, design.winsorise
    )


def _numbered(rows: Columns, number: int, window: Window) -> Columns:
    n = len(rows["term"])
    labels = {"regression": number, "start": window.start, "end": window.end}
    return {**{name: np.full(n, value) for name, value in labels.items()}, **rows}


def _characteristics(texts: Iterable[str | None]) -> dict[str, list[Any]]:
    """Return the further columns of the event list by name, None where a firm-event has nothing."""
    rows = [json.loads(text) if text else {} for text in texts]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _check(formula: str, further: dict[str, list[Any]]) -> None:
    check_formula(formula, (*further, *OF_EVENTS))
    if clashing := [name for name in variables(formula) if name in further and name in MEASURED]:
        problem = f"{clashing[0]!r} is a column of the event list and a measure; rename the column"
        raise UsageError(f"formula {formula!r}: {problem}")


def _column(events: pa.Table, further: dict[str, list[Any]], name: str) -> Any:
    """Return a column as numbers, where all that it holds are numbers, else as text."""
    values = further[name] if name in further else events[name].to_pylist()
    if all(value is None or isinstance(value, int | float) for value in values):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array([None if value in (None, "") else str(value) for value in values], dtype=object)


def _firm_days(events: pa.Table) -> IntArray:
    """Return the rows of the measured firm-events, each ticker and session once: the first as listed."""
    measured = np.flatnonzero(_text(events["status"]) == "ok")
    keys = np.column_stack(
        [np.unique(_text(events[name])[measured], return_inverse=True)[1] for name in ("ticker", "session")]
    )
    return np.asarray(measured[np.sort(np.unique(keys, axis=0, return_index=True)[1])])


def _text(column: pa.ChunkedArray) -> Any:
    return np.array(["" if value is None else str(value) for value in column.to_pylist()])
