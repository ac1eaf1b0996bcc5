"""`Listed`: which firms are in their windows on each session of the calendar, and their sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.exact_sums import BITS, LOWEST, ExactSums
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance.calendar_cells import Days
from eventstudy.significance.pairing import begins
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.totals import CellTotals, distinct

TOGETHER = 32  #: windows of one session that are summed at once: bounds the memory


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
        Which have a CAR in which window, shape (m, W), the rows of the sample first.
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
            complete=complete,
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
            complete, position = self.complete[:, place], self.event[:, part]
            some = complete[self.row]
            row, own = self.row[some], self.row[some] < many
            listings: IntArray = np.ones((many, position.shape[1]), dtype=np.int64)
            latest: BoolArray = np.ones(1, dtype=bool)
            if position.shape[1] > 1 or self.again:
                latest = np.zeros(listings.shape, dtype=bool)
                listings[row[own]], latest[row[own]] = _listings(
                    self.firm[some], self.session[some], position, own
                )
            yield days.totals(part, position, complete[:many], np.maximum(listings, 1), latest)

    def _compiled(self, parts: Sequence[slice]) -> Iterator[CellTotals]:
        from eventstudy.numerics.compiled_calendar import gather_values
        from eventstudy.numerics.compiled_sums import places_of

        values = np.empty((*self.ret.shape, 1 + self.regressors.shape[2]))
        gather_values(self.ret, self.regressors, self.row[self.row < len(self.group)], values)
        low, high = places_of(values.reshape(len(values), -1), BITS, LOWEST)
        lowest = max(low - 1, LOWEST)  # a number over its listings has smaller bits
        units = 2.0 ** (BITS * np.arange(max(lowest, high) - 1, lowest - 1, -1, dtype=float))
        cells, day, of_days = _cells(self.group, self.day0, self.event)
        once = [window for window, part in enumerate(parts) if part.stop - part.start == 1 and not self.again]
        alone = dict(self._alone(once, [parts[window].start for window in once], day, of_days, units))
        for window, part in enumerate(parts):
            if window in alone:
                some, firms, limbs = alone[window]
            else:
                used, firms, limbs = self._listed(window, part, values, day, of_days, len(cells), units)
                some = np.flatnonzero(used)
                firms, limbs = firms[some], limbs[some]
            sums = ExactSums(limbs[:, :, ::-1].transpose(2, 0, 1), lowest).at(np.arange(len(some)), len(some))
            yield CellTotals(cells[some], firms[:, None], (sums,))

    def _listed(
        self,
        window: int,
        part: slice,
        values: FloatArray,
        day: IntArray,
        of_days: IntArray,
        cells: int,
        units: FloatArray,
    ) -> tuple[BoolArray, IntArray, IntArray]:
        """Return which cells a window has, and their firms and limbs; values are in the order of ``row``."""
        from eventstudy.numerics.compiled_calendar import add_listed

        own, position = self.row < len(self.group), np.ascontiguousarray(self.event[:, part])
        place = np.where(own, np.cumsum(own) - 1, -1)
        used, firms = np.zeros(cells, dtype=bool), np.zeros(cells, dtype=np.int64)
        limbs = np.zeros((cells, values.shape[2], len(units)), dtype=np.int64)
        add_listed(
            *(self.firm, self.session, place, self.complete[self.row, window], *_ends(position), position),
            *(day[self.row[own]], of_days, values, part.start, units, used, firms, limbs),
        )
        return used, firms, limbs

    def _alone(
        self,
        windows: Sequence[int],
        sessions: Sequence[int],
        day: IntArray,
        of_days: IntArray,
        units: FloatArray,
    ) -> Iterator[tuple[int, tuple[IntArray, IntArray, IntArray]]]:
        """Yield windows of one session, on which no firm is listed twice: their cells, firms and limbs."""
        from eventstudy.numerics.compiled_calendar import add_once

        for start in range(0, len(windows), TOGETHER):
            batch, at = (each[start : start + TOGETHER] for each in (windows, sessions))
            firms = np.zeros((len(batch), len(of_days)), dtype=np.int64)
            sums = np.zeros((*firms.shape, 1 + self.regressors.shape[2], len(units)), dtype=np.int64)
            complete = self.complete[: len(day), batch]
            flat = sums.reshape(-1, *sums.shape[2:])
            add_once(day, np.array(at), complete, self.ret, self.regressors, units, firms, flat)
            for window, session, counts, limbs in zip(batch, at, firms, sums, strict=True):
                code = of_days[:, session]
                some = np.flatnonzero((counts > 0) & (code >= 0))
                some = some[np.argsort(code[some], kind="stable")]
                starts = np.flatnonzero(np.diff(code[some], prepend=-1))
                of_firms, of_limbs = (sum_runs(each[some], starts, len(some)) for each in (counts, limbs))
                yield window, (code[some][starts], of_firms, of_limbs)


def _cells(group: IntArray, day0: IntArray, event: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return pairs of a group and a session, and where firm-events meet them.

    Returns
    -------
    tuple
        The pairs, in order, shape (C, 2); which of D pairs of a group and a day 0 each firm-event has, (n,);
        which of the C pairs these have on each session of the event window, -1 off the axis, (D, L).
    """
    found, day = distinct(group, day0)
    positions = event[found[:, 1]]
    on_axis, of_days = positions >= 0, np.full(positions.shape, -1)
    cells, of_days[on_axis] = distinct(
        np.broadcast_to(found[:, :1], positions.shape)[on_axis], positions[on_axis]
    )
    return cells, day, of_days


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
