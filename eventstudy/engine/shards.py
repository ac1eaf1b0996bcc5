"""Shards of firm-events: cutting a sample at its dates, and adding up what is taken of each shard."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import closing
from functools import partial, reduce
from operator import add
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.errors import LostShardError, first_line
from eventstudy.significance.result import SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Kind, Sums

Shard = TypeVar("Shard")
WAITING = 8  #: shards that an executor has at once, where it does not say its workers: bounds the memory


class Additive(Protocol):
    """What ``+`` adds in any order to the same result."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""


Taken = TypeVar("Taken", bound=Additive)
Given = TypeVar("Given")


def add_up(
    take: Callable[[Shard], Taken], shards: Iterable[Shard], executor: Executor | None = None
) -> Taken:
    """Return the sum of ``take(shard)`` over all shards, as `add_arriving` does."""
    return add_arriving(take, shards, executor, lambda each: each)


def add_arriving(
    take: Callable[[Shard], Given],
    shards: Iterable[Shard],
    executor: Executor | None,
    added: Callable[[Given], Taken],
) -> Taken:
    """Return the sum of ``added(take(shard))`` over all shards, each forgotten when it is added.

    Parameters
    ----------
    take
        Returns what is needed of a shard, such as `Sums`.
    shards
        At least one.
    executor
        Takes shards at once, in threads, processes or elsewhere; they are added as they arrive. None: one
        after the other, here.
    added
        Called here with what was taken of a shard; returns what is added.

    Raises
    ------
    LostShardError
        A worker died with its shard, and the executor does not replace it.
    Exception
        What ``take`` raised of a shard; shards that have not begun are cancelled.
    """
    found: list[Taken] = []  # sums of 2^k shards, fewer and fewer: each is added to one of its size
    try:
        with closing(arriving(take, shards, executor)) as arrived:
            for number, each in enumerate(arrived, 1):
                found.append(added(each))
                for _ in range((number & -number).bit_length() - 1):
                    found.append(found.pop(-2) + found.pop())
    except (BrokenExecutor, CancelledError) as error:
        raise LostShardError(first_line(error)) from error
    return reduce(add, found)


def arriving(
    take: Callable[[Shard], Given], shards: Iterable[Shard], executor: Executor | None
) -> Generator[Given]:
    """Yield ``take(shard)`` of each shard as it arrives, and forget it; a few shards are under way at once.

    Where one fails, or the generator is closed, those that have not begun are cancelled.
    """
    if executor is None:
        yield from map(take, shards)
        return
    most = 2 * getattr(executor, "_max_workers", 0) or WAITING
    waiting: set[Future[Given]] = set()
    try:
        for shard in shards:
            waiting.add(executor.submit(take, shard))
            if len(waiting) >= most:
                yield from _first_of(waiting)
        while waiting:
            yield from _first_of(waiting)
    finally:
        for future in waiting:
            future.cancel()


def _first_of(waiting: set[Future[Given]]) -> Iterator[Given]:
    """Yield what has arrived, and forget it."""
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    waiting -= done
    while done:
        yield done.pop().result()


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
    first, second = kinds_of(tests, also)
    sums = add_up(partial(Sums.of, kinds=first), shards(), executor)
    if not second:
        return sums
    known = {kind: sums.kinds[kind] for kind in known_to_second(tests)}
    return sums | add_up(partial(_second, known=known, kinds=second), shards(), executor)


def kinds_of(
    tests: Iterable[SignificanceTest], also: Sequence[Kind] = ()
) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """Return the kinds of sums of the first and of the second pass, each once."""
    tests = list(tests)
    first = dict.fromkeys([*also, *(kind for test in tests for kind in test.sums)])
    return tuple(first), tuple(dict.fromkeys(kind for test in tests for kind in test.second))


def known_to_second(tests: Iterable[SignificanceTest]) -> tuple[Kind, ...]:
    """Return the kinds of the first pass that a second pass may ask for: those of the tests that have one."""
    return tuple(dict.fromkeys(kind for test in tests if test.second for kind in test.sums))


def _second(shard: CrossSection, known: Mapping[Kind, Any], kinds: Sequence[Kind]) -> Sums:
    return Sums.of(shard.given(known), kinds)


def shards_of(sample: CrossSection, most: int) -> Iterator[CrossSection]:
    """Yield the firm-events of a sample in the order of day 0, cut at dates, about ``most`` at a time.

    Firm-events of one date stay together, however many. Each shard has all groups of the sample.
    """
    for rows in cut_at_dates(sample.date, most):
        yield sample.of_rows(rows)


def cut_at_dates(date: IntArray, most: int) -> Iterator[IntArray]:
    """Yield the rows of about ``most`` firm-events at a time, in the order of their dates, (n,)."""
    dates, count = np.unique(date, return_counts=True)
    number = np.cumsum(count) - count  # firm-events before each date
    shard = (number // most)[np.searchsorted(dates, date)]
    order = np.argsort(shard, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(shard[order])) + 1)
