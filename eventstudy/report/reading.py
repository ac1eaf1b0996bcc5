"""`Reading`: the rows of a result as the sections of the page ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventstudy.charts.source import UNUSUAL, Source
from eventstudy.design import Window
from eventstudy.words import Words
from eventstudy.words.formatting import car_label

if TYPE_CHECKING:
    import pyarrow as pa

    from eventstudy.study_result import EventStudyResult

Row = dict[str, Any]
MOST_FIRM_EVENTS = 500  #: above it the page aggregates
MOST_TICKERS = 12  #: of an event or a study, above which pairs of tickers are too many to be read


@dataclass(frozen=True)
class Reading:
    """A result and the words to speak of it.

    Attributes
    ----------
    result, words
        What is told, in which language.
    """

    result: EventStudyResult
    words: Words

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables."""
        return self.result.tables

    @cached_property
    def design(self) -> Mapping[str, Any]:
        """The design, as the manifest keeps it."""
        return self.result.manifest.get("design") or {}

    @property
    def large(self) -> bool:
        """Whether there are too many firm-events for parts of their own."""
        return len(self.tables["events"]) > MOST_FIRM_EVENTS

    @cached_property
    def confidence(self) -> float:
        """Level of the intervals."""
        return float(self.design.get("confidence", 0.95))

    @cached_property
    def source(self) -> Source:
        """What the charts are drawn from."""
        return Source(self.tables, self.words, self.confidence)

    @cached_property
    def firm_events(self) -> list[Row]:
        """Rows of ``events``."""
        return list(self.tables["events"].to_pylist())

    @cached_property
    def events(self) -> dict[str, list[Row]]:
        """Rows of ``events`` by event."""
        return _grouped(self.firm_events, "event_id")

    @cached_property
    def tickers(self) -> list[str]:
        """Tickers in the order of the study."""
        return list(dict.fromkeys(row["ticker"] for row in self.firm_events))

    @cached_property
    def measured(self) -> list[Row]:
        """Rows of ``events`` that were measured."""
        return [row for row in self.firm_events if row["status"] == "ok"]

    @cached_property
    def first(self) -> tuple[int, int] | None:
        """The window that is read first: the first of the design."""
        windows = self.design.get("car_windows") or self.tables["cars"].slice(0, 1).to_pylist()
        if not windows:
            return None
        start, end = windows[0].values() if isinstance(windows[0], dict) else windows[0]
        return int(start), int(end)

    @property
    def first_label(self) -> str:
        """Its label, such as ``AR[0]``."""
        return car_label(Window(*self.first)) if self.first else ""

    @cached_property
    def cars(self) -> list[Row]:
        """Rows of ``cars`` of every window; of the first alone where there are many firm-events."""
        cars = self.tables["cars"]
        if self.large and self.first:
            import pyarrow.compute as pc

            start, end = self.first
            cars = cars.filter(pc.and_(pc.equal(cars["start"], start), pc.equal(cars["end"], end)))
        rows: list[Row] = cars.to_pylist()
        return rows

    @cached_property
    def first_cars(self) -> list[Row]:
        """Rows of ``cars`` of the first window that hold a figure."""
        return [row for row in self.cars if self.is_first(row) and row["car"] is not None]

    @cached_property
    def unusual(self) -> list[Row]:
        """Rows of the first window whose Holm p is below `UNUSUAL`, the largest in standard errors first."""
        return self.by_size([row for row in self.first_cars if is_small(row["pvalue_holm"])])

    @cached_property
    def tests(self) -> dict[tuple[str, str], list[Row]]:
        """Rows of ``tests`` by level and key; of a large study those of all firm-events and of the kinds."""
        table = self.tables["tests"]
        if self.large:
            import pyarrow.compute as pc

            table = table.filter(
                pc.invert(pc.is_in(table["level"].cast("string"), _strings("event", "ticker")))
            )
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in table.to_pylist():
            groups[row["level"], row["key"]].append(row)
        return groups

    @cached_property
    def comparisons(self) -> dict[tuple[str, str], list[Row]]:
        """Rows of ``comparisons`` of the first window, by level and key; of a large study those of all."""
        import pyarrow.compute as pc

        table = self.tables["comparisons"]
        if self.first:
            start, end = self.first
            table = table.filter(pc.and_(pc.equal(table["start"], start), pc.equal(table["end"], end)))
        if self.large:
            table = table.filter(pc.equal(table["level"].cast("string"), "all"))
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in table.to_pylist():
            groups[row["level"], row["key"]].append(row)
        return groups

    @cached_property
    def claims(self) -> dict[str, list[Row]]:
        """Rows of ``claims`` by event."""
        return _grouped(self.tables["claims"].to_pylist(), "event_id")

    @cached_property
    def paths(self) -> dict[str, list[Row]]:
        """Rows of ``abnormal_returns`` by event."""
        return _grouped(self.tables["abnormal_returns"].to_pylist(), "event_id")

    def is_first(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row is about the window that is read first."""
        return (row["start"], row["end"]) == self.first

    def first_tests(self, level: str, key: str, measure: str = "CAR") -> dict[tuple[str, str], Row]:
        """Return the tests of a group over the first window by name and unit."""
        rows = self.tests.get((level, key), ())
        return {
            (row["test"], row["unit"]): row
            for row in rows
            if self.is_first(row) and row["measure"] == measure
        }

    @staticmethod
    def by_size(rows: list[Row]) -> list[Row]:
        """Return rows with the largest statistic first, of either sign."""
        return sorted(rows, key=lambda row: -abs(row["statistic"] or 0.0))


def is_small(value: float | None) -> bool:
    """Tell whether a p-value is there and below `UNUSUAL`."""
    return value is not None and value < UNUSUAL


def _strings(*names: str) -> Any:
    import pyarrow as pa

    return pa.array(names, pa.string())


def _grouped(rows: list[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups
