"""`JointReference`: the left-out joint F of all events of a study, as p-values, for one window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.distributions import f_pvalue
from eventstudy.significance.joint_placebo import placebo_f_each
from eventstudy.significance.multivariate import TOO_MANY, wald
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import too_few
from eventstudy.significance.study_reference import counted_below, pooled_pvalue

TOGETHER = 8  #: events whose left-out windows are solved at once: bounds the memory


@dataclass(frozen=True)
class JointReference:
    """What the left-out windows of E events say about the p-values of their joint F; `add` fills it.

    Attributes
    ----------
    length
        Sessions of the window.
    ordered, below
        The events' scores sorted, and how many left-out scores lie at or above exactly the first
        0, 1, ..., E of them; shapes (E,) and (E + 1,). A score is the p-value times -1: larger is more
        extreme.
    used
        Which sessions of the calendar some event has in its fit, shape (T,).
    """

    length: int
    ordered: FloatArray
    below: IntArray
    used: BoolArray

    @classmethod
    def empty(cls, length: int, pvalues: FloatArray, sessions: int) -> JointReference:
        """Return the reference of events with these p-values, shape (E,), before anything is counted."""
        below = np.zeros(len(pvalues) + 1, dtype=np.int64)
        return cls(length, np.sort(-pvalues), below, np.zeros(sessions, dtype=bool))

    def add(self, pvalues: FloatArray, sessions: IntArray) -> None:
        """Count the left-out p-values of an event, shape (P,), and its sessions by place in the calendar."""
        self.below[:] += counted_below(self.ordered, -pvalues)
        if len(pvalues):
            self.used[sessions] = True

    @property
    def size(self) -> int:
        """How many left-out windows the reference holds."""
        return int(self.below.sum())

    @property
    def effective(self) -> float:
        """``N_eff``: distinct sessions over the length of the window; each session counts once."""
        return int(self.used.sum()) / self.length

    @cached_property
    def note(self) -> str:
        """Say how large the reference is, once all events are added, and where it is too small."""
        if not self.size:
            return TOO_MANY
        limit = str(too_few(np.array(1 / (1 + self.effective))))
        among = f"rank among {self.size} left-out windows of the study, N_eff {self.effective:.4g}"
        return f"{among}; {limit}" if limit else among

    def pvalue(self, pvalues: FloatArray) -> FloatArray:
        """Return ``(1 + N_eff F) / (1 + N_eff)`` of events of the study; NaN without a reference."""
        return pooled_pvalue(-pvalues, self.ordered, self.below, self.effective)


class JointCell(NamedTuple):
    """The windows of a system that the same tickers are complete in.

    Attributes
    ----------
    system
        The tickers of one date.
    tickers, windows
        Indices of the complete tickers, and of the windows.
    sessions
        Place in the calendar of the study of each session of the fit, shape (M,).
    """

    system: OneDate
    tickers: IntArray
    windows: IntArray
    sessions: IntArray


def joint_references(cells: Callable[[], Iterator[JointCell]], calendar: int) -> dict[Window, JointReference]:
    """Return the reference of each window in which some event has a joint F.

    Parameters
    ----------
    cells
        Gives every event once a window. It is called twice: for the scores of the events, and for those of
        their left-out windows, which are counted some events at a time, so that the memory does not grow.
    calendar
        Sessions of the calendar of the study, T.
    """
    scores: dict[Window, list[float]] = {}
    for cell in cells():
        for window, score in zip(cell.windows, _own(cell), strict=True):
            scores.setdefault(cell.system.windows[window], []).append(float(score))
    references = {
        window: JointReference.empty(window.length, finite, calendar)
        for window, values in scores.items()
        if (finite := np.array(values)[np.isfinite(values)]).size
    }
    every = cells()
    while some := list(islice(every, TOGETHER)):
        asked: dict[int, dict[int, list[Window]]] = {}
        for place, cell in enumerate(some):
            for at in cell.windows[np.isfinite(_own(cell))]:
                window = cell.system.windows[at]
                asked.setdefault(window.length, {}).setdefault(place, []).append(window)
        for length, places in asked.items():
            left_out = _left_out([some[place] for place in places], length)
            for (place, windows), pvalues in zip(places.items(), left_out, strict=True):
                for window in windows:
                    references[window].add(pvalues, some[place].sessions)
    return references


def _own(cell: JointCell) -> FloatArray:
    """Return the p-value of the joint F of each window; NaN where it, or one left out, cannot be computed."""
    if cell.system.abnormal.past.regressors is not None:
        return np.full(len(cell.windows), np.nan)
    found = wald(cell.system, cell.tickers, cell.windows, len(cell.tickers), np.eye)
    return np.broadcast_to(found.pvalue, len(cell.windows))


def _left_out(cells: Sequence[JointCell], length: int) -> list[FloatArray]:
    """Return of each event the p-value of the joint F of every left-out window of a length, shape (P,)."""
    statistics = placebo_f_each([(cell.system, cell.tickers) for cell in cells], length)
    return [
        f_pvalue(statistic, n := len(cell.tickers), cell.system.df - length - n + 1)
        for cell, statistic in zip(cells, statistics, strict=True)
    ]
