"""How many dates, securities and firm-events are behind a test, and the means of dates; from sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.design import Window
from eventstudy.significance.history import History
from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours, totals
from eventstudy.significance.sums import Summed
from eventstudy.significance.totals import CellTotals, cell_totals, counted, over_groups


@dataclass(frozen=True)
class Observations:
    """The complete firm-events of each date and security.

    Attributes
    ----------
    by_date
        Count and sum of the CARs of each day-0 session.
    by_firm
        Count of the CARs of each security.
    n, n_listed
        Complete firm-events, and those of one firm-day counted each, shape (G, W).
    """

    by_date: CellTotals
    by_firm: CellTotals
    n: IntArray
    n_listed: IntArray

    def __add__(self, other: Observations) -> Observations:
        """Return those of both shards."""
        return Observations(
            self.by_date + other.by_date,
            self.by_firm + other.by_firm,
            self.n + other.n,
            self.n_listed + other.n_listed,
        )

    def of_all_groups(self) -> Observations:
        """Return those of all groups as those of one."""
        return Observations(
            self.by_date.of_all_groups(),
            self.by_firm.of_all_groups(),
            over_groups(self.n),
            over_groups(self.n_listed),
        )

    @cached_property
    def n_dates(self) -> IntArray:
        """Distinct day-0 sessions of the complete firm-events, shape (G, W)."""
        return self._cells(self.by_date)

    @cached_property
    def n_firms(self) -> IntArray:
        """Distinct securities of the complete firm-events, shape (G, W)."""
        return self._cells(self.by_firm)

    def _cells(self, of: CellTotals) -> IntArray:
        return np.asarray(totals((of.size > 0).astype(np.int64), of.group, len(self.n)))

    def overlapping(self, windows: tuple[Window, ...]) -> BoolArray:
        """Return whether windows of different dates share calendar sessions, shape (G, W)."""
        if windows not in self._overlapping:
            self._overlapping[windows] = self._overlaps(windows)
        return self._overlapping[windows]

    @cached_property
    def _overlapping(self) -> dict[tuple[Window, ...], BoolArray]:
        return {}

    def _overlaps(self, windows: tuple[Window, ...]) -> BoolArray:
        overlapping = np.zeros(self.n.shape, dtype=bool)
        for place, window in enumerate(windows):
            group, date = self.by_date.cells[self.by_date.size[:, place] > 0].T
            close = (np.diff(group) == 0) & (np.diff(date) < window.length)
            overlapping[group[1:][close], place] = True
        return overlapping


def observations(sample: CrossSection) -> Observations:
    """Take the numbers of dates, securities and firm-events."""
    there = np.isfinite(sample.car)
    listed = np.where(there, sample.listings[:, None], 0)
    return Observations(
        by_date=cell_totals(
            *(sample.group, sample.date, there),
            lambda rows: [np.where(there[rows], sample.car[rows], 0.0)],
        ),
        by_firm=cell_totals(sample.group, sample.ticker, there),
        n=counted(there, sample.group, sample.groups),
        n_listed=totals(listed, sample.group, sample.groups),
    )


def over_dates(sample: Summed) -> CrossSection:
    """Return a sample whose observations are the date means: firms of one date may move together."""
    by_date = sample.sums(observations).by_date
    with np.errstate(invalid="ignore", divide="ignore"):
        means = by_date.total / by_date.size
    dates, width = by_date.cells[:, 1], len(sample.windows)
    nothing, day = np.full((len(dates), 0), np.nan), Window(0, 0)
    unknown, no_session = np.full(means.shape, np.nan), np.empty((len(dates), 0), dtype=np.int64)
    return CrossSection(
        group=by_date.group,
        groups=sample.groups,
        windows=sample.windows,
        car=means,
        scar=unknown,
        bhar=unknown,
        df=np.full(len(dates), np.nan),
        ticker=dates,
        date=dates,
        listings=np.ones(len(dates), dtype=np.int64),
        alternative=sample.alternative,
        seed=sample.seed,
        history=History(day, day, nothing, nothing, nothing),
        events=np.arange(len(dates)),
        alignment=lambda: Alignment(np.arange(len(dates)), no_session, no_session, Neighbours.none(width)),
        calendar_time=lambda: InCalendarTime(nothing, np.empty((len(dates), 0, 0))),
    )


def by_measure(sample: CrossSection) -> dict[str, CrossSection]:
    """Return the sample of the CARs, and that of the BHARs: over one session the BHAR is the CAR."""
    longer = np.flatnonzero([window.length > 1 for window in sample.windows])
    return {"CAR": sample, "BHAR": sample.testing(sample.bhar).only(longer)}
