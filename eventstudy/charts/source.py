"""What charts are drawn from: a result's tables, each read once, in the words of a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventstudy.charts.theme import FAR
from eventstudy.design import Window
from eventstudy.errors import UnknownNameError
from eventstudy.words import Words
from eventstudy.words.formatting import car_label, percent, pvalue, ratio

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
UNUSUAL = 0.05  #: Holm p-values below it are called unusual


@dataclass(frozen=True, eq=False)
class Source:
    """The tables of a result as rows, grouped once for all charts.

    Attributes
    ----------
    tables
        Arrow tables by name.
    words
        In which charts speak.
    confidence
        Of every interval and band: that of the design.
    """

    tables: Mapping[str, pa.Table]
    words: Words
    confidence: float

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], words: Words) -> Source:
        """Return the source of a result's charts."""
        return cls(tables, words, float(manifest["design"]["confidence"]))

    @property
    def level(self) -> str:
        """The confidence as text, ``95 %``."""
        return f"{100 * self.confidence:g} %"

    @cached_property
    def events(self) -> list[Row]:
        """Rows of ``events``, in their order."""
        rows: list[Row] = self.tables["events"].to_pylist()
        return rows

    @cached_property
    def firm_events(self) -> list[Row]:
        """A row per firm-event and window with all that a cell or a point shows of it."""
        events = {(row["event_id"], row["ticker"]): row for row in self.events}
        cars = self.tables["cars"].to_pylist()
        return [_firm_event(events[row["event_id"], row["ticker"]], row, self.words) for row in cars]

    @cached_property
    def windows(self) -> list[str]:
        """Labels of the windows that were measured, in the order of the design."""
        return list(dict.fromkeys(row["window"] for row in self.firm_events))

    @cached_property
    def tickers(self) -> list[str]:
        """Tickers in the order of the result."""
        return list(dict.fromkeys(row["ticker"] for row in self.events))

    @cached_property
    def event_ids(self) -> list[str]:
        """Ids of the events in the order of the result."""
        return list(dict.fromkeys(row["event_id"] for row in self.events))

    @cached_property
    def firm_events_of(self) -> dict[tuple[str, str, str], list[Row]]:
        """The rows of `firm_events` by (``event`` or ``ticker``, its name, window)."""
        return grouped(
            ((key, row[key], row["window"]), row) for row in self.firm_events for key in ("event", "ticker")
        )

    @cached_property
    def events_of(self) -> dict[str, list[Row]]:
        """Rows of ``events`` by event."""
        return grouped((row["event_id"], row) for row in self.events)

    @cached_property
    def tests_of(self) -> dict[tuple[str, ...], Row]:
        """The t-tests of CARs by (level, key, test, unit, window)."""
        import pyarrow.compute as pc

        tests = self.tables["tests"]
        car = pc.equal(tests["measure"].cast("string"), "CAR")
        t = pc.is_in(tests["test"].cast("string"), _strings("portfolio_t", "cross_section_t"))
        return {
            (row["level"], row["key"], row["test"], row["unit"], label_of(row)): row
            for row in tests.filter(pc.and_(car, t)).to_pylist()
        }

    @cached_property
    def paths_of(self) -> dict[str, list[Row]]:
        """Rows of ``abnormal_returns`` by event."""
        rows = self.tables["abnormal_returns"].to_pylist()
        return grouped((row["event_id"], row) for row in rows)

    @cached_property
    def pair_tests(self) -> dict[tuple[str, frozenset[str], str], float | None]:
        """P-values of the differences of two tickers by (event, the two, window)."""
        import pyarrow.compute as pc

        table = self.tables["comparisons"]
        rows = table.filter(pc.equal(table["level"].cast("string"), "event")).to_pylist()
        return {(row["key"], frozenset((row["a"], row["b"])), label_of(row)): row["pvalue"] for row in rows}

    @cached_property
    def _averages(self) -> dict[tuple[str, str], list[Row]]:
        return grouped(((row["level"], row["key"]), row) for row in self.tables["averages"].to_pylist())

    def averages(self, level: str, key: str | None) -> list[Row]:
        """Return the rows of ``averages`` of a group; the first of the level where no key is given."""
        levels = list(dict.fromkeys(level for level, _ in self._averages))
        found = _one("level", level, levels)
        chosen = _one(f"key of level {found}", key, [name for each, name in self._averages if each == found])
        return self._averages[found, chosen]

    @cached_property
    def _residual_runs(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Where the rows of each firm-event begin in ``residuals``, and how many they are."""
        table = self.tables["residuals"]
        events, tickers = (table[name].to_pylist() for name in ("event_id", "ticker"))
        runs: dict[tuple[str, str], tuple[int, int]] = {}
        for place, pair in enumerate(zip(events, tickers, strict=True)):
            begin, n = runs.get(pair, (place, 0))
            runs[pair] = begin, n + 1
        return runs

    def residuals_of(self, event: str, ticker: str) -> list[Row]:
        """Return the rows of ``residuals`` of a firm-event, which lie together."""
        rows: list[Row] = (
            self.tables["residuals"].slice(*self._residual_runs.get((event, ticker), (0, 0))).to_pylist()
        )
        return rows

    def measured(self, window: str) -> list[Row]:
        """Return the rows of `firm_events` of a window that hold a figure."""
        return [row for row in self.firm_events if row["window"] == window and row["value"] is not None]

    def window(self, label: str | None) -> str:
        """Return the label of a window; that of the first window where none is asked for."""
        return _one("window", label, self.windows)

    def event(self, name: str | None) -> str:
        """Return an event's id, or raise `UnknownNameError`."""
        return _one("event", name, self.event_ids)

    def ticker(self, name: str | None) -> str:
        """Return a ticker, or raise `UnknownNameError`."""
        return _one("ticker", name, self.tickers)


def _strings(*names: str) -> pa.Array:
    import pyarrow as pa

    return pa.array(names, pa.string())


def grouped(pairs: Iterable[tuple[Any, Row]]) -> dict[Any, list[Row]]:
    """Return rows by key in one pass."""
    groups: dict[Any, list[Row]] = {}
    for key, row in pairs:
        groups.setdefault(key, []).append(row)
    return groups


def label_of(row: Mapping[str, Any]) -> str:
    """Return the label of the window that a row of a table is about."""
    return car_label(Window(row["start"], row["end"]))


def interval(low: float | None, high: float | None) -> str:
    """Write an interval of returns, ``-1.20% to +0.40%`` with an ellipsis between the two."""
    return "" if low is None or high is None else f"{percent(low)} … {percent(high)}"


def _one(kind: str, name: str | None, allowed: list[str]) -> str:
    if name is None and allowed:
        return allowed[0]
    if name not in allowed:
        raise UnknownNameError(kind, str(name), allowed)
    return str(name)


def _firm_event(event: Row, car: Row, words: Words) -> Row:
    measured = car["car"] is not None
    why = event["reason"] or event["confounders"] or ""
    return {
        "event": event["event_id"],
        "ticker": event["ticker"],
        "title": event["title"] or "",
        "day0": str(event["session"] or ""),
        "window": label_of(car),
        "value": car["car"],
        "low": car["ci_low"],
        "high": car["ci_high"],
        "scar": car["scar"],
        "clipped": max(-FAR, min(FAR, car["scar"])) if car["scar"] is not None else 0.0,
        "text": percent(car["car"], 1) if measured else words.say("label.none"),
        "car": percent(car["car"]),
        "interval": interval(car["ci_low"], car["ci_high"]),
        "t": ratio(car["statistic"]),
        "p": pvalue(car["pvalue"]),
        "holm": car["pvalue_holm"] if car["pvalue_holm"] is not None else 1.0,
        "holm_text": pvalue(car["pvalue_holm"]),
        "placebo": pvalue(car["placebo_pvalue"]),
        "mde": car["mde"],
        "hatched": bool(event["status"] != "ok" or event["confounded"]),
        "flags": words.say("label.skipped", reason=why) if event["status"] != "ok" else why,
    }
