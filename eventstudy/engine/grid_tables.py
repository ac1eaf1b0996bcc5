"""A study on a grid, shard by shard, and its result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from eventstudy._typing import DateArray, IntArray, TextArray
from eventstudy.assembly.assemble import TEST_FAMILY
from eventstudy.assembly.building import make_table, with_adjusted
from eventstudy.engine.grid_groups import GroupRows, level_of_tests, rows_of_groups
from eventstudy.engine.grid_shards import Rows, first_pass, kinds_by_measure, second_pass
from eventstudy.engine.grid_study import MANY, GridLevel, GridStudy
from eventstudy.engine.shards import add_up
from eventstudy.inference.averages import averages_of_sums, days_by_date
from eventstudy.inference.battery import in_order, level_tests
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.significance import SignificanceTest
from eventstudy.significance.sums import Sums

MOST = 20_000  #: firm-events of a shard: their residuals take some 100 MiB


def run_on_grid(
    study: GridStudy,
    *,
    tickers: TextArray,
    sessions: DateArray,
    event_id: TextArray,
    executor: Executor | None = None,
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
        Estimates shards in threads, processes or elsewhere; None: one after the other, here.
    most
        Firm-events of a shard; those of one date stay together.

    Raises
    ------
    UsageError
        The design names a test that is not one across firm-events.
    """
    tests = study.tests
    many = [level for level in study.levels if len(level.keys) > MANY]
    summed = replace(study, levels=tuple(level for level in study.levels if len(level.keys) <= MANY))
    first, second = (kinds_by_measure(tests, second=each) for each in (False, True))
    whole = add_up(partial(first_pass, kinds=first), summed.shards(most), executor)
    sums = whole.sums
    if any(second.values()):
        anew = add_up(partial(second_pass, kinds=second, known=sums), summed.shards(most), executor).sums
        sums = tuple(
            {measure: one[measure] | other[measure] for measure in one}
            for one, other in zip(sums, anew, strict=True)
        )
    rows = {
        level.name: _rows_of_sums(study, level, each, tests)
        for level, each in zip(summed.levels, sums, strict=True)
    }
    for level in many:
        shards = study.group_shards(level)
        rows[level.name] = add_up(partial(rows_of_groups, tests=tests), shards, executor)
    in_turn = [(level, rows[level.name]) for level in study.levels]
    averages = [_by_group(each.averages, level) for level, each in in_turn]
    tested = [_by_group(each.tests, level) for level, each in in_turn if each.tests]
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
        "averages": make_table("averages", stacked(averages)),
        "tests": make_table("tests", with_adjusted(tested, TEST_FAMILY)),
        "findings": make_table("findings", _findings(study)),
    }


def _in_order(parts: Sequence[Rows]) -> tuple[Columns, Columns]:
    """Return the columns of all shards in the order of the firm-events."""
    place: IntArray = np.argsort(np.concatenate([part.rows for part in parts]))
    events = {name: values[place] for name, values in stacked([part.events for part in parts]).items()}
    cars = {name: values[place].ravel() for name, values in stacked([part.cars for part in parts]).items()}
    return events, cars


def _rows_of_sums(
    study: GridStudy, level: GridLevel, sums: Mapping[str, Sums], tests: Sequence[SignificanceTest]
) -> GroupRows:
    """Return the rows of a level from its sums, by measure."""
    design = study.design
    averages = averages_of_sums(
        *(level.name, level.keys, sums["CAR"].sums(days_by_date)), *(design.window, design.confidence)
    )
    return GroupRows((averages,), tuple(level_tests(level_of_tests(level), sums, tests)))


def _by_group(parts: Sequence[Columns], level: GridLevel) -> Columns:
    return in_order(parts, level_of_tests(level))


def _findings(study: GridStudy) -> Columns:
    count = len(study.left_out)
    return {
        "ticker": [""] * count,
        "session": np.full(count, np.datetime64("NaT", "D")),
        "rule": ["not-computed"] * count,
        "severity": ["info"] * count,
        "detail": list(study.left_out),
    }
