"""`ResultView`: the tables of a result as rows, for everything that shows a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, Measured, TextArray
from eventstudy.design import Benchmark, Window
from eventstudy.design.window import each_window, read_estimation
from eventstudy.numerics.arrow import from_arrow, rows_at, rows_of
from eventstudy.numerics.winsorising import winsorise
from eventstudy.results.choosing import one_of
from eventstudy.results.event_labels import labels, texts
from eventstudy.results.in_language import tables_in, texts_of
from eventstudy.results.row_groups import KEYS, Row, RowGroups, is_of
from eventstudy.words import Words, page_words, words
from eventstudy.words.by_language import in_language
from eventstudy.words.formatting import Figures, car_label, share

if TYPE_CHECKING:
    import pyarrow as pa

MOST_LISTED = 300  #: firm-events that a terminal lists one by one
LISTED_OF_MORE = 40  #: of more, those with the largest |t|
LARGE = 500  #: firm-events above which a page aggregates
EXPECTED = ("expected", "as expected")  #: level and key of the means in the expected direction


@dataclass(frozen=True, eq=False)
class ResultView:
    """A result as it is shown in a language; every table is read once, when it is needed.

    Attributes
    ----------
    tables
        Arrow tables by name, their sentences in the language of the view.
    manifest
        Design, prices and versions of the run.
    lang
        Language of the texts.
    page
        Whether figures and texts are set for a page: see `eventstudy.words.page_words`.
    """

    tables: Mapping[str, pa.Table]
    manifest: Mapping[str, Any]
    lang: str = "en"
    page: bool = False
    _groups: dict[str, RowGroups] = field(default_factory=dict)
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _cars: dict[Window, list[Row]] = field(default_factory=dict)
    _tested: dict[Window, BoolArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", tables_in(self.lang, self.tables, self.manifest))

    @property
    def title(self) -> str:
        """The study's title, empty where it has none."""
        return in_language(texts_of(self.manifest).get("title", ""), self.lang)

    def kind(self, label: str) -> str:
        """Return what a kind of events is called."""
        return in_language(texts_of(self.manifest).get("kinds", {}).get(label, label), self.lang)

    @cached_property
    def words(self) -> Words:
        """The texts of the language."""
        return (page_words if self.page else words)(self.lang, self.measure)

    @property
    def figures(self) -> Figures:
        """How abnormal figures are written."""
        return self.words.figures

    @property
    def measure(self) -> Measured:
        """What is abnormal: returns, volume or volatility."""
        return cast("Measured", self.design.get("measure", "returns"))  # older results do not say

    @property
    def design(self) -> Mapping[str, Any]:
        """The design as the manifest has it."""
        return cast("Mapping[str, Any]", self.manifest["design"])

    @property
    def estimation(self) -> tuple[Window, ...]:
        """The estimation windows of the design, in the order of time."""
        return each_window(read_estimation("estimation", self.design["estimation"]))

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return float(self.design["confidence"])

    @property
    def level(self) -> str:
        """The level of the intervals as text."""
        return f"{100 * self.confidence:.4g}%" if self.page else share(self.confidence)

    @property
    def benchmark(self) -> str | None:
        """The benchmark of the design, None where the model uses none."""
        used = (self.manifest.get("model") or {}).get("benchmark", True)  # older results do not say
        written = self.design["benchmark"]
        return str(Benchmark.parse(written)) if used and written is not None else None

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The CAR windows in the order of the design."""
        return tuple(Window(*pair) for pair in self.design["car_windows"])

    @property
    def first(self) -> Window:
        """The first window of the design, day 0 by default; summaries are about it."""
        return self.windows[0]

    @property
    def first_label(self) -> str:
        """Its label, such as ``AR[0]``."""
        return car_label(self.first)

    @property
    def of_specifications(self) -> bool:
        """Whether it is a study under many specifications, which has curves in the place of CARs."""
        return bool(len(self.tables["specification_curves"])) and not len(self.tables["cars"])

    @property
    def large(self) -> bool:
        """Whether there are too many firm-events for a page to show each."""
        return len(self.tables["events"]) > LARGE

    @cached_property
    def firm_events(self) -> list[Row]:
        """Rows of ``events``, one per firm-event."""
        return self.rows("events")

    @cached_property
    def measured(self) -> list[Row]:
        """The firm-events that were not skipped."""
        return [row for row in self.firm_events if row["status"] == "ok"]

    @property
    def skipped(self) -> int:
        """How many firm-events were skipped."""
        return sum(status != "ok" for status in self.tables["events"]["status"].to_pylist())

    @cached_property
    def event_ids(self) -> list[str]:
        """Events in the order of the result."""
        return [str(event) for (event,) in self.groups("events").places]

    @cached_property
    def tickers(self) -> list[str]:
        """Tickers in the order of the result."""
        return list(dict.fromkeys(self.tables["events"]["ticker"].to_pylist()))

    @cached_property
    def first_cars(self) -> list[Row]:
        """Rows of ``cars`` of the first window that have a CAR."""
        return [row for row in self.cars(self.first) if row["car"] is not None]

    @cached_property
    def headline(self) -> Mapping[str, Any]:
        """What the study has found as a whole, with its sentences in the language of the view."""
        from eventstudy.results.headline import headline

        return headline(self)

    @cached_property
    def listed(self) -> list[Row]:
        """The firm-events that a terminal lists, each with its rows of ``cars`` by window as ``cars``."""
        events, cars, width = self.tables["events"], self.tables["cars"], len(self.windows)
        at = np.arange(len(events))
        if len(events) > MOST_LISTED:
            size = np.nan_to_num(np.abs(from_arrow(cars["statistic"])[::width]), nan=-1.0)
            at = np.argsort(-size, kind="stable")[:LISTED_OF_MORE]
        own = rows_at(cars, (at[:, None] * width + np.arange(width)).ravel())
        return [
            row | {"cars": dict(zip(self.windows, own[place * width :], strict=False))}
            for place, row in enumerate(rows_at(events, at))
        ]

    @property
    def lists_all(self) -> bool:
        """Whether every firm-event is listed."""
        return len(self.tables["events"]) <= MOST_LISTED

    @cached_property
    def labels(self) -> dict[str, TextArray]:
        """The group of each firm-event by level: event, ticker, kind, and what the design groups by."""
        levels = {"event": "event_id", "ticker": "ticker", "kind": "kind"}
        levels |= {column: column for column in self.design["by"]}
        return {level: labels(self.tables["events"], column) for level, column in levels.items()}

    def groups(self, table: str) -> RowGroups:
        """Return the rows of a table by `KEYS`."""
        if table not in self._groups:
            self._groups[table] = RowGroups.by(self.tables[table], *KEYS[table])
        return self._groups[table]

    def rows(self, table: str, *key: str) -> list[Row]:
        """Return the rows of a table, or those of a group; see `KEYS`."""
        if key:
            return self.groups(table)[key]
        if table not in self._rows:
            self._rows[table] = rows_of(self.tables[table])
        return self._rows[table]

    def cars(self, window: Window) -> list[Row]:
        """Return the rows of ``cars`` of a window, one per firm-event."""
        if window not in self._cars:
            table = self.tables["cars"]
            self._cars[window] = rows_at(table, np.flatnonzero(is_of(table, window)))
        return self._cars[window]

    def is_first(self, row: Row) -> bool:
        """Tell whether a row is about the first window."""
        return (row["start"], row["end"]) == self.first

    def tests(self, level: str, key: str, window: Window | None = None) -> dict[tuple[str, str], Row]:
        """Return the tests of a group's CARs in a window, the first by default, by name and unit."""
        table, of = self.tables["tests"], window or self.first
        if of not in self._tested:
            self._tested[of] = is_of(table, of)
        places = self.groups("tests").places.get((level, key), np.zeros(0, dtype=np.int64))
        rows = rows_at(table, places[self._tested[of][places]])  # only those: making rows is slow
        return {(row["test"], row["unit"]): row for row in rows if row["measure"] == "CAR"}

    def listed_tests(self) -> list[Row]:
        """Return the headline tests and those that the design names, of all groups but unlisted events."""
        table, events = self.tables["tests"], {row["event_id"] for row in self.listed}
        chosen = np.array(table["headline"].to_pylist(), dtype=bool)
        chosen |= np.isin(texts(table["test"]), self.design["tests"])
        chosen &= texts(table["measure"]) != "BHAR"
        chosen &= np.any([is_of(table, window) for window in self.windows], axis=0)
        rows = rows_at(table, np.flatnonzero(chosen))
        return [row for row in rows if row["level"] != "event" or row["key"] in events]

    def mean_car(self, level: str, key: str, window: Window | None = None) -> float | None:
        """Return the mean CAR of a group's firm-days that are complete in a window, as the tests have it.

        A firm-day, a ticker and a session, counts once: the first as listed. Winsorised as the design has it;
        the mean of an event, read with its portfolio's test, is not.
        """
        cars = self._car[:, self.windows.index(window or self.first)]
        direction = texts(self.tables["events"]["expect"])
        if (level, key) == EXPECTED:
            members, cars = np.isin(direction, ("up", "down")), np.where(direction == "down", -cars, cars)
        else:
            members = np.full(len(cars), True) if level == "all" else self.labels[level] == key
        places = np.flatnonzero(members & self._is_measured)
        values = cars[places[np.sort(np.unique(self._firm_day[places], return_index=True)[1])]]
        known = values[np.isfinite(values)]
        pulled = 0.0 if level == "event" else self.design.get("winsorise") or 0.0
        group = np.zeros(len(known), dtype=np.int64)
        return float(winsorise(known[:, None], group, 1, pulled).mean()) if known.size else None

    @cached_property
    def mean_group(self) -> tuple[str, str]:
        """The group whose mean is read first: as expected, where the study expects ups and downs."""
        expected = set(texts(self.tables["events"]["expect"]))
        return EXPECTED if {"up", "down"} <= expected and self.rows("tests", *EXPECTED) else ("all", "all")

    @cached_property
    def _is_measured(self) -> Any:
        return texts(self.tables["events"]["status"]) == "ok"

    @cached_property
    def _firm_day(self) -> Any:
        """A code of the ticker and session of each firm-event."""
        events = self.tables["events"]
        names = zip(events["ticker"].to_pylist(), events["session"].to_pylist(), strict=True)
        return np.unique([f"{ticker} {session}" for ticker, session in names], return_inverse=True)[1]

    def window(self, label: str | None) -> Window:
        """Return the window of a label such as ``AR[0]``, the first by default, or `UnknownNameError`."""
        labels = [car_label(window) for window in self.windows]
        return self.windows[labels.index(one_of("window", label, labels))]

    def event(self, name: str | None) -> str:
        """Return an event's id, or raise `UnknownNameError`."""
        return one_of("event", name, self.event_ids)

    def ticker(self, name: str | None) -> str:
        """Return a ticker, or raise `UnknownNameError`."""
        return one_of("ticker", name, self.tickers)

    @cached_property
    def _car(self) -> FloatArray:
        car: FloatArray = from_arrow(self.tables["cars"]["car"]).reshape(-1, len(self.windows))
        return car
