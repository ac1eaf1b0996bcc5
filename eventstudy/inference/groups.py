"""Groups of firm-events: all, by event, ticker and kind, and by columns of the event list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.estimation import Estimates, Specification, fit_and_forecast
from eventstudy.panel.panel import sample
from eventstudy.significance.history import History
from eventstudy.significance.mean_correlation import mean_correlation
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.sample import CrossSection, InCalendarTime

MIN_COMMON_SESSIONS = 30  #: with fewer common sessions the correlation of tickers is not estimated


@dataclass(frozen=True)
class Level:
    """A way to group firm-events: its name, and key and members (indices, measured or not) of each group."""

    name: str
    keys: tuple[str, ...]
    members: tuple[IntArray, ...]


@dataclass(frozen=True)
class Group:
    """One group of a level, for the tests of one date.

    Attributes
    ----------
    level, key, events
        The group, and its members as indices, measured or not.
    shared
        Whether its measured members share one date.
    system
        Their regression system, where they share one date and enough sessions.
    """

    level: str
    key: str
    events: IntArray
    shared: bool
    system: OneDate | None


def all_levels(firm_events: FirmEvents, by: Sequence[str]) -> Iterator[Level]:
    """Yield the level of all firm-events, then those by event, ticker, kind and further columns.

    A group of one firm-event is left out: the tests of the firm-event cover it.

    Raises
    ------
    UnknownNameError
        A column that the event list does not have.
    """
    yield Level("all", ("all",), (np.arange(len(firm_events)),))
    columns = {"event": "event_id", "ticker": "ticker", "kind": "kind"}
    columns |= {name: name for name in by if name not in columns}
    for name, column in columns.items():
        keys, first, code = np.unique(
            firm_events.labels(column).astype(str), return_index=True, return_inverse=True
        )
        members = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
        listed = [place for place in np.argsort(first) if keys[place] and len(members[place]) > 1]
        if listed:
            yield Level(name, tuple(str(keys[place]) for place in listed), tuple(members[p] for p in listed))


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
    """

    spec: Specification
    estimates: Estimates
    position: IntArray
    day0: IntArray
    ticker: IntArray

    @classmethod
    def of(cls, spec: Specification, estimates: Estimates) -> StudyInCalendarTime:
        """Return a study with its dates and securities numbered."""
        panel = spec.panel
        _, position = np.unique(panel.matrix.dates, return_inverse=True)
        day0 = position[np.clip(panel.day0, 0, len(position) - 1)]
        return cls(spec, estimates, position, day0, panel.security)

    def positions(self, events: IntArray, window: Window) -> IntArray:
        """Return the calendar position of each session of a window, (n, L); negative off the axis."""
        rows, exists = self.spec.panel.rows(events, window)
        return np.where(exists, self.position[rows], -1 - np.arange(window.length))

    def levels(self) -> Iterator[Level]:
        """Yield every level of grouping of the design."""
        return all_levels(self.spec.panel.firm_events, self.spec.design.by)

    def groups(self, level: Level) -> Iterator[Group]:
        """Yield the groups of a level; each regression system is built when it is needed."""
        for key, members in zip(level.keys, level.members, strict=True):
            events = self._measured(members)
            shared = len(np.unique(self.day0[events])) == 1
            yield Group(level.name, key, members, shared, self.one_date(events) if shared else None)

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
        )

    def cross_section(self, level: Level) -> CrossSection:
        """Return the measured firm-events of a level's groups as a sample for the cross-sectional tests."""
        estimates, design = self.estimates, self.spec.design
        members = [self._measured(events) for events in level.members]
        events = np.concatenate([np.empty(0, dtype=np.int64), *members])
        car = estimates.car[events]
        return CrossSection(
            group=np.repeat(np.arange(len(members)), [len(each) for each in members]),
            groups=len(members),
            windows=estimates.windows,
            car=car,
            scar=car / estimates.car_se[events],
            bhar=estimates.bhar[events],
            df=estimates.abnormal.df[events],
            ticker=self.ticker[events],
            date=self.day0[events],
            alternative=design.alternative,
            seed=design.seed,
            history=self.history,
            events=events,
            correlation=lambda: np.stack([self._mean_correlation(each) for each in members]),
            calendar_time=lambda: self._in_calendar_time(events),
        )

    def _measured(self, events: IntArray) -> IntArray:
        return events[self.estimates.ok[events]]

    def _mean_correlation(self, events: IntArray) -> FloatArray:
        """Return ``r-bar`` of some firm-events in each window, shape (W,)."""
        estimates, design = self.estimates, self.spec.design
        _, first, date = np.unique(self.spec.panel.day0[events], return_index=True, return_inverse=True)
        return mean_correlation(
            estimates.abnormal.residuals[events],
            date,
            self.positions(events[first], design.estimation_window),
            self.positions(events[first], design.window),
            np.isfinite(estimates.car[events]),
            estimates.windows,
            design.window[0],
        )

    def _in_calendar_time(self, events: IntArray) -> InCalendarTime:
        window = self.spec.design.window
        returns = sample(self.spec.panel, events, window, estimation=False)
        return InCalendarTime(self.positions(events, window), returns.y, returns.x)

    def once_per_ticker(self, events: IntArray) -> IntArray:
        """Return the first of each ticker's firm-events; on one date the others repeat it."""
        _, first = np.unique(self.ticker[events], return_index=True)
        return events[np.sort(first)]

    def one_date(self, events: IntArray) -> OneDate | None:
        """Return measured firm-events of one date as a regression system; None where it cannot be built.

        Of two events of a ticker the first is taken. The tickers must have the sessions of one exchange and
        share at least ``MIN_COMMON_SESSIONS`` usable estimation sessions.
        """
        spec, panel = self.spec, self.spec.panel
        events = self.once_per_ticker(events)
        if len(np.unique(panel.day0[events])) > 1:
            return None
        keep = np.asarray(np.isfinite(self.estimates.abnormal.residuals[events]).all(axis=0))
        if keep.sum() < MIN_COMMON_SESSIONS:
            return None
        fit, abnormal = fit_and_forecast(spec, events, keep)
        return OneDate(
            abnormal=abnormal,
            estimation_root=fit.estimation_root,
            sessions=np.flatnonzero(keep),
            windows=self.estimates.windows,
            alternative=spec.design.alternative,
            same_regressors=bool((panel.regressors[events] == panel.regressors[events[:1]]).all()),
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
