"""`GridStudy`: firm-events on a grid of returns, and its shards, each with the part of the grid it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventstudy._typing import ByteArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design
from eventstudy.engine.grid_design import affordable_tests, grid_model, grid_tests, refuse_firm_events
from eventstudy.engine.grid_estimation import EventTime, Grid, is_compiled
from eventstudy.engine.grid_levels import GridLevel, level_of, level_of_all
from eventstudy.engine.listed_events import ListedEvents
from eventstudy.engine.shards import cut_at_dates
from eventstudy.models import NormalReturnModel
from eventstudy.models.estimation import all_windows
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.left_out import LISTED, MASK_REACH
from eventstudy.significance import SignificanceTest
from eventstudy.significance.calendar_time import portfolios
from eventstudy.significance.mean_correlation import MOST_PAIRED, correlated_pairs

#: Sums that need the firm-events of other shards, and that the sums of groups do not add up to.
NEIGHBOURING = frozenset({correlated_pairs, portfolios})
MOST_BY_TICKER = 500  #: firm-events up to which each ticker is a group of its own without being asked for
MANY = 64  #: groups from which on a level is computed some groups after the other, and not from sums
FIRM_EVENTS = 20_000  #: of the groups of one shard, but for one group of more


@dataclass(frozen=True)
class GridStudy:
    """Firm-events as whole numbers on a grid of returns, and what is requested of them.

    Attributes
    ----------
    security, day0
        Row and column of the grid, shape (N,). A security and a day 0 occur once together.
    design
        Its model, windows, tests and options.
    levels
        The levels of grouping.
    compiled
        Whether the compiled kernel estimates all shards.
    risk_free
        Return of each session, shape (T,); zeros for a model that does not use it.
    weights
        Of each firm-event in a weighted mean, shape (N,); None where the design names none.
    by_session
        As in `CrossSection`.
    left_out
        What is not computed unless asked, and how to ask, in sentences.
    listed
        All events around which masks lie, where the firm-events are a part of them.
    """

    grid: Grid
    security: IntArray
    day0: IntArray
    design: Design
    levels: tuple[GridLevel, ...]
    compiled: bool
    risk_free: FloatArray
    weights: FloatArray | None = None
    by_session: bool = False
    left_out: tuple[str, ...] = ()
    listed: ListedEvents | None = None

    @classmethod
    def of(
        cls,
        grid: Grid,
        security: IntArray,
        day0: IntArray,
        design: Design,
        *,
        tickers: TextArray,
        groupings: Mapping[str, TextArray] | None = None,
        by_ticker: bool | None = None,
        weights: FloatArray | None = None,
        risk_free: FloatArray | None = None,
        compiled: bool | None = None,
    ) -> GridStudy:
        """Return a study with the levels of all firm-events, of each ticker and of further groupings.

        As in any study a group of one firm-event is left out.

        Parameters
        ----------
        grid
            Its regressors are those of the design's model, as it takes them: the benchmark or the factors, of
            ``capm`` the benchmark less the risk-free return, none of ``mean``.
        tickers
            Name of each row of the grid, shape (S,).
        groupings
            Level by name: the group of each firm-event, shape (N,); ``""`` for none.
        by_ticker
            Whether each ticker is a group. None: up to ``MOST_BY_TICKER`` firm-events; above that
            ``left_out`` says so.
        weights
            Where the design names ``weights``: of each firm-event, shape (N,); NaN = none.
        risk_free
            Where the model is one of returns over the risk-free return: that of each session, shape (T,).
        compiled
            As in `estimate_on_grid`.

        Raises
        ------
        UsageError
            A field of the design or a model that a study on a grid does not follow, regressors, weights or
            risk-free returns that do not fit it, a firm-event listed twice, or Numba is asked for and not
            installed.
        """
        model = grid_model(design, grid, risk_free)
        refuse_firm_events(design, security, day0, weights)
        few = len(security) <= MOST_BY_TICKER
        named = {"ticker": tickers[security]} if by_ticker or (by_ticker is None and few) else {}
        further = [level_of(name, labels) for name, labels in {**named, **(groupings or {})}.items()]
        levels = (level_of_all(len(security)), *further)
        left_out = []
        if not (named or by_ticker is False):
            text = "groups of one ticker are computed up to {} firm-events, or with by_ticker=True"
            left_out.append(text.format(MOST_BY_TICKER))
        tests, costly = affordable_tests(design, len(security))
        if costly:
            design = design.replace(tests=[test.name for test in tests])
            names = ", ".join(test.name for test in costly)
            left_out.append(f"{names}: of so many firm-events computed where the design's tests name them")
        return cls(
            *(grid, security, day0, design),
            levels=tuple(level for level in levels if level.keys),
            compiled=model.estimate is estimate_ols and is_compiled(len(security), compiled),
            risk_free=np.zeros(grid.returns.shape[1]) if risk_free is None else risk_free,
            weights=weights,
            by_session=len(security) > MOST_PAIRED,
            left_out=tuple(left_out),
        )

    @property
    def model(self) -> NormalReturnModel:
        """The normal-return model."""
        return grid_model(self.design, self.grid, self.risk_free)

    @property
    def tests(self) -> list[SignificanceTest]:
        """The tests across firm-events that the design asks for."""
        return grid_tests(self.design)

    @property
    def time(self) -> EventTime:
        """Estimation window, event window, and the CAR windows before single sessions."""
        return EventTime(self.design.estimation_window, self.design.window, all_windows(self.design))

    @property
    def reach(self) -> int:
        """How many sessions away a firm-event may be that a test looks at together with another."""
        needed = any(not NEIGHBOURING.isdisjoint(test.sums) for test in self.tests)
        return max(window.length for window in self.time.windows) - 1 if needed else -1

    @property
    def summed(self) -> GridStudy:
        """The study with the levels of up to ``MANY`` groups, which are computed from sums over shards."""
        further = [level for level in self.levels[1:] if len(level.keys) <= MANY]
        return replace(self, levels=(level_of_all(len(self.day0), further), *further))

    def between(self, first: int, last: int) -> IntArray:
        """Return the rows of the firm-events whose day 0 is from ``first`` to ``last``, in order of day 0."""
        order, day0 = self._by_date
        return order[slice(*np.searchsorted(day0, [first, last + 1]))]

    @cached_property
    def _by_date(self) -> tuple[IntArray, IntArray]:
        order = np.argsort(self.day0, kind="stable")
        return order, self.day0[order]

    def shards(self, most: int, *, alone: bool = False) -> Iterator[GridShard]:
        """Yield the firm-events in the order of day 0, cut at dates, about ``most`` at a time.

        With ``alone`` they have no neighbours, which no sum of a second pass needs.
        """
        for rows in cut_at_dates(self.day0, most):
            yield GridShard.of(self, rows, alone=alone)

    def group_shards(self, level: GridLevel) -> Iterator[GridShard]:
        """Yield whole groups of a level in their order, up to ``MANY``; the cuts depend on nothing else."""
        size = np.bincount(level.group[level.group >= 0], minlength=len(level.keys))
        part = (np.cumsum(size) - size) // FIRM_EVENTS * len(size) + np.arange(len(size)) // MANY
        for groups in np.split(np.arange(len(size)), np.flatnonzero(np.diff(part)) + 1):
            rows = np.flatnonzero((level.group >= groups[0]) & (level.group <= groups[-1]))
            own = level.of(rows)
            keys = level.keys[groups[0] : groups[-1] + 1]
            some = GridLevel(level.name, keys, own.group - groups[0])
            yield GridShard.cut(self, rows, len(rows), (some,))


@dataclass(frozen=True)
class GridShard:
    """Some firm-events of a study and their neighbours, with the returns that they need and no others.

    Attributes
    ----------
    study
        A study of these firm-events alone, on a grid of its own.
    own
        The first so many are the shard's, the others neighbours, with which these have sessions in common.
    rows
        Their places in the whole study, shape (n,).
    ticker, date
        Security and day 0 by the numbers of the whole study, shape (n,).
    covered
        Which sessions are day 0 of a listed event, as in `Panel`, shape (T, S); empty without masks.
    """

    study: GridStudy
    own: int
    rows: IntArray
    ticker: IntArray
    date: IntArray
    covered: ByteArray

    @classmethod
    def of(cls, study: GridStudy, rows: IntArray, *, alone: bool = False) -> GridShard:
        """Cut the grid to what some firm-events and, unless they are ``alone``, their neighbours need."""
        rows = rows[np.argsort(study.day0[rows], kind="stable")]  # neighbouring dates share their sessions
        near = _near(study, rows) if not alone else rows[:0]
        both = np.concatenate([rows, near])
        return cls.cut(study, both, len(rows), tuple(level.of(both) for level in study.levels))

    @classmethod
    def cut(cls, study: GridStudy, rows: IntArray, own: int, levels: tuple[GridLevel, ...]) -> GridShard:
        """Cut the grid to what some firm-events need; the levels are theirs."""
        time, sessions = study.time, study.grid.returns.shape[1]
        ticker, date = study.security[rows], study.day0[rows]
        securities, security = np.unique(ticker, return_inverse=True)
        margin = MASK_REACH if study.design.mask_events else 0
        first = min(time.estimation.start, time.event.start) - margin
        last = max(time.estimation.end, time.event.end) + margin
        low, high = np.clip([date.min() + first, date.max() + last + 1], 0, sessions)
        free = study.risk_free[low:high]
        part = replace(
            study,
            grid=Grid(study.grid.returns[securities, low:high] - free, study.grid.regressors[:, low:high]),
            security=security.ravel(),
            day0=date - low,
            levels=levels,
            risk_free=free,
            weights=None if study.weights is None else study.weights[rows],
            listed=None,
        )
        covered = np.zeros((0, 0), dtype=np.uint8)
        if study.design.mask_events:
            covered = np.zeros((high - low, len(securities)), dtype=np.uint8)
            place = np.full(len(study.grid.returns), -1)
            place[securities] = np.arange(len(securities))
            events = study.listed
            if events is None:
                rows_there = study.between(low, high - 1)
                events = ListedEvents(study.security[rows_there], study.day0[rows_there], rows_there)
            inside = (place[events.security] >= 0) & (events.day0 >= low) & (events.day0 < high)
            covered[events.day0[inside] - low, place[events.security[inside]]] = LISTED
        return cls(part, own, rows, ticker, date, covered)


def _near(study: GridStudy, rows: IntArray) -> IntArray:
    """Return the rows of other firm-events that have sessions in common with some, or may have, ascending.

    Those of the same dates and later, with which pairs are formed; of earlier ones those of the same tickers.
    """
    reach = study.reach
    if reach < 0:
        return rows[:0]
    dates = np.unique(study.day0[rows])
    other = np.setdiff1d(study.between(dates[0] - reach, dates[-1] + reach), rows)
    day0 = study.day0[other]
    before = dates[np.maximum(np.searchsorted(dates, day0, "right") - 1, 0)]
    after = dates[np.minimum(np.searchsorted(dates, day0), len(dates) - 1)]
    later = (day0 >= before) & (day0 - before <= reach)
    tickers = np.zeros(len(study.grid.returns), dtype=bool)
    tickers[study.security[rows]] = True
    return other[later | (tickers[study.security[other]] & (after >= day0) & (after - day0 <= reach))]
