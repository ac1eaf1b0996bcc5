"""The groups of a study: which firm-events each holds, and what its tests and averages are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.events.characteristics import weights_of
from eventstudy.inference.levels import EXPECTED, Level, all_levels
from eventstudy.models.estimation import Estimates, Specification, fit_and_forecast
from eventstudy.numerics.winsorising import winsorise
from eventstudy.panel.panel import sample
from eventstudy.significance.history import History
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours, totals

MIN_COMMON_SESSIONS = 30  #: with fewer common sessions the correlation of tickers is not estimated
MOST_KEPT = 500  #: firm-events of a study whose regression systems are kept, not built when they are needed


@dataclass(frozen=True)
class Group:
    """One group of a level, for the tests of one date.

    Attributes
    ----------
    level, key, opposed
        The group, and whether some of its members are expected to go up and some down.
    events, listings
        Its firm-days as indices of firm-events, and how many firm-events each stands for.
    shared
        Whether they share one date.
    systems
        The regression system of each window, where they share one date and enough sessions.
    """

    level: str
    key: str
    opposed: bool
    events: IntArray
    listings: IntArray
    shared: bool
    systems: Mapping[Window, OneDate]

    @property
    def distinct_systems(self) -> tuple[OneDate, ...]:
        """The systems, each once: windows that the same tickers are complete in share one."""
        return tuple({id(system): system for system in self.systems.values()}.values())


@dataclass(frozen=True)
class StudyInCalendarTime:
    """An estimated study on one calendar, the distinct dates of all exchanges, and its groups.

    Attributes
    ----------
    position
        Position on the calendar of each row of the return matrix, shape (T,).
    day0
        Position of day 0, shape (N,).
    ticker
        Code of the security, shape (N,).
    direction
        +1 or -1 by which the returns of each firm-event are multiplied, shape (N,).
    """

    spec: Specification
    estimates: Estimates
    position: IntArray
    day0: IntArray
    ticker: IntArray
    direction: FloatArray

    @classmethod
    def of(cls, spec: Specification, estimates: Estimates) -> StudyInCalendarTime:
        """Return a study with its dates and securities numbered."""
        panel = spec.panel
        _, position = np.unique(panel.matrix.dates, return_inverse=True)
        day0 = position[np.clip(panel.day0, 0, len(position) - 1)]
        return cls(spec, estimates, position, day0, panel.security, np.ones(len(panel)))

    def turned(self, direction: FloatArray) -> StudyInCalendarTime:
        """Return the study with the returns of each firm-event times +1 or -1, shape (N,)."""
        estimates, sign = self.estimates, direction[:, None]
        turned = replace(
            estimates,
            abnormal=estimates.abnormal.turned(direction),
            **{name: sign * getattr(estimates, name) for name in ("car", "bhar", "path")},
        )
        return replace(self, estimates=turned, direction=self.direction * direction)

    def positions(self, events: IntArray, window: Window) -> IntArray:
        """Return the calendar position of each session of a window, (n, L); negative off the axis."""
        rows, exists = self.spec.panel.rows(events, window)
        return np.where(exists, self.position[rows], -1 - np.arange(window.length))

    def levels(self) -> Iterator[Level]:
        """Yield every level of grouping of the design."""
        return all_levels(self.spec.panel.firm_events, self.spec.design.by)

    def expected(self) -> tuple[Level, StudyInCalendarTime] | None:
        """Return the level of the firm-events with an expected direction, and the study turned by it.

        The mean over events of opposite kinds adds good news and bad. Where the study states in which
        direction a firm-event should move, ``d_i = +1`` (up) or ``-1`` (down), the mean of ``d_i AR_i`` tells
        whether they moved as stated; tests run on ``d_i AR_i``, ``d_i SCAR_i`` and the turned past of each.
        Of two events of a firm-day the first as listed that has a direction counts. None where fewer than two
        firm-days have one.
        """
        expect = self.spec.panel.firm_events.expect
        events = np.flatnonzero(expect != "")
        if len(self.firm_days(events)[0]) < 2:
            return None
        level = Level(*EXPECTED, (events,), np.zeros(1, dtype=bool))
        return level, self.turned(np.where(expect == "down", -1.0, 1.0))

    def groups(self, level: Level) -> Iterator[Group]:
        """Yield the groups of a level; each regression system is built when it is needed."""
        for key, members, opposed in zip(level.keys, level.members, level.opposed.tolist(), strict=True):
            events, listings = self.firm_days(members)
            shared = len(np.unique(self.day0[events])) == 1
            if shared:  # its tickers are compared in an order that the order of events does not change
                order = np.argsort(self.ticker_rank[events])
                events, listings = events[order], listings[order]
            systems = self.systems(events) if shared else {}
            yield Group(level.name, key, opposed, events, listings, shared, systems)

    def firm_days(self, events: IntArray) -> tuple[IntArray, IntArray]:
        """Return the measured firm-events, each firm-day once, and how many firm-events each stands for.

        A firm-day is a ticker and a day 0. Two events of a ticker on one session are the same return: the
        first as listed counts, in every average, test and comparison of a group that has both.
        """
        measured = events[self.estimates.ok[events]]
        days = self.ticker[measured] * (self.day0.max(initial=0) + 1) + self.day0[measured]
        _, first, listings = np.unique(days, return_index=True, return_counts=True)
        order = np.argsort(first)
        return measured[first[order]], listings[order]

    def once(self, events: IntArray) -> BoolArray:
        """Return which of some measured firm-events count: of each firm-day the first as listed, (n,)."""
        counts = np.zeros(len(self.day0), dtype=bool)
        counts[self.firm_days(np.sort(events))[0]] = True
        return counts[events]

    @cached_property
    def ticker_rank(self) -> IntArray:
        """Place of each firm-event's security among those of the study, shape (N,)."""
        return self.spec.panel.firm_events.ticker_rank

    @cached_property
    def weights(self) -> FloatArray | None:
        """Weight of each firm-event in a weighted mean, shape (N,); None where the design names none."""
        column = self.spec.design.weights
        return None if column is None else weights_of(self.spec.panel.firm_events, column)

    @cached_property
    def history(self) -> History:
        """Abnormal returns of every firm-event, session by session."""
        design, abnormal = self.spec.design, self.estimates.abnormal
        return History(
            estimation=design.estimation_window,
            window=abnormal.window,
            residuals=abnormal.residuals,
            studentised=abnormal.studentised,
            ar=abnormal.ar / np.sqrt(abnormal.span),
            autocorrelated=abnormal.rho is not None,
        )

    def cross_section(self, level: Level) -> CrossSection:
        """Return the firm-days of a level's groups as a sample for the cross-sectional tests."""
        estimates, design = self.estimates, self.spec.design
        members, listings = zip(*map(self.firm_days, level.members), strict=True)
        events, groups = np.concatenate(members), len(members)
        group = np.repeat(np.arange(groups), [len(each) for each in members])
        given = estimates.car[events], estimates.bhar[events]
        car, bhar = (winsorise(values, group, groups, design.winsorise) for values in given)
        changed = [
            totals((np.isfinite(of) & (of != now)).astype(np.int64), group, groups)
            for of, now in zip(given, (car, bhar), strict=True)
        ]
        return CrossSection(
            group=group,
            groups=groups,
            windows=estimates.windows,
            car=car,
            scar=car / estimates.car_se[events],
            bhar=bhar,
            winsorised=np.stack(changed) if design.winsorise else None,
            df=estimates.abnormal.df[events],
            ticker=self.ticker[events],
            date=self.day0[events],
            listings=np.concatenate(listings),
            alternative=design.alternative,
            seed=design.seed,
            history=self.history,
            events=events,
            alignment=lambda: self._alignment(events),
            calendar_time=lambda: self._in_calendar_time(events),
            weights=None if self.weights is None else self.weights[events],
        )

    def _alignment(self, events: IntArray) -> Alignment:
        """Return where the windows of some firm-events lie on the calendar: all of a sample, in one piece."""
        design = self.spec.design
        _, first, session = np.unique(self.spec.panel.day0[events], return_index=True, return_inverse=True)
        return Alignment(
            session.ravel(),
            self.positions(events[first], design.estimation_window),
            self.positions(events[first], design.window),
            Neighbours.none(len(self.estimates.windows)),
        )

    def _in_calendar_time(self, events: IntArray) -> InCalendarTime:
        window = self.spec.design.window
        returns = sample(self.spec.panel, events, window, estimation=False)
        turned = self.direction[events, None] * returns.y  # a slope turns too, a regressor does not
        return InCalendarTime(turned, returns.x)

    def systems(self, events: IntArray) -> dict[Window, OneDate]:
        """Return firm-days of one date as a regression system for each window, without those that have none.

        A window is one of the study's, or a path from the start of the event window. Its system is fitted on
        the estimation sessions that all tickers share which are complete in it, at least
        ``MIN_COMMON_SESSIONS``; windows with the same sessions share a system. The tickers must have the
        sessions of one exchange.
        """
        kept, asked = self._kept if len(self.spec.panel) <= MOST_KEPT else {}, events.tobytes()
        if asked not in kept:
            kept[asked] = self._systems(events)
        return kept[asked]

    @cached_property
    def _kept(self) -> dict[bytes, dict[Window, OneDate]]:
        return {}

    def _systems(self, events: IntArray) -> dict[Window, OneDate]:
        estimates, day0 = self.estimates, self.spec.panel.day0[events]
        if len(np.unique(day0)) > 1:
            return {}
        windows = (*estimates.windows, *estimates.abnormal.window.paths)
        complete = np.isfinite(np.hstack([estimates.car[events], estimates.path[events]]))
        complete |= ~complete.any(axis=0)  # of a window that no ticker is complete in, all are asked
        lacking = ~np.isfinite(estimates.abnormal.residuals[events])
        keep = (lacking.T.astype(np.int64) @ complete.astype(np.int64)) == 0
        sharing: dict[bytes, list[int]] = {}
        for place, sessions in enumerate(keep.T):
            sharing.setdefault(sessions.tobytes(), []).append(place)
        found: dict[Window, OneDate] = {}
        for places in sharing.values():
            sessions = keep[:, places[0]]
            if sessions.sum() >= MIN_COMMON_SESSIONS:
                tested = tuple(windows[place] for place in places if place < len(estimates.windows))
                system = self._system(events, sessions, tested)
                found |= {windows[place]: system for place in places}
        return found

    def _system(self, events: IntArray, keep: BoolArray, tested: tuple[Window, ...]) -> OneDate:
        panel = self.spec.panel
        fit, abnormal = fit_and_forecast(self.spec, events, keep)
        return OneDate(
            abnormal=abnormal.turned(self.direction[events]),
            estimation_root=fit.estimation_root,
            sessions=np.flatnonzero(keep),
            windows=tested,
            alternative=self.spec.design.alternative,
            same_regressors=panel.pool is None
            and bool((panel.regressors[events] == panel.regressors[events[:1]]).all()),
        )


def clustered_mean(values: FloatArray, date: IntArray) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Return the mean over firm-events, its standard error clustered by date, and both counts, per column.

    With one firm-event a date this is ``sd / sqrt(N)``. NaN below two dates.

    Parameters
    ----------
    values, date
        Shapes (n, W) and (n,); NaN is left out.
    """
    there = np.isfinite(values)
    n = there.sum(axis=0)
    codes = np.unique(date, return_inverse=True)[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / n
        sums, present = np.zeros((2, codes.max(initial=0) + 1, len(n)))
        np.add.at(sums, codes, np.where(there, values - mean, 0.0))
        np.add.at(present, codes, there)
        dates = (present > 0).sum(axis=0)
        correction = np.where(dates > 1, dates / (dates - 1), np.nan)
        return mean, np.sqrt((sums**2).sum(axis=0) * correction) / n, n, dates
