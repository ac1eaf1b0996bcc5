"""What a shard of a study on a grid adds: rows of its firm-events, and sums of every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.engine.grid_measured import Measured, measure
from eventstudy.engine.grid_study import GridShard
from eventstudy.inference.averages import days_by_date
from eventstudy.inference.car_columns import car_columns
from eventstudy.numerics.columns import Columns
from eventstudy.significance import SignificanceTest
from eventstudy.significance.observations import by_measure, observations
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Kind, Sums

MEASURES = ("CAR", "BHAR")
#: Sums of each level, by measure.
OfLevels = tuple[Mapping[str, Sums], ...]
#: Kinds of sums, by measure.
Kinds = Mapping[str, tuple[Kind, ...]]


@dataclass(frozen=True)
class Rows:
    """Rows of some firm-events of the study.

    Attributes
    ----------
    rows
        Their places in the whole study, shape (n,).
    events, cars
        Columns of the tables ``events`` and ``cars``, shapes (n,) and (n, C).
    """

    rows: IntArray
    events: Columns
    cars: Columns


@dataclass(frozen=True)
class ShardResult:
    """Rows and sums of a shard; ``+`` gives those of both."""

    rows: tuple[Rows, ...]
    sums: OfLevels

    def __add__(self, other: ShardResult) -> ShardResult:
        """Return the rows and sums of both shards."""
        return ShardResult(self.rows + other.rows, add_levels(self.sums, other.sums))


def first_pass(shard: GridShard, kinds: Kinds) -> ShardResult:
    """Estimate a shard and take its rows and its sums of a first pass."""
    measured = measure(shard)
    sums = tuple(
        {name: _sums(sample, kinds[name]) for name, sample in by_measure(level).items()}
        for level in measured.cross_sections()
    )
    return ShardResult((_rows(measured),), sums)


@dataclass(frozen=True)
class LevelSums:
    """Sums of each level; ``+`` gives those of both shards."""

    sums: OfLevels

    def __add__(self, other: LevelSums) -> LevelSums:
        """Return the sums of both shards."""
        return LevelSums(add_levels(self.sums, other.sums))


def second_pass(shard: GridShard, kinds: Kinds, known: OfLevels) -> LevelSums:
    """Estimate a shard anew and take its sums of a second pass, which know those of the first."""
    return LevelSums(
        tuple(
            {
                name: _sums(sample.given(of_level[name].kinds), kinds[name])
                for name, sample in by_measure(level).items()
            }
            for level, of_level in zip(measure(shard).cross_sections(), known, strict=True)
        )
    )


def add_levels(one: OfLevels, other: OfLevels) -> OfLevels:
    """Return the sums of two shards, level by level."""
    return tuple(
        {measure: mine[measure] + theirs[measure] for measure in mine}
        for mine, theirs in zip(one, other, strict=True)
    )


def kinds_by_measure(tests: Sequence[SignificanceTest], second: bool) -> Kinds:
    """Return what the tests of each measure, the averages and the notes are computed from."""
    kinds: dict[str, tuple[Kind, ...]] = {}
    for name in MEASURES:
        of_measure = [test for test in tests if (name == "BHAR") <= (name in test.measures)]
        passes = [test.second if second else test.sums for test in of_measure]
        base: list[Kind] = [] if second else [observations]
        if name == "CAR" and not second:
            base.append(days_by_date)
        kinds[name] = tuple(dict.fromkeys([*base, *(kind for each in passes for kind in each)]))
    return kinds


def _sums(sample: CrossSection, kinds: Sequence[Kind]) -> Sums:
    return Sums.of(sample, kinds if sample.windows else ())


def _rows(measured: Measured) -> Rows:
    """Return the rows of a shard's own firm-events."""
    shard, design, own = measured.shard, measured.shard.study.design, slice(measured.shard.own)
    abnormal, windows = measured.abnormal, design.car_windows
    width = len(windows)
    cars = car_columns(
        *(abnormal, measured.history, windows),
        car=measured.car[:, :width],
        se=measured.car_se[:, :width],
        bhar=measured.bhar[:, :width],
        count=np.column_stack([abnormal.count(window) for window in windows]),
        alternative=design.alternative,
        confidence=design.confidence,
    )
    events = {
        "ticker": shard.ticker,
        "session": shard.date,
        "status": np.where(measured.reason == "", "ok", "skipped").astype(object),
        "reason": measured.reason,
        "n_estimation": abnormal.n,
        "df": abnormal.df,
        "sigma": abnormal.sigma,
    }
    return Rows(
        shard.rows[own],
        {name: values[own] for name, values in events.items()},
        {name: values[own] for name, values in cars.items()},
    )
