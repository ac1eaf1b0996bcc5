"""What a shard of a study on a grid adds: rows of its firm-events, and sums of every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.assembly.building import abnormal_return_columns
from eventstudy.engine.grid_estimation import CHUNK, GridEstimates, estimate_on_grid, gathered
from eventstudy.engine.grid_study import GridLevel, GridShard
from eventstudy.engine.shards import known_to_second
from eventstudy.errors import UsageError
from eventstudy.inference.averages import days_by_date
from eventstudy.inference.car_columns import car_columns
from eventstudy.models.ols import NO_NOISE, noise_problems
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.threads import one_thread
from eventstudy.significance import SignificanceTest
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.history import History
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
    abnormal_returns
        Of that table, shape (n, L); None where it is not kept.
    """

    rows: IntArray
    events: Columns
    cars: Columns
    abnormal_returns: Columns | None = None


@dataclass(frozen=True)
class ShardResult:
    """Rows and sums of a shard; ``+`` gives those of both."""

    rows: tuple[Rows, ...]
    sums: OfLevels

    def __add__(self, other: ShardResult) -> ShardResult:
        """Return the rows and sums of both shards."""
        return ShardResult(self.rows + other.rows, add_levels(self.sums, other.sums))


@one_thread()
def first_pass(shard: GridShard, kinds: Kinds, *, abnormal_returns: bool = False) -> ShardResult:
    """Estimate a shard and take its rows, abnormal returns on request, and its sums of a first pass."""
    measured = _measured(shard)
    sums = tuple(
        {measure: _sums(sample, kinds[measure]) for measure, sample in by_measure(level).items()}
        for level in measured.cross_sections()
    )
    return ShardResult((measured.rows(abnormal_returns=abnormal_returns),), sums)


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
    return LevelSums(
        tuple(
            {
                measure: _sums(sample.given(of_level[measure].kinds), kinds[measure])
                for measure, sample in by_measure(level).items()
            }
            for level, of_level in zip(_measured(shard).cross_sections(), known, strict=True)
        )
    )


def add_levels(one: OfLevels, other: OfLevels) -> OfLevels:
    """Return the sums of two shards, level by level."""
    return tuple(
        {measure: mine[measure] + theirs[measure] for measure in mine}
        for mine, theirs in zip(one, other, strict=True)
    )


def known_levels(sums: OfLevels, tests: Sequence[SignificanceTest]) -> OfLevels:
    """Return the sums that a second pass may ask for: all of them would be sent along with each shard."""
    kinds = known_to_second(tests)
    return tuple(
        {
            measure: replace(each, kinds={kind: each.kinds[kind] for kind in kinds if kind in each.kinds})
            for measure, each in of_level.items()
        }
        for of_level in sums
    )


def both_passes(first: OfLevels, second: OfLevels) -> OfLevels:
    """Return the sums of both passes over the same firm-events, level by level."""
    return tuple(
        {measure: one[measure] | other[measure] for measure in one}
        for one, other in zip(first, second, strict=True)
    )


def kinds_by_measure(tests: Sequence[SignificanceTest], second: bool) -> Kinds:
    """Return what the tests of each measure, the averages and the notes are computed from."""
    kinds: dict[str, tuple[Kind, ...]] = {}
    for measure in MEASURES:
        of_measure = [test for test in tests if (measure == "BHAR") <= (measure in test.measures)]
        passes = [test.second if second else test.sums for test in of_measure]
        base: list[Kind] = [] if second else [observations]
        if measure == "CAR" and not second:
            base.append(days_by_date)
        kinds[measure] = tuple(dict.fromkeys([*base, *(kind for each in passes for kind in each)]))
    return kinds


def _sums(sample: CrossSection, kinds: Sequence[Kind]) -> Sums:
    return Sums.of(sample, kinds if sample.windows else ())


@dataclass(frozen=True)
class _Measured:
    """The estimates of a shard, NaN where there is a reason; arrays as in `Estimates`."""

    shard: GridShard
    estimates: GridEstimates
    abnormal: AbnormalReturns
    bhar: FloatArray
    reason: TextArray

    @property
    def history(self) -> History:
        design, abnormal = self.shard.study.design, self.abnormal
        return History(
            *(design.estimation_window, design.window),
            *(abnormal.residuals, abnormal.studentised, abnormal.ar),
        )

    def rows(self, *, abnormal_returns: bool) -> Rows:
        design, abnormal = self.shard.study.design, self.abnormal
        windows = design.car_windows
        width = len(windows)
        cars = car_columns(
            *(abnormal, self.history, windows),
            car=self.estimates.car[:, :width].copy(),  # and not a view that keeps all windows
            se=self.estimates.car_se[:, :width].copy(),
            bhar=self.bhar[:, :width].copy(),
            count=np.column_stack([abnormal.count(window) for window in windows]),
            alternative=design.alternative,
            confidence=design.confidence,
        )
        events = {
            "ticker": self.shard.ticker,
            "session": self.shard.date,
            "status": np.where(self.reason == "", "ok", "skipped").astype(object),
            "reason": self.reason,
            "n_estimation": abnormal.n,
            "df": abnormal.df,
            "sigma": abnormal.sigma,
        }
        kept = self._abnormal_returns() if abnormal_returns else None
        return Rows(self.shard.rows, events, cars, kept)

    def _abnormal_returns(self) -> Columns:
        car, car_se = self.abnormal.cumulated()
        columns = abnormal_return_columns(self.abnormal, self.shard.study.design.alternative)
        return {**columns, "car": car, "car_se": car_se}

    def cross_sections(self) -> list[CrossSection]:
        history = self.history  # its ranks are computed once for all levels
        return [self._cross_section(level, history) for level in self.shard.study.levels]

    def _cross_section(self, level: GridLevel, history: History) -> CrossSection:
        design, shard = self.shard.study.design, self.shard
        events = np.flatnonzero((level.group >= 0) & (self.reason == ""))
        events = events[np.argsort(level.group[events], kind="stable")]
        windows, groups = self.shard.study.time.windows, len(level.keys)
        car = self.estimates.car[events]

        def of_whole() -> Any:
            raise UsageError("a shard does not have the neighbouring dates that this test needs")

        return CrossSection(
            group=level.group[events],
            groups=groups,
            windows=windows,
            car=car,
            scar=car / self.estimates.car_se[events],
            bhar=self.bhar[events],
            df=self.abnormal.df[events],
            ticker=shard.ticker[events],
            date=shard.date[events],
            listings=np.ones(len(events), dtype=np.int64),
            alternative=design.alternative,
            seed=design.seed,
            history=history,
            events=events,
            correlation=of_whole,
            calendar_time=of_whole,
        )


def _measured(shard: GridShard) -> _Measured:
    study, time = shard.study, shard.study.time
    grid, own = study.grid, (study.security, study.day0)
    estimates = estimate_on_grid(grid, *own, time, compiled=study.compiled, sessions=True)
    ret = gathered(grid, *own, time.event)[0]
    reason = _reasons(shard, estimates)
    usable = reason == ""
    skipped = np.flatnonzero(~usable)
    for name, values in vars(estimates).items():
        if name not in ("n", "root"):
            values[skipped] = np.nan
    there, sigma = usable[:, None], estimates.sigma
    abnormal = AbnormalReturns(
        kind=study.design.returns,
        window=time.event,
        ret=np.where(there, ret, np.nan),
        normal=np.where(there, ret - estimates.ar, np.nan),
        ar=estimates.ar,
        span=np.ones(ret.shape),
        noise=np.ones(ret.shape),
        root=estimates.root,
        sigma=sigma,
        df=np.where(usable, estimates.n - len(study.grid.regressors) - 1.0, np.nan),
        n=estimates.n,
        residuals=estimates.residuals,
        studentised=estimates.studentised,
    )
    bhar = np.full(estimates.car.shape, np.nan)  # no test takes those of single sessions
    bhar[:, : len(study.design.car_windows)] = abnormal.bhar(study.design.car_windows)
    return _Measured(shard, estimates, abnormal, bhar, reason)


def _problems(shard: GridShard, estimates: GridEstimates) -> TextArray:
    """Return what is wrong with each fit, ``""`` where nothing is, shape (n,).

    Returns are looked at where sigma is small enough: that of returns within a range is at most the range
    times the root of their number.
    """
    study, sigma = shard.study, estimates.sigma
    returns = study.grid.returns
    largest = np.where(np.isfinite(returns), np.abs(returns), 0.0).max(axis=1)[study.security]
    doubtful = np.flatnonzero(~(sigma > NO_NOISE * np.sqrt(estimates.n) * largest))
    problem = np.full(len(sigma), "", dtype=object)
    for start in range(0, len(doubtful), CHUNK):
        rows = doubtful[start : start + CHUNK]
        before = gathered(study.grid, study.security[rows], study.day0[rows], study.time.estimation)[0]
        problem[rows] = noise_problems(sigma[rows], np.isnan(sigma[rows]), before)
    return problem


def _reasons(shard: GridShard, estimates: GridEstimates) -> TextArray:
    """Return why each firm-event cannot be measured, ``""`` where it can, shape (n,)."""
    design, event = shard.study.design, shard.study.time.event
    length = design.estimation_window.length
    need = design.required_observations(1 + len(shard.study.grid.regressors), length)
    reason = _problems(shard, estimates)
    for at in np.flatnonzero(estimates.n < need):
        usable = f"only {estimates.n[at]} of {length} estimation returns are usable"
        reason[at] = f"{usable}; {need} are needed"
    return np.where((reason == "") & ~_seen(estimates.ar, event), "no abnormal return on day 0", reason)


def _seen(ar: FloatArray, event: Any) -> BoolArray:
    """Return which firm-events have an abnormal return on day 0, or on any day of a window without it."""
    there = np.isfinite(ar)
    days = slice(-event.start, 1 - event.start) if event.start <= 0 <= event.end else slice(None)
    return np.asarray(there[:, days].any(axis=1))
