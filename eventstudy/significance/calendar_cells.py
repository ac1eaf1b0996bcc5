"""`Days`: sums by group and session of the calendar, from those by group and day 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.totals import CellTotals, counted, distinct


@dataclass(frozen=True)
class Days:
    """The D pairs of a group and a day 0 of n firm-events, and their values in the event window.

    Attributes
    ----------
    day
        Which pair each firm-event has, shape (n,).
    group, session
        Of each pair, shape (D,).
    there
        Which sessions of the event window have all q values, shape (n, L).
    values
        Shape (n, L, q), zero where not all are there.
    """

    day: IntArray
    group: IntArray
    session: IntArray
    there: BoolArray
    values: FloatArray

    @classmethod
    def of(cls, group: IntArray, session: IntArray, ret: FloatArray, regressors: FloatArray) -> Days:
        """Return the pairs of firm-events, whose values are the returns and then the regressors."""
        found, day = distinct(group, session)
        values = np.concatenate([ret[:, :, None], regressors], axis=2)
        there = np.isfinite(values).all(axis=2)
        return cls(day, found[:, 0], found[:, 1], there, np.where(there[:, :, None], values, 0.0))

    def totals(
        self, part: slice, position: IntArray, complete: BoolArray, listings: IntArray, latest: BoolArray
    ) -> CellTotals:
        """Return the firms on each session of the calendar, and the sums of their values.

        Parameters
        ----------
        part
            Which l sessions of the event window.
        position
            Sessions of the calendar of each day 0, negative where there is none, shape (sessions, l).
        complete
            Which firm-events count, shape (n,).
        listings, latest
            How often the firm is in its window on a session, at least 1, and whether this firm-event stands
            for the firm, shape (n, l).
        """
        days, order = len(self.group), self._order
        share = np.where(complete[:, None, None], self.values[:, part], 0.0)
        if (listings > 1).any():
            share /= listings[:, :, None]
        used = self.there[:, part] & complete[:, None]
        latest = used & latest
        if order is not None:
            share, used, latest = share[order], used[order], latest[order]
        sums = ExactSums.of(lambda some: [share[some]], self._day, days)
        of_days = position[self.session]
        taken, column = np.nonzero(counted(used, self._day, days) * (of_days >= 0))
        found, cell = distinct(self.group[taken], of_days[taken, column])
        by_cell = np.argsort(cell, kind="stable")
        taken, column, cell = taken[by_cell], column[by_cell], cell[by_cell]
        firms = counted(latest, self._day, days)[taken, column]
        of_cells = ExactSums(sums.limbs[:, taken, column], sums.lowest).at(cell, len(found))
        return CellTotals(found, counted(firms[:, None], cell, len(found)), (of_cells,))

    @cached_property
    def _order(self) -> IntArray | None:
        """The firm-events in the order of their pairs; None where they are."""
        return None if (np.diff(self.day) >= 0).all() else np.argsort(self.day, kind="stable")

    @cached_property
    def _day(self) -> IntArray:
        return self.day if self._order is None else self.day[self._order]
