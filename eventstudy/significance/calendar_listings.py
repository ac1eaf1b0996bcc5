"""`Listed`: which firms are in their windows on each session of the calendar, and their sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.exact_sums import BITS, LOWEST, ExactSums
from eventstudy.significance.calendar_cells import Days
from eventstudy.significance.pairing import begins
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.totals import CellTotals, distinct


@dataclass(frozen=True)
class Listed:
    """m firm-events, the n of a sample and its neighbours, by firm and by where their windows begin.

    Attributes
    ----------
    row
        Which row of the sample each is, n and above for a neighbour, shape (m,); of two that begin together
        the later row comes first.
    firm, session
        Code of group and security, ascending, and day 0 as in `Alignment`, shape (m,).
    again
        Whether two of a firm begin together.
    complete
        Which have a CAR in which window, shape (m, W).
    event
        As in `Alignment`.
    group, day0
        Of the rows of the sample, shape (n,): day 0 as ``session``.
    ret, regressors
        Of the sample in the event window, shapes (n, L) and (n, L, q).
    """

    row: IntArray
    firm: IntArray
    session: IntArray
    again: bool
    complete: BoolArray
    event: IntArray
    group: IntArray
    day0: IntArray
    ret: FloatArray
    regressors: FloatArray

    @classmethod
    def of(cls, sample: CrossSection) -> Listed:
        """Return the firm-events of a sample and its neighbours, with abnormal returns without regressors."""
        alignment, panel = sample.alignment(), sample.calendar_time()
        near = alignment.neighbours
        session = np.concatenate([alignment.session, near.session])
        complete = np.concatenate([np.isfinite(sample.car), near.complete])
        ticker = np.concatenate([sample.ticker, near.ticker])
        firm = np.concatenate([sample.group, near.group]) * (ticker.max(initial=0) + 1) + ticker
        begin = begins(alignment.event)[session]
        key = firm * (np.ptp(begin) + 1 if len(begin) else 1) + begin - begin.min(initial=0)
        row = len(key) - 1 - np.argsort(key[::-1], kind="stable")
        return cls(
            row=row,
            firm=firm[row],
            session=session[row],
            again=not np.diff(key[row]).all(),
            complete=complete[row],
            event=alignment.event,
            group=sample.group,
            day0=alignment.session,
            ret=panel.ret if panel.regressors.shape[2] else sample.history.ar[sample.events],
            regressors=panel.regressors,
        )

    def totals(self, parts: Sequence[slice]) -> Iterator[CellTotals]:
        """Yield of each window, a part of the event window, its firms and their sums by session."""
        return (self._compiled if worth_compiling(len(self.group)) else self._plain)(parts)

    def _plain(self, parts: Sequence[slice]) -> Iterator[CellTotals]:
        many = len(self.group)
        days = Days.of(self.group, self.day0, self.ret, self.regressors)
        for place, part in enumerate(parts):
            some = self.complete[:, place]
            row, own, position = self.row[some], self.row[some] < many, self.event[:, part]
            listings: IntArray = np.ones((many, position.shape[1]), dtype=np.int64)
            latest: BoolArray = np.ones(1, dtype=bool)
            if position.shape[1] > 1 or self.again:
                latest = np.zeros(listings.shape, dtype=bool)
                listings[row[own]], latest[row[own]] = _listings(
                    self.firm[some], self.session[some], position, own
                )
            complete = np.zeros(many, dtype=bool)
            complete[row[own]] = True
            yield days.totals(part, position, complete, np.maximum(listings, 1), latest)

    def _compiled(self, parts: Sequence[slice]) -> Iterator[CellTotals]:
        from eventstudy.numerics.compiled_calendar import add_listed, gather_values
        from eventstudy.numerics.compiled_sums import places_of

        own = self.row < len(self.group)
        place = np.where(own, np.cumsum(own) - 1, -1)
        values = np.empty((*self.ret.shape, 1 + self.regressors.shape[2]))
        gather_values(self.ret, self.regressors, self.row[own], values)
        low, high = places_of(values.reshape(len(values), -1), BITS, LOWEST)
        lowest = max(low - 1, LOWEST)  # a number over its listings has smaller bits
        units = 2.0 ** (BITS * np.arange(lowest, max(lowest, high), dtype=float))
        found, day = distinct(self.group, self.day0)
        on_axis = (positions := self.event[found[:, 1]]) >= 0
        of_day = np.broadcast_to(found[:, :1], positions.shape)
        cells, cell = distinct(of_day[on_axis], positions[on_axis])
        of_days = np.full(positions.shape, -1)
        of_days[on_axis] = cell
        day = day[self.row[own]]
        for window, part in enumerate(parts):
            position = self.event[:, part]
            first, last = _ends(position)
            used, firms = np.zeros(len(cells), dtype=bool), np.zeros(len(cells), dtype=np.int64)
            sums = np.zeros((len(units), len(cells), values.shape[2]), dtype=np.int64)
            add_listed(
                *(self.firm, self.session, place, self.complete[:, window], first, last, position),
                *(day, of_days[:, part], values[:, part], units, used, firms, sums),
            )
            some = np.flatnonzero(used)
            exact = ExactSums(sums[:, some], lowest).at(np.arange(len(some)), len(some))
            yield CellTotals(cells[some], firms[some, None], (exact,))


def _ends(position: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first and the last session of each row of positions, negative last for none, (D,)."""
    return (
        np.where(position >= 0, position, position.max(initial=0) + 1).min(axis=1),
        position.max(axis=1),
    )


def _listings(
    firm: IntArray, session: IntArray, position: IntArray, own: BoolArray
) -> tuple[IntArray, BoolArray]:
    """Return how often each firm is listed on each session, and which listing is that of the latest day 0.

    Parameters
    ----------
    firm, session
        Code of group and security, ascending, and day 0, ascending for each firm, shape (m,).
    position
        Sessions of the calendar of each day 0, negative where there is none, shape (D, L).
    own
        For which n of the rows it is asked, shape (m,).

    Returns
    -------
    tuple
        Shape (n, L); without meaning where there is no session.
    """
    many = position.max(initial=0) + 1
    first, last = _ends(position)
    row = np.flatnonzero(last[session] >= 0)
    base = firm * many
    asked = base[own, None] + position[session[own]]
    after = np.searchsorted((base + first[session])[row], asked, "right")
    before = np.searchsorted((base + last[session])[row], asked)
    place = np.full(len(firm), -1)
    place[row] = np.arange(len(row))
    return after - before, after - 1 == place[own, None]
