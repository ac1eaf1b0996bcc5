"""`Sums`: what tests of significance need of the firm-events, added over shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.totals import CellTotals, Powers, Values, cell_totals, powers

T = TypeVar("T")
#: Takes sums of one sort over a sample; what it returns has ``+`` and, where those of groups add up to those
#: of all firm-events, `of_all_groups`.
Kind = Callable[[CrossSection], Any]


class Summed(Protocol):
    """What a test of sums is computed from: a whole sample, or sums added over its shards."""

    @property
    def groups(self) -> int:
        """Number of groups, G."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """The W windows."""

    @property
    def alternative(self) -> Alternative:
        """Of every p-value."""

    @property
    def seed(self) -> int:
        """Of everything drawn."""

    @property
    def weighted(self) -> bool:
        """Whether the design names weights."""

    @property
    def autocorrelated(self) -> bool:
        """Whether neighbouring sessions depend on each other."""

    @property
    def winsorised(self) -> IntArray | None:
        """How many CARs and BHARs of each group were pulled in, shape (2, G, W)."""

    def sums(self, kind: Callable[[CrossSection], T]) -> T:
        """Return the sums of one kind over all firm-events."""

    def in_blocks(self, kind: Callable[[CrossSection], T]) -> Iterator[T]:
        """Yield the sums of one kind for some groups after the other, which together are all."""


@dataclass(frozen=True)
class Sums:
    """Sums of some kinds over a shard of firm-events; ``+`` gives those of both shards.

    The sums are whole numbers or exact, so they are the same bits however firm-events are cut into shards and
    in whatever order shards are added.

    Attributes
    ----------
    groups, windows, alternative, seed, weighted, autocorrelated, winsorised
        As in `CrossSection`, the same in every shard.
    kinds
        The sums, by the function that takes them.
    """

    groups: int
    windows: tuple[Window, ...]
    alternative: Alternative
    seed: int
    kinds: Mapping[Kind, Any]
    weighted: bool = False
    autocorrelated: bool = False
    winsorised: IntArray | None = None

    @classmethod
    def of(cls, shard: CrossSection, kinds: Sequence[Kind]) -> Sums:
        """Take sums over the firm-events of a shard; it has all groups of the study, some empty."""
        taken = {kind: shard.sums(kind) for kind in kinds}
        own = (shard.weighted, shard.autocorrelated, shard.winsorised)
        return cls(shard.groups, shard.windows, shard.alternative, shard.seed, taken, *own)

    def __add__(self, other: Sums) -> Sums:
        """Return the sums of both shards."""
        added = {kind: mine + other.kinds[kind] for kind, mine in self.kinds.items()}
        return replace(self, kinds=added)

    def __or__(self, other: Sums) -> Sums:
        """Return the sums of the kinds of both, over the same firm-events."""
        return replace(self, kinds={**self.kinds, **other.kinds})

    def sums(self, kind: Callable[[CrossSection], T]) -> T:
        """Return the sums of one kind; a KeyError if they were not taken."""
        found: T = self.kinds[kind]
        return found

    def in_blocks(self, kind: Callable[[CrossSection], T]) -> Iterator[T]:
        """Yield the sums of one kind, of all groups at once: they are in memory."""
        yield self.sums(kind)


def car_powers(sample: CrossSection) -> Powers:
    """Take count and first three powers of the CARs."""
    return powers(sample.car, sample.group, sample.groups, most=3)


def car_values(sample: CrossSection) -> Values:
    """Take every CAR."""
    return Values.of(sample.car, sample.group)


def scar_powers(sample: CrossSection) -> Powers:
    """Take count and first two powers of the standardised CARs."""
    return powers(sample.scar, sample.group, sample.groups)


def scar_by_date(sample: CrossSection) -> CellTotals:
    """Take count and sum of the standardised CARs of each day-0 session."""
    return _scar_by(sample, sample.date)


def scar_by_firm(sample: CrossSection) -> CellTotals:
    """Take count and sum of the standardised CARs of each security."""
    return _scar_by(sample, sample.ticker)


def exact_total(sample: CrossSection, there: Any, values: FloatArray) -> ExactSums:
    """Return the exact sum over each group of the values that count, shape (G, W).

    Parameters
    ----------
    there
        Which count, shape (n, W); they are finite.
    values
        Shape (n, W) or (n, 1).
    """
    return ExactSums.of(lambda rows: [np.where(there[rows], values[rows], 0.0)], sample.group, sample.groups)


def _scar_by(sample: CrossSection, codes: IntArray) -> CellTotals:
    there = np.isfinite(sample.scar)

    def numbers(rows: IntArray) -> list[FloatArray]:
        return [np.where(there[rows], sample.scar[rows], 0.0)]

    return cell_totals(sample.group, codes, there, numbers)
