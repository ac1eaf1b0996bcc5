"""The tables of the firm-events of a shard, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import BoolArray, DateArray, IntArray
from eventstudy.assembly.building import make_table
from eventstudy.design import Window
from eventstudy.engine.further_rows import (
    Surroundings,
    abnormal_return_rows,
    coefficient_rows,
    diagnostic_rows,
    residual_rows,
)
from eventstudy.engine.grid_measured import Measured
from eventstudy.engine.grid_shards import Rows
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.engine.study_folder import StudyFolder
from eventstudy.numerics.arrow import coded_array, from_arrow
from eventstudy.numerics.columns import Columns
from eventstudy.schema import TABLES

#: Tables of firm-events that can be kept.
OF_FIRM_EVENTS = ("events", "cars", "coefficients", "abnormal_returns", "residuals", "diagnostics")
AT_ONCE = 1_000  #: firm-events whose residuals are labelled at once: bounds the memory
_COLUMNS = {column.name for column in TABLES["events"]}


def further_rows(folder: StudyFolder, number: int) -> dict[str, Callable[[Measured], Columns]]:
    """Return what takes the rows of the further tables that are kept of a shard."""
    every: dict[str, Callable[[Measured], Columns]] = {
        "abnormal_returns": abnormal_return_rows,
        "coefficients": coefficient_rows,
        "residuals": residual_rows,
    }
    if "diagnostics" in folder.keep:
        every["diagnostics"] = partial(diagnostic_rows, around=_surroundings(folder, number))
    return {name: take for name, take in every.items() if name in folder.keep}


def _surroundings(folder: StudyFolder, number: int) -> Surroundings | None:
    listed = folder.listed(number)
    if listed is None or folder.traded is None:
        return None
    first, sessions = folder.first_place(number), len(folder.axes[1])
    return Surroundings(listed, folder.event_ids, first, folder.traded, sessions)


def shard_tables(folder: StudyFolder, number: int, rows: Rows) -> Mapping[str, Iterable[pa.Table]]:
    """Return the tables of a shard that are kept, each in parts.

    Parameters
    ----------
    rows
        Of the shard's firm-events as they are listed.
    """
    own = _Labelled(folder, number, rows)
    makers: dict[str, Callable[[], Iterable[pa.Table]]] = {
        "events": own.events,
        "cars": own.cars,
        "coefficients": own.coefficients,
        "abnormal_returns": own.abnormal_returns,
        "residuals": own.residuals,
        "diagnostics": lambda: own.wide("diagnostics"),
    }
    return {name: makers[name]() for name in OF_FIRM_EVENTS if name in folder.keep}


class _Labelled:
    """The rows of a shard with the labels of its firm-events."""

    def __init__(self, folder: StudyFolder, number: int, rows: Rows) -> None:
        self.folder, self.rows = folder, rows
        self.listed = folder.rows(number)
        self.codes = {name: codes_of(self.listed.column(name)) for name in ("event_id", "ticker")}
        self.reason = self.listed.column("reason").combine_chunks()
        self.placed = self.reason.null_count == len(self.reason)

    def labels(self, at: IntArray) -> Columns:
        """Return the labels of some firm-events."""
        return {name: coded_array(code[at], names) for name, (code, names) in self.codes.items()}

    def events(self) -> Iterator[pa.Table]:
        """Return a row per firm-event."""
        rows, listed, (_, sessions) = self.rows, self.listed, self.folder.axes
        day0 = (
            sessions[np.where(self.placed, rows.events["session"], 0)]
            if self.placed
            else from_arrow(listed.column("session"))
        )
        own = {name: values for name, values in rows.events.items() if name not in ("ticker", "session")}
        own |= {} if self.placed else {"reason": np.array(self.reason.to_pylist(), dtype=object)}
        events = {**self.labels(np.arange(len(listed))), "session": day0, **own}
        if "when" in listed.column_names:
            when = from_arrow(listed.column("when"))
            shift = (day0 - when).astype(float)
            events |= {"when": np.where(np.isnat(when), "", when.astype(str)).astype(object)}
            events |= {"shift": np.where(np.isnat(day0) | np.isnat(when), np.nan, shift)}
        grouped = {name: listed.column(f"label {name}") for name in self.folder.document["columns"]}
        known = {name: coded_array(*codes_of(column)) for name, column in grouped.items() if name in _COLUMNS}
        table = make_table("events", {**events, **known})
        for name, column in grouped.items():
            if name not in _COLUMNS:
                table = table.append_column(name, column)
        yield table

    def cars(self) -> Iterator[pa.Table]:
        """Return a row per firm-event and window."""
        yield self._repeated("cars", self.rows.cars)

    def wide(self, name: str, **more: Any) -> Iterator[pa.Table]:
        """Return a further table that has equally many rows of each firm-event."""
        yield self._repeated(name, {**more, **self.rows.further[name]})

    def coefficients(self) -> Iterator[pa.Table]:
        """Return a row per firm-event and coefficient."""
        terms = np.array(["const", *self.folder.document["regressors"]], dtype=object)
        return self.wide("coefficients", term=np.tile(terms, (len(self.listed), 1)))

    def abnormal_returns(self) -> Iterator[pa.Table]:
        """Return a row per firm-event and session of the event window."""
        tau, session, inside = self._calendar(self.folder.design.window, slice(None))
        session = np.where(inside, session, np.datetime64("NaT", "D"))
        return self.wide("abnormal_returns", tau=np.broadcast_to(tau, session.shape), session=session)

    def residuals(self) -> Iterator[pa.Table]:
        """Return a row per firm-event and estimation session that was used, some firm-events at a time."""
        residual, window = self.rows.further["residuals"]["residual"], self.folder.design.estimation_window
        for start in range(0, len(residual), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            tau, session, _ = self._calendar(window, part)
            row, column = np.nonzero(np.isfinite(residual[part]))
            columns = {
                "tau": tau[column],
                "session": session[row, column],
                "residual": residual[part][row, column],
            }
            yield make_table("residuals", {**self.labels(start + row), **columns})

    def _calendar(self, window: Window, part: slice) -> tuple[IntArray, DateArray, BoolArray]:
        """Return taus of a window, (L,), their dates for some firm-events, and which exist, (n, L) each."""
        sessions = self.folder.axes[1]
        tau = np.arange(window.start, window.end + 1)
        at = self.rows.events["session"][part, None] + tau
        inside = self.placed & (at >= 0) & (at < len(sessions))
        return tau, sessions[np.clip(at, 0, len(sessions) - 1)], inside

    def _repeated(self, name: str, columns: Columns) -> pa.Table:
        """Return a table of columns of shape (n, C)."""
        width = next(iter(columns.values())).shape[1]
        each = np.repeat(np.arange(len(self.listed)), width)
        return make_table(
            name, {**self.labels(each), **{key: np.ravel(values) for key, values in columns.items()}}
        )
