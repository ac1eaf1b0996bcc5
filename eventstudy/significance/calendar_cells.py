"""`Days`: sums by group and session of the calendar, from those by group and day 0."""

from __future__ import annotations

from dataclasses import dataclass

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
        self, rows: IntArray, part: slice, position: IntArray, listings: IntArray, latest: BoolArray
    ) -> CellTotals:
        """Return the firms on each session of the calendar, and the sums of their values.

        Parameters
        ----------
        rows
            Some m of the firm-events.
        part
            Which l sessions of the event window.
        position
            Sessions of the calendar of each day 0, negative where there is none, shape (sessions, l).
        listings, latest
            How often the firm of each of the m is in its window on a session, and whether this firm-event
            stands for the firm, shape (m, l).
        """
        order = np.argsort(self.day[rows], kind="stable")
        rows, days = rows[order], len(self.group)
        day, used, latest = self.day[rows], self.there[rows, part], latest[order]
        share = self.values[rows, part]
        if (listings > 1).any():
            share /= np.maximum(listings[order], 1)[:, :, None]
        sums = ExactSums.of(lambda some: [share[some]], day, days)
        of_days = position[self.session]
        taken, column = np.nonzero(counted(used, day, days) * (of_days >= 0))
        found, cell = distinct(self.group[taken], of_days[taken, column])
        order = np.argsort(cell, kind="stable")
        taken, column, cell = taken[order], column[order], cell[order]
        firms = counted(used & latest, day, days)[taken, column]
        of_cells = ExactSums(sums.limbs[:, taken, column], sums.lowest).at(cell, len(found))
        return CellTotals(found, counted(firms[:, None], cell, len(found)), (of_cells,))
