"""`ExactSums`: sums of float64 numbers without rounding, the same whatever their order or partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.double_double import Pair, two_sum
from eventstudy.numerics.row_sums import sum_runs

BITS = 32  #: of a limb: 2^31 numbers are added before int64 overflows
HALF = 1 << (BITS - 1)
MORE = 2  #: limbs above the highest: those of 2^63 times its unit
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
        add = _collected_compiled if worth_compiling(len(group)) else _collected
        return _carried(add(((numbers(rows), group[rows]) for rows in chunks), shape), shape)

    @classmethod
    def collected(
        cls, chunks: Iterable[tuple[Sequence[FloatArray], IntArray]], shape: tuple[int, ...]
    ) -> ExactSums:
        """Return the sums of chunks of numbers and the ascending codes of their rows, shape (groups, ...)."""
        return _carried(_collected(chunks, shape), shape)

    @classmethod
    def of_chosen(cls, values: FloatArray, rows: IntArray, group: IntArray, groups: int) -> ExactSums:
        """Return the sum over each group of the finite values of some rows, shape (groups, width).

        Parameters
        ----------
        values
            Shape (N, width).
        rows
            Which are chosen, shape (n,), and the ascending code of the group of each, ``group``.
        """
        if not worth_compiling(len(rows)):
            return cls.of(lambda part: [_finite(values[rows[part]])], group, groups)
        from eventstudy.numerics.compiled_sums import add_chosen_split, places_of_chosen

        first, last = places_of_chosen(values, rows, BITS, LOWEST)
        sums: IntArray = np.zeros((last - first, groups, values.shape[1]), dtype=np.int64)
        add_chosen_split(values, rows, group, sums, first, BITS)
        return _carried(dict(enumerate(sums, first)), sums.shape[1:])

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
        found = dict(enumerate(self.limbs, self.lowest))
        for place, limbs in enumerate(other.limbs, other.lowest):
            found[place] = found[place] + limbs if place in found else limbs
        return _carried(found, self.shape)

    def __sub__(self, other: ExactSums) -> ExactSums:
        """Return the sums less those of some of the numbers."""
        return self + ExactSums(-other.limbs, other.lowest)

    def at(self, index: IntArray, rows: int) -> ExactSums:
        """Return the sums in new rows along axis 0, of ``rows`` in all; the others are zero.

        ``index`` is ascending; what it puts into one row is added.
        """
        shape = (rows, *self.shape[1:])
        starts = np.flatnonzero(np.diff(index, prepend=-1))
        found = {}
        for place, limbs in enumerate(self.limbs, self.lowest):
            found[place] = np.zeros(shape, dtype=np.int64)
            found[place][index[starts]] = sum_runs(limbs, starts, len(index))
        return _carried(found, shape)

    def joined(self, mine: IntArray, other: ExactSums, theirs: IntArray, rows: int) -> ExactSums:
        """Return the sums of both in new rows along axis 0, of ``rows`` in all.

        ``mine`` and ``theirs`` say which, each without repetition. Only what is in the same row is added.
        """
        place = np.full(rows, -1)
        place[mine] = np.arange(len(mine))
        twice = place[theirs] >= 0
        both = self._of(place[theirs[twice]]) + other._of(twice)
        parts = [(self, mine), (other._of(~twice), theirs[~twice]), (both, theirs[twice])]
        there = [sums for sums, _ in parts if len(sums.limbs)]
        if not there:
            return ExactSums.none((rows, *self.shape[1:]))
        lowest = min(sums.lowest for sums in there)
        highest = max(sums.lowest + len(sums.limbs) for sums in there)
        limbs = np.zeros((highest - lowest, rows, *self.shape[1:]), dtype=np.int64)
        for sums, index in parts:
            if sums is both:
                limbs[:, index] = 0
            if len(sums.limbs):
                limbs[sums.lowest - lowest : sums.lowest - lowest + len(sums.limbs), index] = sums.limbs
        return _trimmed(limbs, lowest)

    def _of(self, rows: IntArray | BoolArray) -> ExactSums:
        """Return the sums of some rows along axis 0; their highest and lowest limbs may be zero."""
        return ExactSums(self.limbs[:, rows], self.lowest)

    def over_rows(self) -> ExactSums:
        """Return the sum over axis 0, which is left with one row."""
        found = {
            place: limbs.sum(axis=0, keepdims=True) for place, limbs in enumerate(self.limbs, self.lowest)
        }
        return _carried(found, (1, *self.shape[1:]))

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


def _collected(
    chunks: Iterable[tuple[Sequence[FloatArray], IntArray]], shape: tuple[int, ...]
) -> dict[int, IntArray]:
    """Return the limbs of the sums of chunks of numbers and the ascending codes of their rows, by place."""
    found: dict[int, IntArray] = {}
    for numbers, group in chunks:
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        for each in numbers:
            for place, limbs in _split(each):
                into = found.setdefault(place, np.zeros(shape, dtype=np.int64))
                into[group[starts]] += np.add.reduceat(limbs, starts, axis=0)
    return found


def _collected_compiled(
    chunks: Iterable[tuple[Sequence[FloatArray], IntArray]], shape: tuple[int, ...]
) -> dict[int, IntArray]:
    """Do what `_collected` does; the limbs are others, their sums the same."""
    from eventstudy.numerics.compiled_sums import add_split, places_of

    width = int(np.prod(shape[1:]))
    first = last = 0
    sums: IntArray = np.zeros((0, shape[0], width), dtype=np.int64)
    for numbers, group in chunks:
        for each in numbers:
            low, high = places_of(each, BITS, LOWEST)
            if low == high:
                continue
            if first == last or low < first or high > last:  # room for larger or smaller numbers
                wider = (min(low, first), max(high, last)) if last > first else (low, high)
                room = np.zeros((wider[1] - wider[0], shape[0], width), dtype=np.int64)
                room[first - wider[0] :][: len(sums)] = sums
                sums, (first, last) = room, wider
            add_split(each.reshape(len(each), width), group, sums, first, BITS)
    return {place: limbs.reshape(shape) for place, limbs in enumerate(sums, first)}


def _split(numbers: FloatArray) -> list[tuple[int, IntArray]]:
    """Return the limbs of numbers, with the place of each: rounded multiples of ``2^(32 place)``."""
    largest = _largest(numbers)
    parts = []
    place = max(int((np.frexp(largest)[1] - 1) // BITS), LOWEST)
    while largest > 0.0 and place >= LOWEST:
        unit = 2.0 ** (BITS * place)
        limbs = np.rint(numbers * (1.0 / unit))  # a power of two, so the product is as exact as a quotient
        parts.append((place, limbs.astype(np.int64)))
        limbs *= unit
        numbers = np.subtract(numbers, limbs, out=limbs)
        largest, place = _largest(numbers), place - 1
    return parts


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, 0.0)


def _largest(numbers: FloatArray) -> float:
    return float(max(numbers.max(initial=0.0), -numbers.min(initial=0.0)))


def _carried(found: dict[int, IntArray], shape: tuple[int, ...]) -> ExactSums:
    """Return limbs, by their place, in the one form that each sum has."""
    if not found:
        return ExactSums.none(shape)
    lowest = min(found)
    limbs = np.zeros((max(found) - lowest + 1 + MORE, *shape), dtype=np.int64)
    for place, each in found.items():
        limbs[place - lowest] = each
    if worth_compiling(limbs[0].size):
        from eventstudy.numerics.compiled_sums import carry_on

        carry_on(limbs.reshape(len(limbs), -1), BITS)
    else:
        for below, above in pairwise(limbs):
            carry = (below + HALF) >> BITS
            above += carry
            below -= carry << BITS
    return _trimmed(limbs, lowest)


def _trimmed(limbs: IntArray, lowest: int) -> ExactSums:
    """Return sums without highest and lowest limbs that are zero."""
    used = [number for number, each in enumerate(limbs) if each.any()]
    if not used:
        return ExactSums.none(limbs.shape[1:])
    return ExactSums(limbs[used[0] : used[-1] + 1], lowest + used[0])
