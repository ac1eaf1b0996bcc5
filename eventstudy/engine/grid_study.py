"""`GridStudy`: firm-events on a grid of returns, and its shards, each with the part of the grid it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import IntArray, TextArray
from eventstudy.design import DESIGN_FIELDS, Design
from eventstudy.engine.grid_estimation import EventTime, Grid, is_compiled
from eventstudy.engine.shards import cut_at_dates
from eventstudy.errors import UsageError
from eventstudy.models.estimation import all_windows

#: Fields of a design that a study on a grid follows; the others keep the values of `PLAIN`.
FOLLOWED = frozenset(
    {"estimation", "window", "car_windows", "returns", "min_estimation"}
    | {"tests", "alternative", "confidence", "seed"}
)
PLAIN = Design(mask_events=False)  #: no session is left out around other events


@dataclass(frozen=True)
class GridLevel:
    """A way to group the N firm-events: the keys of its groups, and the group of each, -1 for none."""

    name: str
    keys: tuple[str, ...]
    group: IntArray


@dataclass(frozen=True)
class GridStudy:
    """Firm-events as whole numbers on a grid of returns, and what is requested of them.

    Attributes
    ----------
    security, day0
        Row and column of the grid, shape (N,). A security and a day 0 occur once together.
    design
        Its windows, tests and options.
    levels
        The levels of grouping.
    compiled
        Whether the compiled kernel estimates all shards.
    """

    grid: Grid
    security: IntArray
    day0: IntArray
    design: Design
    levels: tuple[GridLevel, ...]
    compiled: bool

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
        by_ticker: bool = True,
        compiled: bool | None = None,
    ) -> GridStudy:
        """Return a study with the levels of all firm-events, of each ticker and of further groupings.

        As in any study a group of one firm-event is left out.

        Parameters
        ----------
        tickers
            Name of each row of the grid, shape (S,).
        groupings
            Level by name: the group of each firm-event, shape (N,); ``""`` for none.
        by_ticker
            Whether the firm-events of each ticker are a group.
        compiled
            As in `estimate_on_grid`.

        Raises
        ------
        UsageError
            A field of the design that a study on a grid does not follow, a firm-event listed twice, or
            Numba is asked for and not installed.
        """
        refuse_design(design)
        firm_days = security * (day0.max(initial=0) + 1) + day0
        if len(np.unique(firm_days)) < len(security):
            raise UsageError("a security and a day 0 are listed twice")
        named = {**({"ticker": tickers[security]} if by_ticker else {}), **(groupings or {})}
        levels = (
            GridLevel("all", ("all",), np.zeros(len(security), dtype=np.int64)),
            *(level_of(name, labels) for name, labels in named.items()),
        )
        return cls(
            *(grid, security, day0, design),
            levels=tuple(level for level in levels if level.keys),
            compiled=is_compiled(len(security), compiled),
        )

    @property
    def time(self) -> EventTime:
        """Estimation window, event window, and the CAR windows before single sessions."""
        return EventTime(self.design.estimation_window, self.design.window, all_windows(self.design))

    def shards(self, most: int) -> Iterator[GridShard]:
        """Yield the firm-events in the order of day 0, cut at dates, about ``most`` at a time."""
        for rows in cut_at_dates(self.day0, most):
            yield GridShard.of(self, rows)


@dataclass(frozen=True)
class GridShard:
    """Some firm-events of a study, with the returns that they need and no others.

    Attributes
    ----------
    study
        A study of these firm-events alone, on a grid of its own.
    rows
        Their places in the whole study, shape (n,).
    ticker, date
        Security and day 0 by the numbers of the whole study, shape (n,).
    """

    study: GridStudy
    rows: IntArray
    ticker: IntArray
    date: IntArray

    @classmethod
    def of(cls, study: GridStudy, rows: IntArray) -> GridShard:
        """Cut the grid to what some firm-events need."""
        time, sessions = study.time, study.grid.returns.shape[1]
        ticker, date = study.security[rows], study.day0[rows]
        own, security = np.unique(ticker, return_inverse=True)
        first = min(time.estimation.start, time.event.start)
        last = max(time.estimation.end, time.event.end)
        low, high = np.clip([date.min() + first, date.max() + last + 1], 0, sessions)
        grid = Grid(study.grid.returns[own, low:high], study.grid.regressors[:, low:high])
        part = replace(
            study,
            grid=grid,
            security=security.ravel(),
            day0=date - low,
            levels=tuple(replace(level, group=level.group[rows]) for level in study.levels),
        )
        return cls(part, rows, ticker, date)


def refuse_design(design: Design) -> None:
    """Raise a UsageError for a field of the design that a study on a grid does not follow."""
    for name in DESIGN_FIELDS:
        plain = getattr(PLAIN, name)
        if name not in FOLLOWED and getattr(design, name) != plain:
            raise UsageError(f"a study on a grid needs {name}={plain!r}, not {getattr(design, name)!r}")
    if len(design.estimation_windows) != 1:
        raise UsageError("a study on a grid has one estimation window")


def level_of(name: str, labels: TextArray) -> GridLevel:
    """Return a level in the order in which its groups are listed."""
    keys, first, code, size = np.unique(
        labels.astype(str), return_index=True, return_inverse=True, return_counts=True
    )
    listed = [place for place in np.argsort(first) if keys[place] and size[place] > 1]
    group = np.full(len(keys), -1)
    group[listed] = np.arange(len(listed))
    return GridLevel(name, tuple(str(keys[place]) for place in listed), group[code.ravel()])
