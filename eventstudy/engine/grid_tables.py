"""A study on a grid, shard by shard, and its result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import DateArray, IntArray, TextArray
from eventstudy.assembly.assemble import TEST_FAMILY
from eventstudy.assembly.building import make_table, with_adjusted
from eventstudy.engine.gathered_rows import GatheredRows
from eventstudy.engine.grid_groups import GroupRows, level_of_tests, rows_of_groups
from eventstudy.engine.grid_shards import (
    OfLevels,
    both_passes,
    first_pass,
    kinds_by_measure,
    known_levels,
    second_pass,
    with_parts,
)
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.shards import add_arriving, add_up
from eventstudy.inference.averages import averages_of_sums, days_by_date
from eventstudy.inference.battery import in_order, level_tests
from eventstudy.numerics.arrow import coded_array, encoded, to_arrow
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.numerics.memory import give_back
from eventstudy.schema import arrow_schema
from eventstudy.significance import SignificanceTest

MOST = 16_000  #: firm-events of a shard, whose estimation takes some 200 MiB


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
    """Return the tables ``events``, ``cars``, ``averages``, ``tests`` and ``findings`` of a study on a grid.

    The tables are the same bytes for any size of the shards and any executor. Columns that need other
    firm-events or earlier sessions than those of the firm-event itself are null in ``cars``, and so are the
    errors of averages over one date. The tests are those across firm-events; a design without tests of its
    own gets all of them. The findings say what is not computed unless asked.

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
        The design names a test that is not one across firm-events.
    LostShardError
        A worker died with its shard, and the executor does not replace it.
    """
    if executor is None and workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            return run_on_grid(
                study, tickers=tickers, sessions=sessions, event_id=event_id, executor=pool, most=most
            )
    tests = study.tests
    summed = study.summed
    first, second = (kinds_by_measure(tests, second=each) for each in (False, True))
    gathered = GatheredRows(len(study.security))
    taken = partial(first_pass, kinds=first)
    sums = with_parts(summed.levels, add_arriving(taken, summed.shards(most), executor, gathered.keep).sums)
    give_back()
    if any(second.values()):
        again = partial(second_pass, kinds=second, known=known_levels(sums, tests))
        sums = both_passes(sums, add_up(again, summed.shards(most, alone=True), executor).sums)
    give_back()
    rows = rows_of_sums(summed, sums, tests)
    for level in study.levels:
        if level.name not in rows:
            of_groups = partial(rows_of_groups, tests=tests)
            rows[level.name] = add_up(of_groups, study.group_shards(level), executor)
    del sums
    give_back()
    labels = {"event_id": _named(event_id), "ticker": _named(tickers, study.security)}
    return {
        **_tables(gathered, labels, sessions),
        **group_tables(study, rows),
        "findings": _findings(study),
    }


def rows_of_sums(study: GridStudy, sums: OfLevels, tests: Sequence[SignificanceTest]) -> dict[str, GroupRows]:
    """Return the rows of each level by its name, from the sums of all shards, of both passes."""
    design = study.design
    return {
        level.name: GroupRows(
            (
                averages_of_sums(
                    *(level.name, level.keys, of_level["CAR"].sums(days_by_date)),
                    *(design.window, design.confidence),
                ),
            ),
            tuple(level_tests(level_of_tests(level), of_level, tests)),
        )
        for level, of_level in zip(study.levels, sums, strict=True)
    }


def group_tables(study: GridStudy, rows: Mapping[str, GroupRows]) -> dict[str, pa.Table]:
    """Return the tables ``averages`` and ``tests`` of the rows of all levels."""
    in_turn = [(rows[level.name], level_of_tests(level)) for level in study.levels]
    averages = [in_order(each.averages, level) for each, level in in_turn]
    tested = [in_order(each.tests, level) for each, level in in_turn if each.tests]
    return {
        "averages": make_table("averages", stacked(averages)),
        "tests": make_table("tests", with_adjusted(tested, TEST_FAMILY)),
    }


def _tables(
    gathered: GatheredRows, labels: Mapping[str, pa.Array], sessions: DateArray
) -> dict[str, pa.Table]:
    """Return the tables ``events`` and ``cars``; a column is let go when it is in its table."""

    def table(name: str, columns: Columns, labels: Mapping[str, Any]) -> pa.Table:
        kinds, found = arrow_schema(name), dict(labels)
        for column in [*columns]:
            values = columns.pop(column).ravel()
            if column == "session":
                values = sessions[values]
            if column not in found:
                found[column] = to_arrow(values, kinds.field(column).type)
        return make_table(name, found)

    each = to_arrow(np.repeat(np.arange(gathered.size), gathered.cars["car"].shape[1]), pa.int64())
    repeated = {name: label.take(each) for name, label in labels.items()}
    return {
        "events": table("events", gathered.events, labels),
        "cars": table("cars", gathered.cars, repeated),
    }


def _named(names: TextArray, codes: IntArray | None = None) -> pa.Array:
    """Return names, or those of codes, as a dictionary array in the order in which they appear."""
    if codes is None:
        return coded_array(*encoded(names))
    used, first = np.unique(codes, return_index=True)
    used = used[np.argsort(first)]
    number = np.zeros(len(names), dtype=np.int64)
    number[used] = np.arange(len(used))
    return coded_array(number[codes], names[used])


def _findings(study: GridStudy) -> pa.Table:
    count = len(study.left_out)
    return make_table(
        "findings",
        {
            "ticker": [""] * count,
            "session": np.full(count, np.datetime64("NaT", "D")),
            "rule": ["not-computed"] * count,
            "severity": ["info"] * count,
            "detail": list(study.left_out),
        },
    )
