"""What a shard of a study on a grid adds: rows of its firm-events, and sums of every level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.engine.grid_levels import GridLevel
from eventstudy.engine.grid_measured import Measured, measure
from eventstudy.engine.grid_study import NEIGHBOURING, GridShard
from eventstudy.engine.shards import known_to_second
from eventstudy.inference.averages import days_by_date
from eventstudy.inference.car_columns import car_columns
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.threads import one_thread
from eventstudy.panel.masking import notes_of
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
    further
        Columns of further tables that are kept, axis 0 the firm-event.
    """

    rows: IntArray
    events: Columns
    cars: Columns
    further: Mapping[str, Columns] = field(default_factory=dict)

    def listed(self) -> Rows:
        """Return the rows in the order of the firm-events."""
        place = np.argsort(self.rows)

        def moved(columns: Columns) -> Columns:
            return {name: values[place] for name, values in columns.items()}

        further = {name: moved(columns) for name, columns in self.further.items()}
        return Rows(self.rows[place], moved(self.events), moved(self.cars), further)


@dataclass(frozen=True)
class ShardResult:
    """Rows and sums of a shard."""

    rows: Rows
    sums: OfLevels


@one_thread()
def first_pass(
    shard: GridShard, kinds: Kinds, further: Mapping[str, Callable[[Measured], Columns]] | None = None
) -> ShardResult:
    """Estimate a shard and take its rows, of ``further`` tables too, and its sums of a first pass."""
    measured = measure(shard, ["residuals"])
    sums = tuple(
        {
            name: _sums(sample, [kind for kind in kinds[name] if not level.parts or kind in NEIGHBOURING])
            for name, sample in by_measure(of_level).items()
        }
        for level, of_level in zip(shard.study.levels, measured.cross_sections(), strict=True)
    )
    return ShardResult(_rows(measured, further or {}), sums)


@dataclass(frozen=True)
class LevelSums:
    """Sums of each level; ``+`` gives those of both shards."""

    sums: OfLevels

    def __add__(self, other: LevelSums) -> LevelSums:
        """Return the sums of both shards."""
        return LevelSums(add_levels(self.sums, other.sums))


@one_thread()
def second_pass(shard: GridShard, kinds: Kinds, known: OfLevels) -> LevelSums:
    """Estimate a shard anew and take its sums of a second pass, which know those of the first."""
    measured = measure(shard, ["studentised"])
    return LevelSums(
        tuple(
            {
                name: _sums(sample.given(of_level[name].kinds), kinds[name])
                for name, sample in by_measure(level).items()
            }
            for level, of_level in zip(measured.cross_sections(bhar=False), known, strict=True)
        )
    )


def with_parts(levels: Sequence[GridLevel], sums: OfLevels) -> OfLevels:
    """Return all sums of a first pass, those of a level that has parts added up from theirs."""
    by_name = {level.name: each for level, each in zip(levels, sums, strict=True)}
    return tuple(
        {name: _together(own, by_name[level.parts][name]) for name, own in each.items()}
        if level.parts
        else each
        for level, each in zip(levels, sums, strict=True)
    )


def _together(own: Sums, parts: Sums) -> Sums:
    added = {kind: each.of_all_groups() for kind, each in parts.kinds.items() if kind not in NEIGHBOURING}
    return replace(own, kinds={**added, **own.kinds})


def add_levels(one: OfLevels, other: OfLevels) -> OfLevels:
    """Return the sums of two shards, level by level."""
    return tuple(
        {name: mine[name] + theirs[name] for name in mine} for mine, theirs in zip(one, other, strict=True)
    )


def known_levels(sums: OfLevels, tests: Sequence[SignificanceTest]) -> OfLevels:
    """Return the sums that a second pass may ask for: all of them would be sent along with each shard."""
    kinds = known_to_second(tests)
    return tuple(
        {
            name: replace(each, kinds={kind: each.kinds[kind] for kind in kinds if kind in each.kinds})
            for name, each in of_level.items()
        }
        for of_level in sums
    )


def both_passes(first: OfLevels, second: OfLevels) -> OfLevels:
    """Return the sums of both passes over the same firm-events, level by level."""
    return tuple(
        {name: one[name] | other[name] for name in one} for one, other in zip(first, second, strict=True)
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


def _rows(measured: Measured, further: Mapping[str, Callable[[Measured], Columns]]) -> Rows:
    """Return the rows of a shard's own firm-events."""
    shard, design, abnormal = measured.shard, measured.shard.study.design, measured.own.abnormal
    windows, reason, own = design.car_windows, measured.own.reason, slice(0, shard.own)
    part = slice(None), slice(0, len(design.car_windows))
    cars = car_columns(
        *(abnormal, measured.history, windows),
        car=measured.own.car[part].copy(),  # and not a view that keeps all windows
        se=measured.own.car_se[part].copy(),
        bhar=measured.bhar[part].copy(),
        count=np.column_stack([abnormal.count(window) for window in windows]).astype(np.int32),
        alternative=design.alternative,
        confidence=design.confidence,
    )
    events = {
        "ticker": shard.ticker[own],
        "session": shard.date[own],
        "status": np.where(reason == "", "ok", "skipped").astype(object),
        "reason": reason,
        "n_estimation": abnormal.n.copy(),
        "df": abnormal.df.copy(),
        "sigma": abnormal.sigma.copy(),
        "rsquared": measured.own.rsquared.copy(),
        "masked": measured.own.masked.copy(),
        "mask_note": notes_of(measured.own.reach),
    }
    taken = {name: take(measured) for name, take in further.items()}
    return Rows(shard.rows[own].copy(), events, cars, taken)
