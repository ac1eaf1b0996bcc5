"""Why a firm-event has too few returns, or none on day 0: which series, and since or until when."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.panel.panel import Panel
from eventstudy.sessions import calendar_bounds, known_exchange, trading_sessions

LONGEST_CLOSURE = 30  #: days that an exchange is closed at most, beyond half of the time

NOUNS = {"returns": "return", "volume": "volume", "volatility": "range"}  #: what a session lacks, by measure


def missing_day0(panel: Panel, events: IntArray) -> TextArray:
    """Return what lacks a return on day 0 of some firm-events, shape (n,).

    Parameters
    ----------
    events
        Indices of firm-events on the matrix whose day 0 has no abnormal return, shape (n,).
    """
    columns, names, rows = _series(panel, events, panel.day0[events, None])
    absent = _absent(panel, events, columns, rows[:, :, 0])
    first = absent.argmax(axis=1)
    causes = [
        _cause(panel, int(event), int(columns[at, place]), names[at, place], int(rows[at, place, 0]))
        if absent[at, place]
        else f"no abnormal {NOUNS[panel.matrix.measure]} on day 0"
        for at, (event, place) in enumerate(zip(events, first, strict=True))
    ]
    return np.array(causes, dtype=object)


def missing_estimation(panel: Panel, events: IntArray, window: Window, lacking: IntArray) -> TextArray:
    """Return what lacks most of the returns of the estimation window, shape (n,); ``""`` where nothing does.

    Where the window ends after the data, it is followed by the day from which it has enough.

    Parameters
    ----------
    events
        Indices of firm-events, shape (n,).
    window
        From the first estimation session to the last.
    lacking
        How many more returns are needed, shape (n,).
    """
    causes = _missing(panel, events, window)
    later = [
        enough_from(panel, int(event), window, int(more)) for event, more in zip(events, lacking, strict=True)
    ]
    return np.array(["; ".join(filter(None, pair)) for pair in zip(causes, later, strict=True)], dtype=object)


def enough_from(panel: Panel, event: int, window: Window, lacking: int) -> str:
    """Return from which day on a firm-event has enough estimation returns, if its window ends after the data.

    Empty where no sessions to come would be enough; in sessions where no calendar tells the day.
    """
    inside = ~panel.outside(np.array([event]), window, estimation=True)[0]
    tau = np.arange(window.start, window.end + 1)[np.broadcast_to(inside, window.length)]
    last = int(panel.last[event])
    ahead = tau[panel.day0[event] + tau > last]
    if not 0 < lacking <= len(ahead):
        return ""
    steps = int(panel.day0[event] + ahead[lacking - 1]) + panel.requires.leads - last
    day, exchange = panel.matrix.dates[last].item(), str(panel.firm_events.exchange[event])
    if exchange:
        until = min(day + timedelta(days=2 * steps + LONGEST_CLOSURE), calendar_bounds(exchange)[1])
        sessions = trading_sessions(exchange, day + timedelta(days=1), until)
        if len(sessions) >= steps:
            return f"the data end on {day}, and it can be run from {sessions[steps - 1]} on"
    return f"the data end on {day}, and it can be run with {steps} more sessions"


def _missing(panel: Panel, events: IntArray, window: Window) -> list[str]:
    tau = np.arange(window.start, window.end + 1)
    columns, names, rows = _series(panel, events, panel.day0[events, None] + tau)
    lost = np.stack([_absent(panel, events, columns, rows[:, :, at]) for at in range(rows.shape[2])], axis=2)
    lost = (lost & ~panel.outside(events, window, estimation=True)[:, None]).sum(axis=2)
    worst = lost.argmax(axis=1)
    causes = []
    for at, (event, place) in enumerate(zip(events.tolist(), worst.tolist(), strict=True)):
        count, column, name = int(lost[at, place]), int(columns[at, place]), names[at, place]
        low, high = _span(panel, event, column)
        if not count or low < 0:
            causes.append("")
        elif low > rows[at, place, 0]:
            causes.append(f"{name} {_form(name, 'begin')} on {panel.matrix.dates[low]}")
        elif high < rows[at, place, -1]:
            causes.append(f"{name} {_form(name, 'end')} on {panel.matrix.dates[high]}")
        else:
            causes.append(
                f"{name} {_form(name, 'have')} none on {count} sessions{_abroad(panel, event, column)}"
            )
    return causes


def _series(panel: Panel, events: IntArray, rows: IntArray) -> tuple[IntArray, TextArray, IntArray]:
    """Return columns and names of what a firm-event is made of, (n, c), and the rows needed, (n, c, L)."""
    n = len(events)
    columns, offsets = [panel.security[events, None], panel.regressors[events]], [0, *panel.offsets.tolist()]
    names = [panel.firm_events.ticker[events, None], _called(panel, events)]
    if panel.risk_free >= 0:
        columns.append(np.full((n, 1), panel.risk_free))
        names.append(np.full((n, 1), "the factors", dtype=object))
        offsets.append(0)
    needed = rows[:, None, :] + np.array(offsets, dtype=np.int64)[None, :, None]
    return np.hstack(columns), np.hstack(names), needed


def _called(panel: Panel, events: IntArray) -> TextArray:
    """Name each regressor: the benchmark by its name, what is a factor as such."""
    called = panel.terms[events].copy()
    if called.size:
        factors = [panel.matrix.factors[name] for name in panel.matrix.factors]
        taken = np.isin(panel.regressors[events], factors)
        if panel.requires.benchmark:
            lags = len(panel.requires.offsets)
            called[:, :lags] = "the benchmark " + called[:, :lags].astype(object)
            taken[:, :lags] = False
        called[taken] = "the factors"
    return called


def _absent(panel: Panel, events: IntArray, columns: IntArray, rows: IntArray) -> BoolArray:
    """Return which series have no return on the given rows, both of shape (n, c)."""
    there = (rows >= panel.first[events, None]) & (rows <= panel.last[events, None]) & (columns >= 0)
    values = panel.matrix.values[np.where(there, rows, 0), columns]
    return ~there | ~np.isfinite(values)


def _span(panel: Panel, event: int, column: int) -> tuple[int, int]:
    """Return the first and last row with a return of a series in the block of a firm-event, -1 for none."""
    low, high = int(panel.first[event]), int(panel.last[event])
    known = np.flatnonzero(np.isfinite(panel.matrix.values[low : high + 1, column]))
    return (low + int(known[0]), low + int(known[-1])) if known.size else (-1, -1)


def _cause(panel: Panel, event: int, column: int, name: str, row: int) -> str:
    """Say why one series has no return on a row."""
    low, high = _span(panel, event, column)
    matrix, day = panel.matrix, panel.firm_events.session[event]
    own = column == panel.security[event]
    if low < 0:
        what = NOUNS[matrix.measure]
        return f"{name} {_form(name, 'have')} no {what} at all on the sessions of {_exchange(panel, event)}"
    if row > high:
        last = matrix.dates[high]
        return (
            f"day 0 ({day}) lies after the last price ({last})"
            if own
            else f"{name} {_form(name, 'end')} on {last}, before day 0 ({day})"
        )
    if row < low:
        return f"{name} {_form(name, 'begin')} on {matrix.dates[low]}, after day 0 ({day})"
    without = f"{name} {_form(name, 'have')} no {NOUNS[matrix.measure]} on day 0 ({day})"
    if matrix.measure != "returns":
        return without
    if not own:
        return f"{without}: its exchange was closed, or its prices have a gap there"
    if np.isfinite(matrix.values[row + 1, column]):
        return f"{without}: no price on the session before ({matrix.dates[row - 1]})"
    return f"{without}: trading was halted, or prices are missing there"


def _abroad(panel: Panel, event: int, column: int) -> str:
    """Say that a series trades on another exchange than the firm-event, where their names tell both."""
    other = next((ticker for ticker, place in panel.matrix.columns.items() if place == column), "")
    mine, its = str(panel.firm_events.exchange[event]), known_exchange(other) if other else ""
    told = mine != "" and mine == known_exchange(str(panel.firm_events.ticker[event]))
    return f": {its} has other sessions than {mine}" if told and its not in ("", mine) else ""


def _exchange(panel: Panel, event: int) -> str:
    return str(panel.firm_events.exchange[event]) or "the table"


def _form(name: str, verb: str) -> str:
    """Return a verb for one series, or for the factors together."""
    if name == "the factors":
        return verb
    return "has" if verb == "have" else f"{verb}s"
