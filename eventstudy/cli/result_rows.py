"""A result as plain rows: what its tables say of each firm-event, of each group, in each window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.numerics.arrow import from_arrow, rows_at
from eventstudy.study_result import EventStudyResult

MOST = 300  #: firm-events that are listed one by one; of more, those with the largest |t| stand for the rest
SHOWN_OF_MORE = 40

Row = Mapping[str, Any]
Group = tuple[str, str]  #: level and key
ALL: Group = ("all", "all")


@dataclass(frozen=True)
class StudyRows:
    """The rows of a result that are shown.

    Attributes
    ----------
    windows
        The CAR windows of the design, in its order.
    firm_events
        Rows of the table ``events``, each with its rows of ``cars`` by window under ``cars``.
    asked, skipped
        How many firm-events there are in all.
    tests
        Rows of the table ``tests`` by group, test, unit and window: the headlines, and what was asked for.
    car, labels
        CARs of all firm-events, shape (asked, windows), decimal; and their groups' keys by level.
    """

    windows: tuple[Window, ...]
    firm_events: tuple[Row, ...]
    asked: int
    skipped: int
    tests: Mapping[tuple[Group, str, str, Window], Row]
    car: FloatArray
    labels: Mapping[str, TextArray]

    @classmethod
    def of(cls, result: EventStudyResult) -> StudyRows:
        """Pick the rows of a result: all firm-events, or the most extreme ones of many."""
        design = result.manifest["design"]
        windows = tuple(Window(*pair) for pair in design["car_windows"])
        events, cars = result.tables["events"], result.tables["cars"]
        width = len(windows)
        shown = _shown(len(events), cars, width)
        figures = rows_at(cars, (shown[:, None] * width + np.arange(width)).ravel())
        rows = tuple(
            row | {"cars": dict(zip(windows, figures[at * width :], strict=False))}
            for at, row in enumerate(rows_at(events, shown))
        )
        levels = {"event": "event_id", "ticker": "ticker", "kind": "kind"}
        return cls(
            windows=windows,
            firm_events=rows,
            asked=len(events),
            skipped=events["status"].to_pylist().count("skipped"),
            tests=_tests(result, windows, design["tests"], {row["event_id"] for row in rows}),
            car=from_arrow(cars["car"]).reshape(-1, width),
            labels={level: _texts(events[column]) for level, column in levels.items()}
            | {column: _characteristic(events, column) for column in design["by"]},
        )

    @property
    def complete(self) -> bool:
        """Whether every firm-event asked for is among the rows."""
        return len(self.firm_events) == self.asked

    @property
    def first(self) -> Window:
        """The window whose figures stand first: day 0 unless the design says otherwise."""
        return self.windows[0]

    @cached_property
    def by_event(self) -> dict[str, list[Row]]:
        """The firm-events of each event, in order."""
        events: dict[str, list[Row]] = {}
        for row in self.firm_events:
            events.setdefault(row["event_id"], []).append(row)
        return events

    @cached_property
    def tickers(self) -> list[str]:
        """Every ticker that is shown, in order of first appearance."""
        return list(dict.fromkeys(row["ticker"] for row in self.firm_events))

    def test(self, group: Group, name: str, unit: str, window: Window | None = None) -> Row | None:
        """Return a test of a group, None where it was not made or came to nothing."""
        row = self.tests.get((group, name, unit, window or self.first))
        return row if row and row["pvalue"] is not None else None

    def mean_car(self, group: Group, window: Window | None = None) -> float | None:
        """Return the mean CAR of the group's firm-events that are complete in the window."""
        level, key = group
        cars = self.car[:, self.windows.index(window or self.first)]
        members = cars if group == ALL else cars[self.labels[level] == key]
        known = members[np.isfinite(members)]
        return float(known.mean()) if known.size else None


def _shown(asked: int, cars: Any, width: int) -> IntArray:
    if asked <= MOST:
        return np.arange(asked)
    t = np.abs(from_arrow(cars["statistic"])[::width])
    return np.argsort(-np.nan_to_num(t, nan=-1.0), kind="stable")[:SHOWN_OF_MORE]


def _tests(
    result: EventStudyResult, windows: tuple[Window, ...], names: list[str], events: set[str]
) -> dict[tuple[Group, str, str, Window], Row]:
    table = result.tables["tests"]
    start, end = from_arrow(table["start"]), from_arrow(table["end"])
    of_interest = np.zeros(len(table), dtype=bool)
    for window in windows:
        of_interest |= (start == window.start) & (end == window.end)
    read_first = np.array(table["headline"].to_pylist(), dtype=bool)
    of_interest &= read_first | np.isin(_texts(table["test"]), names)
    of_interest &= _texts(table["measure"]) != "BHAR"  # beside the CARs; it stands in the table
    rows = rows_at(table, np.flatnonzero(of_interest))
    return {
        ((row["level"], row["key"]), row["test"], row["unit"], Window(row["start"], row["end"])): row
        for row in rows
        if row["level"] != "event" or row["key"] in events
    }


def _characteristic(events: Any, column: str) -> TextArray:
    """Return a column that the design groups by, ``""`` where a firm-event has nothing there."""
    if column in events.column_names:
        return _texts(events[column])
    rows = (json.loads(text) if text else {} for text in events["characteristics"].to_pylist())
    return np.array(["" if row.get(column) is None else str(row[column]) for row in rows], dtype=object)


def _texts(column: Any) -> TextArray:
    return np.array(column.to_pylist(), dtype=object)
