"""A study on a grid, shard by shard, and its result tables."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pyarrow as pa

from eventstudy._typing import DateArray, IntArray, TextArray
from eventstudy.assembly.assemble import TEST_FAMILY
from eventstudy.assembly.building import make_table, with_adjusted
from eventstudy.design import Design
from eventstudy.engine.grid_shards import (
    OfLevels,
    Rows,
    both_passes,
    first_pass,
    kinds_by_measure,
    known_levels,
    second_pass,
)
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.shards import add_up
from eventstudy.errors import UsageError
from eventstudy.inference.averages import averages_of_sums, days_by_date
from eventstudy.inference.battery import in_order, level_tests
from eventstudy.inference.chosen_tests import applicable_tests, chosen_tests
from eventstudy.inference.levels import Level
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.significance import SignificanceTest

MOST = 20_000  #: firm-events of a shard: their residuals take some 100 MiB


def run_on_grid(
    study: GridStudy,
    *,
    tickers: TextArray,
    sessions: DateArray,
    event_id: TextArray,
    executor: Executor | None = None,
    workers: int = 1,
    most: int = MOST,
) -> dict[str, pa.Table]:
    """Return the tables ``events``, ``cars``, ``averages`` and ``tests`` of a study on a grid.

    The tables are the same bytes for any size of the shards and any executor. Columns that need other
    firm-events or earlier sessions than those of the firm-event itself are null in ``cars``, and so are the
    errors of averages over one date. The tests are those across firm-events that state their sums; a design
    without tests of its own gets all of them.

    Parameters
    ----------
    tickers, sessions
        Name of each row and date of each column of the grid, shapes (S,) and (T,).
    event_id
        Of each firm-event, shape (N,).
    executor
        Estimates shards in processes or on other machines; see `eventstudy.engine.executors`. None: here.
    workers
        Threads that estimate shards here.
    most
        Firm-events of a shard; those of one date stay together.

    Raises
    ------
    UsageError
        The design names a test that cannot be computed shard by shard.
    LostShardError
        A worker died with its shard, and the executor does not replace it.
    """
    if executor is None and workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            return run_on_grid(
                study, tickers=tickers, sessions=sessions, event_id=event_id, executor=pool, most=most
            )
    tests = tests_on_grid(study.design)
    first, second = (kinds_by_measure(tests, second=each) for each in (False, True))
    whole = add_up(partial(first_pass, kinds=first), study.shards(most), executor)
    sums = whole.sums
    if any(second.values()):
        again = partial(second_pass, kinds=second, known=known_levels(sums, tests))
        sums = both_passes(sums, add_up(again, study.shards(most), executor).sums)
    events, cars = _in_order(whole.rows)
    session = sessions[events.pop("session")]
    ticker = tickers[events.pop("ticker")]
    width = len(study.design.car_windows)
    labels = {"event_id": np.repeat(event_id, width), "ticker": np.repeat(ticker, width)}
    return {
        "events": make_table(
            "events", {"event_id": event_id, "ticker": ticker, "session": session, **events}
        ),
        "cars": make_table("cars", {**labels, **cars}),
        **group_tables(study, sums, tests),
    }


def group_tables(study: GridStudy, sums: OfLevels, tests: Sequence[SignificanceTest]) -> dict[str, pa.Table]:
    """Return the tables ``averages`` and ``tests`` of the sums of all shards, of both passes."""
    return {
        "averages": make_table("averages", _averages(study, sums)),
        "tests": make_table("tests", with_adjusted(_test_rows(study, sums, tests), TEST_FAMILY)),
    }


def tests_on_grid(design: Design) -> list[SignificanceTest]:
    """Return the tests across firm-events that sums give; those that a design names must be among them."""
    chosen = applicable_tests(chosen_tests(design.tests), design)
    whole = [test.name for test in chosen if test.scope != "cross-section" or not test.sums]
    if design.tests and whole:
        raise UsageError(f"a study on a grid has no test {whole[0]}: it needs more than sums of shards")
    return [test for test in chosen if test.name not in whole and not test.weighted]


def _in_order(parts: Sequence[Rows]) -> tuple[Columns, Columns]:
    """Return the columns of all shards in the order of the firm-events; those of the shards are let go."""
    place: IntArray = np.argsort(np.concatenate([part.rows for part in parts]))

    def whole(columns: Sequence[Columns]) -> Columns:
        return {
            name: stacked([{name: own.pop(name)} for own in columns])[name][place] for name in [*columns[0]]
        }

    events = whole([part.events for part in parts])
    cars = whole([part.cars for part in parts])
    return events, {name: values.ravel() for name, values in cars.items()}


def _averages(study: GridStudy, sums: OfLevels) -> Columns:
    design = study.design
    return stacked(
        [
            averages_of_sums(
                *(level.name, level.keys, of_level["CAR"].sums(days_by_date)),
                *(design.window, design.confidence),
            )
            for level, of_level in zip(study.levels, sums, strict=True)
        ]
    )


def _test_rows(study: GridStudy, sums: OfLevels, tests: Sequence[SignificanceTest]) -> list[Columns]:
    rows = []
    for each, of_level in zip(study.levels, sums, strict=True):
        groups = len(each.keys)
        level = Level(each.name, each.keys, (np.arange(0),) * groups, np.zeros(groups, dtype=bool))
        if parts := level_tests(level, of_level, tests):
            rows.append(in_order(parts, level))
    return rows
