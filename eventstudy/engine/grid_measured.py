"""The estimates of a shard of a study on a grid, and its firm-events as samples for the tests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.engine.grid_estimation import OF_SESSIONS
from eventstudy.engine.grid_levels import GridLevel
from eventstudy.engine.grid_parts import Part, parts_of
from eventstudy.engine.grid_study import GridShard
from eventstudy.models.estimation import joined
from eventstudy.significance.history import History, Past
from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours
from eventstudy.significance.scores import Scores

NEIGHBOURS = 4_096  #: of a shard that are measured at once: little of them is kept


@dataclass(frozen=True)
class Measured:
    """The estimates of a shard, and what is needed of its neighbours.

    Attributes
    ----------
    shard
        Of which they are the estimates.
    own
        The shard's own firm-events.
    """

    shard: GridShard
    own: Part

    @cached_property
    def bhar(self) -> FloatArray:
        """BHAR of each window, NaN for single sessions, of which no test takes it; shape (n, W)."""
        windows, found = self.shard.study.design.car_windows, np.full(self.own.car.shape, np.nan)
        found[:, : len(windows)] = self.own.abnormal.bhar(windows)
        return found

    @cached_property
    def history(self) -> History:
        """Those of the shard's own session by session, whose ranks are computed once for all levels."""
        design, abnormal = self.shard.study.design, self.own.abnormal
        return History(
            *(design.estimation_window, design.window),
            *(abnormal.residuals, abnormal.studentised, abnormal.ar),
        )

    @cached_property
    def near(self) -> Near:
        """What tests take of the shard's neighbours, which are measured some at a time."""
        shard, own, by_session = self.shard, self.own.abnormal.residuals, self.shard.study.by_session
        scores = Scores.empty(len(shard.rows) if by_session else 0, own.shape[1])
        residuals = np.empty((0 if by_session else len(shard.rows), own.shape[1]))
        usable, complete = [np.zeros(0, dtype=bool)], [np.zeros((0, self.own.car.shape[1]), dtype=bool)]

        def keep(first: int, values: FloatArray) -> None:
            if by_session:
                scores.fill(first, values)
            else:
                residuals[first : first + len(values)] = values

        keep(0, own)
        for part in parts_of(shard, range(shard.own, len(shard.rows)), NEIGHBOURS, ["residuals"]):
            keep(shard.own + sum(map(len, usable)), part.abnormal.residuals)
            usable.append(part.reason == "")
            complete.append(np.isfinite(part.car))
        past = Past(residuals, scores)
        return Near(past, np.concatenate(usable), np.concatenate(complete))

    def cross_sections(self, *, bhar: bool = True) -> list[CrossSection]:
        """Return the sample of each level; without ``bhar`` those are NaN."""
        found = self.bhar if bhar else np.full(self.own.car.shape, np.nan)
        return [self._cross_section(level, found) for level in self.shard.study.levels]

    def _cross_section(self, level: GridLevel, bhar: FloatArray) -> CrossSection:
        design, shard, own = self.shard.study.design, self.shard, self.own
        weights = shard.study.weights
        events = np.flatnonzero((level.group[: shard.own] >= 0) & (own.reason == ""))
        events = events[np.argsort(level.group[events], kind="stable")]
        return CrossSection(
            group=level.group[events],
            groups=len(level.keys),
            windows=shard.study.time.windows,
            car=own.car[events],
            scar=own.car[events] / own.car_se[events],
            bhar=bhar[events],
            df=own.abnormal.df[events],
            ticker=shard.ticker[events],
            date=shard.date[events],
            listings=np.ones(len(events), dtype=np.int64),
            alternative=design.alternative,
            seed=design.seed,
            history=self.history,
            around=lambda: self.near.past,
            events=events,
            alignment=lambda: self._alignment(level, events),
            calendar_time=lambda: InCalendarTime(own.ret[events], own.regressors[events]),
            weights=None if weights is None else weights[events],
            by_session=shard.study.by_session,
        )

    def _alignment(self, level: GridLevel, events: IntArray) -> Alignment:
        shard, time = self.shard, self.shard.study.time
        dates, session = np.unique(shard.date, return_inverse=True)
        estimation, event = (
            dates[:, None] + np.arange(window.start, window.end + 1)
            for window in (time.estimation, time.event)
        )
        near = shard.own + np.flatnonzero((level.group[shard.own :] >= 0) & self.near.usable)
        complete = self.near.complete[near - shard.own]
        neighbours = Neighbours(level.group[near], shard.ticker[near], near, session[near], complete)
        return Alignment(session[events], estimation, event, neighbours)


@dataclass(frozen=True)
class Near:
    """What tests take of the h neighbours of a shard.

    Attributes
    ----------
    past
        Of the shard's own firm-events, then of its neighbours.
    usable, complete
        Which neighbours are measured, and which have a CAR in which window, shapes (h,) and (h, W).
    """

    past: Past
    usable: BoolArray
    complete: BoolArray


def measure(shard: GridShard, sessions: Collection[str] = OF_SESSIONS) -> Measured:
    """Estimate the firm-events of a shard; what is needed of its neighbours follows when it is asked for.

    Least squares leave out what no test takes: of ``OF_SESSIONS`` they give the named ``sessions`` alone.
    """
    parts = list(parts_of(shard, range(shard.own), shard.own, sessions))
    if len(parts) == 1:
        return Measured(shard, parts[0])
    whole: dict[str, Any] = {name: joined([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    return Measured(shard, Part(**whole))
