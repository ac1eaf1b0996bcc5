"""`CrossSection`: the firm-events of many groups, the input of the cross-sectional tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance.history import History, Past
from eventstudy.significance.totals import powers

T = TypeVar("T")
GROUPS = 64  #: groups whose sessions are summed at once
CHUNK = 2_048  #: firm-events whose histories are summed at once: bounds the memory


class InCalendarTime(NamedTuple):
    """The returns of n firm-events in their event windows, which `Alignment` places on the calendar.

    Attributes
    ----------
    ret
        Return, over the risk-free one where the model works in excess returns, decimal, shape (n, L); NaN =
        missing.
    regressors
        Of the normal-return model without the constant, shape (n, L, q).
    """

    ret: FloatArray
    regressors: FloatArray


class Neighbours(NamedTuple):
    """h firm-events of other shards that may have calendar sessions in common with those of a sample.

    Attributes
    ----------
    group, ticker, events
        As in `CrossSection`, shape (h,); ``events`` are rows of ``around``.
    session
        As in `Alignment`, shape (h,).
    complete
        Which have a CAR in which window, shape (h, W).
    """

    group: IntArray
    ticker: IntArray
    events: IntArray
    session: IntArray
    complete: BoolArray

    def of(self, rows: Any) -> Neighbours:
        """Return some of them."""
        return Neighbours(*(each[rows] for each in self))

    @classmethod
    def none(cls, windows: int) -> Neighbours:
        """Return those of a whole sample."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing, nothing, np.empty((0, windows), dtype=bool))


class Alignment(NamedTuple):
    """Where the windows of n firm-events and of their neighbours lie on the calendar.

    Attributes
    ----------
    session
        Which of D sessions, each of one exchange, is the day 0 of each firm-event, shape (n,).
    estimation, event
        Calendar position of each session of the estimation window, shape (D, L1), and of the event window,
        shape (D, L); negative where there is none.
    neighbours
        None are missing whose windows overlap those of the n.
    """

    session: IntArray
    estimation: IntArray
    event: IntArray
    neighbours: Neighbours


@dataclass(frozen=True)
class CrossSection:
    """n firm-events of G groups over W windows; every test works on all groups at once.

    Rows are sorted by group; a group may be empty. A firm-day, a ticker and a day 0, is in a group once.

    Attributes
    ----------
    group
        Code of each row's group, ascending, shape (n,).
    groups
        How many there are, G.
    windows
        The W windows.
    car, scar, bhar
        Shape (n, W), decimal, standardised and decimal; NaN where the firm-event is not complete in the
        window.
    df
        Degrees of freedom of each firm-event's residual variance, shape (n,).
    ticker, date
        Codes of the security and of the day-0 session, shape (n,).
    listings
        How many firm-events of the group are that firm-day, shape (n,).
    alternative, seed
        Of every p-value, and of everything drawn.
    history
        Abnormal returns of all firm-events session by session; ``events`` are the rows of it that this
        sample contains, shape (n,).
    alignment
        Returns where the windows lie on the calendar; called when first needed.
    calendar_time
        Returns the returns of the event windows; called when first needed.
    winsorised
        How many CARs and BHARs of each group were pulled in to a quantile, shape (2, G, W); None where the
        design does not winsorise.
    weights
        Of each firm-event in a weighted mean, shape (n,); None where the design names none.
    around
        Returns the past of these and then of all that may be neighbours; None: ``history`` has it.
    by_session
        Whether firm-events are so many that they are correlated by session, and not pair by pair.
    """

    group: IntArray
    groups: int
    windows: tuple[Window, ...]
    car: FloatArray
    scar: FloatArray
    bhar: FloatArray
    df: FloatArray
    ticker: IntArray
    date: IntArray
    listings: IntArray
    alternative: Alternative
    seed: int
    history: History
    events: IntArray
    alignment: Callable[[], Alignment]
    calendar_time: Callable[[], InCalendarTime]
    winsorised: IntArray | None = None
    weights: FloatArray | None = None
    around: Callable[[], Past] | None = None
    by_session: bool = False

    @property
    def past(self) -> Past | History:
        """The estimation sessions of all firm-events and neighbours, to whose rows ``events`` refer."""
        return self.history if self.around is None else self.around()

    @property
    def weight(self) -> FloatArray:
        """Weight of each firm-event, shape (n,): equal ones where the design names none."""
        return np.ones(len(self.group)) if self.weights is None else self.weights

    @cached_property
    def n(self) -> IntArray:
        """Complete firm-events, shape (G, W)."""
        return np.asarray(self.total(np.isfinite(self.car).astype(np.int64)))

    @property
    def weighted(self) -> bool:
        """Whether the design names weights."""
        return self.weights is not None

    @property
    def autocorrelated(self) -> bool:
        """Whether neighbouring sessions depend on each other."""
        return self.history.autocorrelated

    def sums(self, kind: Callable[[CrossSection], T]) -> T:
        """Return the sums of one kind over the firm-events of the sample, taken when first asked for."""
        taken = self._sums
        if kind not in taken:
            taken[kind] = kind(self)
        found: T = taken[kind]
        return found

    def given(self, kinds: Mapping[Any, Any]) -> CrossSection:
        """Return the sample as a shard of a study whose sums of some kinds are known, for a second pass."""
        known = replace(self)
        known._sums.update(kinds)
        return known

    def in_blocks(self, kind: Callable[[CrossSection], T]) -> Iterator[T]:
        """Yield the sums of one kind over some groups after the other: those of sessions bound the memory."""
        for first in range(0, max(self.groups, 1), GROUPS):
            groups = min(GROUPS, self.groups - first)
            rows = slice(*np.searchsorted(self.group, [first, first + groups]))
            block = self.of_rows(rows)
            alignment = partial(_in_block, block, first, groups)
            yield kind(replace(block, group=block.group - first, groups=groups, alignment=alignment))

    @cached_property
    def _sums(self) -> dict[Any, Any]:
        return {}

    def of_rows(self, rows: slice | IntArray) -> CrossSection:
        """Return some firm-events in their order, as a sample with all groups; the others are neighbours."""
        names = ("group", "car", "scar", "bhar", "df", "ticker", "date", "listings", "events")

        def calendar_time() -> InCalendarTime:
            whole = self.calendar_time()
            return InCalendarTime(whole.ret[rows], whole.regressors[rows])

        def alignment() -> Alignment:
            whole = self.alignment()
            other = np.ones(len(self.group), dtype=bool)
            other[rows] = False
            others = self.group, self.ticker, self.events, whole.session, np.isfinite(self.car)
            parts = zip(Neighbours(*others).of(other), whole.neighbours, strict=True)
            near = Neighbours(*(np.concatenate(pair) for pair in parts))
            return whole._replace(session=whole.session[rows], neighbours=near)

        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in names},
            weights=None if self.weights is None else self.weights[rows],
            alignment=alignment,
            calendar_time=calendar_time,
        )

    def total(self, values: Any) -> Any:
        """Return the sum of ``values``, shape (n, ...), over each group: shape (G, ...)."""
        return totals(values, self.group, self.groups)

    def total_of(self, values: Callable[[slice], Any]) -> IntArray:
        """Return the sum over each group of ``values(rows)``, computed for a chunk of rows at a time.

        Parameters
        ----------
        values
            Returns whole numbers of shape (rows, ...) for a slice of the sample's rows.
        """
        sums = np.zeros((self.groups, *values(slice(0, 0)).shape[1:]), dtype=np.int64)
        for start in range(0, len(self.group), CHUNK):
            rows = slice(start, start + CHUNK)
            starts = np.flatnonzero(np.diff(self.group[rows], prepend=-1))
            sums[self.group[rows][starts]] += sum_runs(values(rows), starts, len(self.group))
        return sums

    def testing(self, values: FloatArray) -> CrossSection:
        """Return the sample with other values, shape (n, W), instead of the CARs."""
        return replace(self, car=values, scar=np.full(values.shape, np.nan))

    def only(self, places: IntArray) -> CrossSection:
        """Return the sample with some of its windows, by their places."""
        return replace(
            self,
            windows=tuple(self.windows[place] for place in places),
            **{name: getattr(self, name)[:, places] for name in ("car", "scar", "bhar")},
            alignment=partial(_in_windows, self.alignment, places),
            winsorised=None if self.winsorised is None else self.winsorised[..., places],
        )


def _in_block(block: CrossSection, first: int, groups: int) -> Alignment:
    """Return the alignment of some groups, numbered anew, and of their neighbours."""
    whole = block.alignment()
    group = whole.neighbours.group - first
    near = whole.neighbours._replace(group=group).of((group >= 0) & (group < groups))
    return whole._replace(neighbours=near)


def _in_windows(alignment: Callable[[], Alignment], places: IntArray) -> Alignment:
    whole = alignment()
    near = whole.neighbours
    return whole._replace(neighbours=near._replace(complete=near.complete[:, places]))


def totals(values: Any, group: IntArray, groups: int) -> Any:
    """Return the sum of the rows of ``values`` over each of the ascending codes ``group``, (groups, ...)."""
    sums = np.zeros((groups, *values.shape[1:]), dtype=values.dtype)
    add_totals(sums, values, group)
    return sums


def add_totals(sums: Any, values: Any, group: IntArray) -> None:
    """Add the sum of the rows of ``values`` over each of the ascending codes ``group`` to ``sums``."""
    if len(group):
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        sums[group[starts]] += np.add.reduceat(values, starts, axis=0)


def cells(*codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct combinations of some codes, in order, and which one each row has."""
    found, cell = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    return found, cell.ravel()


def moments(sample: CrossSection, values: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return mean, standard deviation (ddof 1) and count of the finite values of each group, (G, W)."""
    return powers(values, sample.group, sample.groups).moments()
