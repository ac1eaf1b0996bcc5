"""`ExactSums`: sums of float64 numbers without rounding, the same whatever their order or partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.double_double import Pair, two_sum

BITS = 32  #: of a limb: 2^31 numbers are added before int64 overflows
HALF = 1 << (BITS - 1)
LOWEST = -31  #: the lowest limb: what is below 2^-992 is dropped from each number
CHUNK = 1_024  #: rows split at once: they and their limbs fit the cache


@dataclass(frozen=True)
class ExactSums:
    """Sums of float64 numbers, each held as whole numbers of 32 bits times powers of ``2^32``.

    Adding whole numbers is exact, so the sum of sums is that of all numbers in any order. The limbs are
    carried on and trimmed, so that equal sums have equal limbs.

    Attributes
    ----------
    limbs
        The lowest first, int64, shape (B, ...), each at least ``-2^31`` and below ``2^31``.
    lowest
        ``limbs[0]`` counts ``2^(32 lowest)``.
    """

    limbs: IntArray
    lowest: int

    @classmethod
    def of(cls, numbers: Callable[[slice], Sequence[FloatArray]], group: IntArray, groups: int) -> ExactSums:
        """Return the sum over each group of some numbers, shape (groups, ...), a chunk of rows at a time.

        Parameters
        ----------
        numbers
            Returns the finite numbers of a slice of the rows, shape (rows, ...); of several arrays the sum is
            of all, as the two parts of a product.
        group
            Ascending codes, shape (n,).
        """
        shape = (groups, *numbers(slice(0, 0))[0].shape[1:])
        chunks = (slice(start, start + CHUNK) for start in range(0, len(group), CHUNK))
        return cls.collected(((numbers(rows), group[rows]) for rows in chunks), shape)

    @classmethod
    def collected(
        cls, chunks: Iterable[tuple[Sequence[FloatArray], IntArray]], shape: tuple[int, ...]
    ) -> ExactSums:
        """Return the sums of chunks of numbers and the ascending codes of their rows, shape (groups, ...)."""
        found: dict[int, IntArray] = {}
        for numbers, group in chunks:
            starts = np.flatnonzero(np.diff(group, prepend=-1))
            for each in numbers:
                for place, limbs in _split(each):
                    into = found.setdefault(place, np.zeros(shape, dtype=np.int64))
                    into[group[starts]] += np.add.reduceat(limbs, starts, axis=0)
        return _carried(found, shape)

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> ExactSums:
        """Return sums of nothing."""
        return cls(np.zeros((0, *shape), dtype=np.int64), 0)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the sums, without the limbs."""
        return self.limbs.shape[1:]

    def __add__(self, other: ExactSums) -> ExactSums:
        """Return the sums of both."""
        found = {self.lowest + place: limbs.copy() for place, limbs in enumerate(self.limbs)}
        for place, limbs in enumerate(other.limbs, other.lowest):
            found[place] = found[place] + limbs if place in found else limbs.copy()
        return _carried(found, self.shape)

    def at(self, index: IntArray, rows: int) -> ExactSums:
        """Return the sums in new rows along axis 0, of ``rows`` in all; the others are zero."""
        shape = (rows, *self.shape[1:])
        found = {}
        for place, limbs in enumerate(self.limbs, self.lowest):
            found[place] = np.zeros(shape, dtype=np.int64)
            np.add.at(found[place], index, limbs)
        return _carried(found, shape)

    def times(self, factors: IntArray) -> ExactSums:
        """Return the sums times whole numbers below ``2^31``, of a shape that broadcasts with theirs."""
        shape = np.broadcast_shapes(self.shape, factors.shape)
        found = {place: limbs * factors for place, limbs in enumerate(self.limbs, self.lowest)}
        return _carried(found, shape)

    def pair(self) -> Pair:
        """Return the sums as pairs of float64 numbers, to about 100 bits."""
        high, low = np.zeros((2, *self.shape))
        for place in reversed(range(len(self.limbs))):
            high, error = two_sum(
                high, np.ldexp(self.limbs[place].astype(float), BITS * (self.lowest + place))
            )
            low += error
        return Pair(*two_sum(high, low))

    @property
    def value(self) -> FloatArray:
        """The sums, rounded to float64."""
        return self.pair().high


def _split(numbers: FloatArray) -> list[tuple[int, IntArray]]:
    """Return the limbs of numbers, with the place of each: rounded multiples of ``2^(32 place)``."""
    largest = _largest(numbers)
    parts = []
    place = int((np.frexp(largest)[1] - 1) // BITS)
    while largest > 0.0 and place >= LOWEST:
        unit = 2.0 ** (BITS * place)
        limbs = np.rint(numbers * (1.0 / unit))  # a power of two, so the product is as exact as a quotient
        parts.append((place, limbs.astype(np.int64)))
        limbs *= unit
        numbers = np.subtract(numbers, limbs, out=limbs)
        largest, place = _largest(numbers), place - 1
    return parts


def _largest(numbers: FloatArray) -> float:
    return float(max(numbers.max(initial=0.0), -numbers.min(initial=0.0)))


def _carried(found: dict[int, IntArray], shape: tuple[int, ...]) -> ExactSums:
    """Return limbs, by their place, in the one form that each sum has; they are changed."""
    if not found:
        return ExactSums.none(shape)
    place, highest = min(found), max(found)
    limbs: list[IntArray] = []
    lowest = place
    carry = np.zeros(shape, dtype=np.int64)
    while place <= highest or carry.any():
        whole = found.get(place, 0) + carry
        carry = (whole + HALF) >> BITS
        limbs.append(whole - (carry << BITS))
        place += 1
    used = [number for number, each in enumerate(limbs) if each.any()]
    if not used:
        return ExactSums.none(shape)
    return ExactSums(np.stack(limbs[used[0] : used[-1] + 1]), lowest + used[0])
