"""Shards of firm-events: cutting a sample at its dates, and adding up what is taken of each shard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import partial
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from eventstudy.significance.result import SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Kind, Sums

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


def sums_of_tests(
    shards: Callable[[], Iterable[CrossSection]],
    tests: Iterable[SignificanceTest],
    executor: Executor | None = None,
    also: Sequence[Kind] = (),
) -> Sums:
    """Return all sums that some tests are computed from, in one pass over the shards or in two.

    Parameters
    ----------
    shards
        Returns the shards anew for each pass.
    tests
        Each states its ``sums``.
    also
        Further kinds of the first pass.
    """
    tests = list(tests)
    first = tuple(dict.fromkeys([*also, *(kind for test in tests for kind in test.sums)]))
    second = tuple(dict.fromkeys(kind for test in tests for kind in test.second))
    sums = add_up(partial(Sums.of, kinds=first), shards(), executor)
    if not second:
        return sums
    return sums | add_up(partial(_second, known=sums.kinds, kinds=second), shards(), executor)


def _second(shard: CrossSection, known: Mapping[Kind, Any], kinds: Sequence[Kind]) -> Sums:
    return Sums.of(shard.given(known), kinds)


def shards_of(sample: CrossSection, most: int) -> Iterator[CrossSection]:
    """Yield the firm-events of a sample in the order of day 0, cut at dates, about ``most`` at a time.

    Firm-events of one date stay together, however many. Each shard has all groups of the sample.
    """
    dates, count = np.unique(sample.date, return_counts=True)
    number = np.cumsum(count) - count  # firm-events before each date
    shard = (number // most)[np.searchsorted(dates, sample.date)]
    for each in np.unique(shard):
        yield sample.of_rows(np.flatnonzero(shard == each))
