"""Shards of firm-events: cutting a sample at its dates, and adding up what is taken of each shard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from typing import Protocol, Self, TypeVar

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.significance.sample import CrossSection, InCalendarTime

Shard = TypeVar("Shard")
WAITING = 8  #: shards that an executor is given before one is waited for: bounds the memory


class Additive(Protocol):
    """What ``+`` adds in any order to the same result."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""


Taken = TypeVar("Taken", bound=Additive)


def add_up(
    take: Callable[[Shard], Taken], shards: Iterable[Shard], executor: Executor | None = None
) -> Taken:
    """Return the sum of ``take(shard)`` over all shards, each forgotten when it is added.

    Parameters
    ----------
    take
        Returns what a shard adds, such as `Sums`.
    shards
        At least one.
    executor
        Takes shards at once, in threads, processes or elsewhere; they are added as they arrive. None: one
        after the other, here.

    Raises
    ------
    Exception
        What ``take`` raised of a shard.
    """
    found: list[Taken] = []
    arrived = map(take, shards) if executor is None else _arriving(take, shards, executor)
    for each in arrived:
        found = [found[0] + each] if found else [each]
    (total,) = found
    return total


def _arriving(take: Callable[[Shard], Taken], shards: Iterable[Shard], executor: Executor) -> Iterator[Taken]:
    waiting: set[Future[Taken]] = set()
    for shard in shards:
        waiting.add(executor.submit(take, shard))
        if len(waiting) >= WAITING:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)
    yield from (each.result() for each in waiting)


def shards_of(sample: CrossSection, most: int) -> Iterator[CrossSection]:
    """Yield the firm-events of a sample in the order of day 0, cut at dates, about ``most`` at a time.

    Firm-events of one date stay together, however many. Each shard has all groups of the sample.
    """
    dates, count = np.unique(sample.date, return_counts=True)
    number = np.cumsum(count) - count  # firm-events before each date
    shard = (number // most)[np.searchsorted(dates, sample.date)]
    for each in np.unique(shard):
        yield _rows(sample, np.flatnonzero(shard == each))


def _rows(sample: CrossSection, rows: IntArray) -> CrossSection:
    """Return some rows of a sample, which stay sorted by group."""
    names = ("group", "car", "scar", "bhar", "df", "ticker", "date", "listings", "events")
    weights = None if sample.weights is None else sample.weights[rows]

    def calendar_time() -> InCalendarTime:
        whole = sample.calendar_time()
        return InCalendarTime(whole.position[rows], whole.ret[rows], whole.regressors[rows])

    return replace(
        sample,
        **{name: getattr(sample, name)[rows] for name in names},
        weights=weights,
        calendar_time=calendar_time,
    )
