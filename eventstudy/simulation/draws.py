"""Draw placebo events: a security and a date for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.errors import UsageError


def generator(seed: int, replication: int) -> np.random.Generator:
    """Return the random generator of one replication, independent of how many are computed together."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(replication,)))


@dataclass(frozen=True)
class EligibleDates:
    """On which dates a security can have a placebo event.

    Attributes
    ----------
    eligible
        Which of S securities can have an event on which of D dates, shape (S, D).
    """

    eligible: BoolArray

    @cached_property
    def dates_of(self) -> tuple[IntArray, ...]:
        """The dates on which each security can have an event."""
        return tuple(np.flatnonzero(row) for row in self.eligible)

    @cached_property
    def securities_on(self) -> IntArray:
        """How many securities can have an event on each date, shape (D,)."""
        return np.asarray(self.eligible.sum(axis=0))

    def draw(self, rng: np.random.Generator, n: int, dates: int | None) -> tuple[IntArray, IntArray]:
        """Draw n firm-events: the security and the date of each, as places, shape (n,) both.

        Parameters
        ----------
        dates
            Distinct dates that the firm-events share evenly; None: each security is drawn equally
            often, on random dates of its own.

        Raises
        ------
        UsageError
            The panel has too few securities or dates.
        """
        return self._on_own_dates(rng, n) if dates is None else self._on_shared_dates(rng, n, dates)

    def _on_own_dates(self, rng: np.random.Generator, n: int) -> tuple[IntArray, IntArray]:
        left = np.array([len(dates) for dates in self.dates_of])
        if n > left.sum():
            raise UsageError(f"{n} firm-events do not fit on the {left.sum()} security-sessions of the panel")
        times = np.zeros(len(left), dtype=np.int64)
        while times.sum() < n:  # once through all securities, in random order, until n are drawn
            times[rng.permutation(np.flatnonzero(left > times))[: n - times.sum()]] += 1
        taken = np.flatnonzero(times)
        once = rng.integers(0, left[taken])  # vectorised; several dates of one security are drawn below
        dates = [
            self.dates_of[security][
                [place] if count == 1 else rng.choice(left[security], count, replace=False)
            ]
            for security, place, count in zip(taken, once, times[taken], strict=True)
        ]
        return np.repeat(taken, times[taken]), np.concatenate(dates)

    def _on_shared_dates(self, rng: np.random.Generator, n: int, dates: int) -> tuple[IntArray, IntArray]:
        sizes = [len(part) for part in np.array_split(np.arange(n), dates)]
        possible = np.flatnonzero(self.securities_on >= sizes[0])
        if len(possible) < dates:
            problem = f"the panel has {len(possible)} dates on which {sizes[0]} securities can have an event"
            raise UsageError(f"{problem}; {dates} are requested")
        chosen = rng.choice(possible, dates, replace=False)
        security = [
            rng.choice(np.flatnonzero(self.eligible[:, date]), size, replace=False)
            for date, size in zip(chosen, sizes, strict=True)
        ]
        return np.concatenate(security), np.repeat(chosen, sizes)
