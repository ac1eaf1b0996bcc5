"""Levels of many groups on a grid: some whole groups after the other, so that no sums are kept for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.engine.grid_levels import GridLevel
from eventstudy.engine.grid_measured import measure
from eventstudy.engine.grid_study import GridShard
from eventstudy.inference.averages import averages_of_sums, days_by_date
from eventstudy.inference.battery import level_tests
from eventstudy.inference.levels import Level
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.threads import one_thread
from eventstudy.significance import SignificanceTest
from eventstudy.significance.observations import by_measure


@dataclass(frozen=True)
class GroupRows:
    """Parts of the tables ``averages`` and ``tests``; ``+`` gives those of both shards."""

    averages: tuple[Columns, ...]
    tests: tuple[Columns, ...]

    def __add__(self, other: GroupRows) -> GroupRows:
        """Return the rows of both shards."""
        return GroupRows(self.averages + other.averages, self.tests + other.tests)


@one_thread()
def rows_of_groups(shard: GridShard, tests: Sequence[SignificanceTest]) -> GroupRows:
    """Estimate whole groups of one level and return their rows."""
    design, (level,) = shard.study.design, shard.study.levels
    (sample,) = measure(shard).cross_sections()
    averages = averages_of_sums(
        *(level.name, level.keys, sample.sums(days_by_date)), *(design.window, design.confidence)
    )
    return GroupRows((averages,), tuple(level_tests(level_of_tests(level), by_measure(sample), tests)))


def level_of_tests(level: GridLevel) -> Level:
    """Return a level without its members, which the sums stand for."""
    groups = len(level.keys)
    return Level(level.name, level.keys, (np.arange(0),) * groups, np.zeros(groups, dtype=bool))
