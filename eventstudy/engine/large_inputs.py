"""The inputs of a large study: what is requested, and the arrays on disk that its shards read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import IntArray, Values
from eventstudy.design import Design
from eventstudy.engine.event_rows import EventRows, Placed, place_rows, read_event_rows
from eventstudy.engine.grid_design import FOLLOWED, affordable_tests, grid_tests, refuse_design
from eventstudy.engine.grid_estimation import is_compiled
from eventstudy.engine.grid_levels import level_of, level_of_all
from eventstudy.engine.large_files import LargeTable
from eventstudy.engine.returns_matrix import Wanted, traded_in, write_matrix
from eventstudy.engine.shards import cut_at_dates
from eventstudy.engine.study_folder import LISTED, RETURNS, TRADED, on_grid
from eventstudy.engine.unfollowed_columns import refuse_unfollowed
from eventstudy.errors import DesignError, PriceDataError, UsageError
from eventstudy.intake.options import ReadingOptions
from eventstudy.numerics.arrow import to_arrow
from eventstudy.results.manifest import design_document, versions
from eventstudy.schema import TABLES

PLAIN = Design(mask_events=False)  #: of what is not followed
MODELS = ("market", "factors", "mean")  #: regressions on the same series for every firm-event
ENGINES = ("auto", "numpy", "compiled")


@dataclass(frozen=True)
class LargeInputs:
    """What a large study is about.

    Attributes
    ----------
    events, returns
        Where they are read from.
    design
        How to measure.
    keep
        Tables of firm-events that are kept.
    values
        What the returns hold.
    engine
        Which kernel estimates.
    most
        Firm-events of a shard.
    options
        What is stated about the files.
    """

    events: LargeTable
    returns: LargeTable
    design: Design
    keep: tuple[str, ...]
    values: Values | None
    engine: str
    most: int
    options: ReadingOptions

    @cached_property
    def request(self) -> dict[str, Any]:
        """All on which the result depends, as JSON holds it."""
        check_design(self.design)
        there = "compiled" if find_spec("numba") else "numpy"
        return {
            "events": self.events.fingerprint,
            "returns": self.returns.fingerprint,
            "version": versions()["version"],
            "design": design_document(self.design),
            "keep": list(self.keep),
            "values": self.values,
            "engine": f"auto: {there}" if self.engine == "auto" else self.engine,
            "shard_size": self.most,
            "reading": {
                name: value if isinstance(value, str | int) or value is None else dict(value)
                for name, value in vars(self.options).items()
            },
        }

    def write(self, folder: Path) -> dict[str, Any]:
        """Write matrix, regressors and firm-events to a folder; return what else is to be known of them."""
        regressors = regressors_of(self.design)
        refuse_unfollowed(self.events, regressors if str(self.design.model) == "market" else (), self.options)
        rows = read_event_rows(self.events, self.design.by, self.options, self.design.weights)
        kind = self.design.returns
        wanted = Wanted(set(rows.ticker.names), regressors, self.values, kind, self.options)
        axes = write_matrix(self.returns, wanted, folder / RETURNS)
        if not len(axes.sessions):
            raise PriceDataError("returns", f"{self.returns.name} has no rows", "give a row per session")
        np.save(folder / "regressors.npy", axes.regressors, allow_pickle=False)
        named = {"tickers": axes.tickers, "sessions": np.datetime_as_string(axes.sessions).tolist()}
        (folder / "axes.json").write_text(json.dumps(named), encoding="utf-8")
        placed = place_rows(rows, axes.tickers, axes.sessions, self.design.window)
        order, cuts = ordered(placed, self.most)
        if self.design.mask_events or "diagnostics" in self.keep:
            placed.listed(order).write(folder / LISTED)
        if "diagnostics" in self.keep:
            np.save(folder / TRADED, traded_in(folder / RETURNS), allow_pickle=False)
        further = [level_of(name, labels.texts) for name, labels in rows.groups.items()]
        levels = [level_of_all(len(order), further), *further]
        groups = {each.name: each.group for each in levels}
        parts = (order[start:stop] for start, stop in pairwise(cuts))
        _write_events(folder / "events.arrow", rows, placed, parts, groups)
        tests, left_out = affordable_tests(on_grid(self.design), len(order))
        return {
            "versions": versions(),
            "sources": {"events": self.events.name, "returns": self.returns.name},
            "firm_events": len(order),
            "cuts": cuts,
            "compiled": is_compiled(len(order), {"numpy": False, "compiled": True}.get(self.engine)),
            "tests": [test.name for test in tests],
            "tests_left_out": [test.name for test in left_out],
            "regressors": list(wanted.regressors),
            "columns": [name for name in rows.groups if name not in ("ticker", "event_id")],
            "levels": [
                {"name": each.name, "keys": each.keys, "parts": each.parts} for each in levels if each.keys
            ],
        }


def check_design(design: Design) -> None:
    """Raise a typed error for what a large study does not follow of a design."""
    refuse_design(on_grid(design), FOLLOWED, PLAIN)
    if any(not isinstance(test, str) for test in design.tests):
        raise UsageError("a large study takes tests by their names, so that every process knows them")
    regressors_of(design)
    grid_tests(on_grid(design))
    taken = {column.name for column in TABLES["events"]} - {"ticker", "event_id", "kind"}
    if wrong := [name for name in design.by if name in taken or name == "all"]:
        raise DesignError(
            "by", f"{wrong[0]} is a column of the results; give the column of the list another name"
        )


def regressors_of(design: Design) -> tuple[str, ...]:
    """Return the series that explain the returns of every firm-event.

    Raises
    ------
    DesignError
        Another model, or a benchmark that is not one series.
    """
    model = str(design.model)
    if model not in MODELS:
        raise DesignError("model", f"a large study has no model {model}; it has {', '.join(MODELS)}")
    if model == "mean":
        return ()
    if model == "factors":
        if not design.factors:
            raise DesignError("factors", "the model factors needs columns, such as factors: [SMH]")
        return design.factors
    benchmark = design.benchmark
    if benchmark is None or len(benchmark.tickers) != 1 or benchmark.weights:
        raise DesignError("benchmark", "a large study is measured against one series, such as SPY")
    return benchmark.tickers


def ordered(placed: Placed, most: int) -> tuple[IntArray, list[int]]:
    """Return the firm-events in the order of the shards, and where each shard begins and the last one ends.

    Shards of firm-events that are placed come first, in the order of day 0.
    """
    there, absent = np.flatnonzero(placed.there), np.flatnonzero(~placed.there)
    parts = [there[rows] for rows in cut_at_dates(placed.day0[there], most)] if len(there) else []
    parts += [absent[start : start + most] for start in range(0, len(absent), most)]
    return np.concatenate(parts), [0, *np.cumsum([len(part) for part in parts]).tolist()]


def _write_events(
    path: Path, rows: EventRows, placed: Placed, parts: Iterable[IntArray], groups: Mapping[str, IntArray]
) -> None:
    """Write the columns of the firm-events, a batch per shard, so that they can be mapped."""
    with pa.OSFile(str(path), "wb") as sink, ExitStack() as stack:
        writer = None
        for part in parts:
            batch = pa.record_batch(_columns(rows, placed, part, groups))
            writer = writer or stack.enter_context(pa.ipc.new_file(sink, batch.schema))
            writer.write_batch(batch)


def _columns(
    rows: EventRows, placed: Placed, part: IntArray, groups: Mapping[str, IntArray]
) -> dict[str, pa.Array]:
    """Return the columns of some firm-events."""
    none, there = np.full(len(part), np.datetime64("NaT", "D")), placed.there[part]
    columns: dict[str, pa.Array] = {
        "event_id": rows.event_id.take(to_arrow(part, pa.int64())),
        "ticker": rows.ticker.arrow(part),
        "security": to_arrow(np.where(there, placed.security[part], -1), pa.int64()),
        "day0": to_arrow(np.where(there, placed.day0[part], -1), pa.int64()),
        "session": to_arrow(rows.stated[part] if rows.is_session else none, pa.date32()),
        "reason": placed.reason.arrow(part),
    }
    if not rows.is_session:
        columns["when"] = to_arrow(rows.stated[part], pa.date32())
    if rows.weights is not None:
        columns["weight"] = to_arrow(rows.weights[part], pa.float64())
    for name, group in groups.items():
        columns[f"group {name}"] = to_arrow(group[part], pa.int64())
    for name, labels in rows.groups.items():
        if name not in ("ticker", "event_id"):
            columns[f"label {name}"] = labels.arrow(part)
    return columns
