"""Which firm-events belong together: all, per event, per ticker, per kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.firm_events import FirmEvents
from eventstudy.measure import Measured, Setting, estimate
from eventstudy.significance.dependence import mean_correlation
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.sample import CrossSection

MIN_COMMON_SESSIONS = 30  #: fewer sessions common to the tickers of one date say nothing of their correlation


@dataclass(frozen=True)
class Group:
    """The firm-events that share a level and a key, measured or not, as indices."""

    level: str
    key: str
    events: IntArray


def all_groups(firm_events: FirmEvents) -> Iterator[Group]:
    """Yield the group of all firm-events, then those per event, ticker and kind that hold at least two.

    A group of one firm-event has no test of its own: its tests are those of the firm-event.
    """
    yield Group("all", "all", np.arange(len(firm_events)))
    for level, labels in (
        ("event", firm_events.event_id),
        ("ticker", firm_events.ticker),
        ("kind", firm_events.kind),
    ):
        keys, first, code = np.unique(labels.astype(str), return_index=True, return_inverse=True)
        members = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
        for place in np.argsort(first):
            if keys[place] and len(members[place]) > 1:
                yield Group(level, str(keys[place]), members[place])


@dataclass(frozen=True)
class Examined:
    """A group as the tests see it.

    Attributes
    ----------
    sample
        Its measured firm-events as a cross-section.
    system
        The same as a regression system, where they share one date and enough sessions.
    shared
        Whether they share one date.
    """

    group: Group
    sample: CrossSection
    system: OneDate | None
    shared: bool


@dataclass(frozen=True)
class Calendar:
    """Where firm-events stand on the one calendar of all exchanges, in positions of distinct dates.

    Attributes
    ----------
    day0
        Position of day 0, shape (N,).
    ticker
        Code of the security, shape (N,).
    """

    setting: Setting
    measured: Measured
    position: IntArray
    day0: IntArray
    ticker: IntArray

    @classmethod
    def of(cls, setting: Setting, measured: Measured) -> Calendar:
        """Return the calendar of a run: its dates and securities numbered."""
        panel = setting.panel
        _, position = np.unique(panel.matrix.dates, return_inverse=True)
        day0 = position[np.clip(panel.day0, 0, len(position) - 1)]
        return cls(setting, measured, position, day0, panel.security)

    def positions(self, events: IntArray, window: Window) -> IntArray:
        """Return the calendar position of each session of a window, (n, L); negatives off the axis."""
        rows, exists = self.setting.panel.rows(events, window)
        return np.where(exists, self.position[rows], -1 - np.arange(window.length))

    def examine(self) -> Iterator[Examined]:
        """Yield every group with its samples: each is built once, for all that look at it."""
        for group in all_groups(self.setting.panel.firm_events):
            sample = self.cross_section(group)
            shared = len(np.unique(sample.date)) == 1
            yield Examined(group, sample, self.one_date(group) if shared else None, shared)

    def cross_section(self, group: Group) -> CrossSection:
        """Return a group's measured firm-events as the cross-sectional tests see them."""
        measured, design = self.measured, self.setting.design
        events = group.events[measured.ok[group.events]]
        car = measured.car[events]

        def correlation() -> FloatArray:
            _, first, date = np.unique(
                self.setting.panel.day0[events], return_index=True, return_inverse=True
            )
            return mean_correlation(
                measured.abnormal.residuals[events],
                date,
                self.positions(events[first], Window(*design.estimation)),
                self.positions(events[first], Window(*design.window)),
                np.isfinite(car),
                measured.windows,
                design.window[0],
            )

        return CrossSection(
            car=car,
            scar=car / measured.car_se[events],
            df=measured.abnormal.df[events],
            ticker=self.ticker[events],
            date=self.day0[events],
            alternative=design.alternative,
            correlation=correlation,
        )

    def once_per_ticker(self, events: IntArray) -> IntArray:
        """Return the first of each ticker's firm-events: on one date the others repeat it."""
        _, first = np.unique(self.ticker[events], return_index=True)
        return events[np.sort(first)]

    def one_date(self, group: Group) -> OneDate | None:
        """Return a group whose firm-events share one date as a regression system; None where they do not.

        Two events of one ticker on the date are one. The tickers must trade on one exchange's sessions, and
        share at least ``MIN_COMMON_SESSIONS`` usable estimation sessions.
        """
        setting, panel = self.setting, self.setting.panel
        events = self.once_per_ticker(group.events[self.measured.ok[group.events]])
        if not events.size or len(np.unique(panel.day0[events])) > 1:
            return None
        keep = np.asarray(np.isfinite(self.measured.abnormal.residuals[events]).all(axis=0))
        if keep.sum() < MIN_COMMON_SESSIONS:
            return None
        fit, abnormal = estimate(setting, events, keep)
        return OneDate(
            abnormal=abnormal,
            estimation_root=fit.estimation_root,
            sessions=np.flatnonzero(keep),
            windows=self.measured.windows,
            alternative=setting.design.alternative,
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
        sums, present = (
            np.zeros((codes.max(initial=0) + 1, len(n))),
            np.zeros((codes.max(initial=0) + 1, len(n))),
        )
        np.add.at(sums, codes, np.where(there, values - mean, 0.0))
        np.add.at(present, codes, there)
        dates = (present > 0).sum(axis=0)
        correction = np.where(dates > 1, dates / (dates - 1), np.nan)
        return mean, np.sqrt((sums**2).sum(axis=0) * correction) / n, n, dates
