"""Sums over the firm-events of each group that add up over shards to the same bits, however they are cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.double_double import Pair, two_product
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.numerics.row_sums import sum_runs

SPARSE = 8  #: possible pairs of codes for each row, up to which they are listed in a table
ROUNDING = 1e-12  #: share of a mean below which a deviation is rounding of identical values


@dataclass(frozen=True)
class Totals:
    """Counts and sums over the firm-events of G groups in W windows.

    Attributes
    ----------
    counts
        Whole numbers, shape (G, W) each.
    sums
        Of shape (G, W) each.
    """

    counts: tuple[IntArray, ...]
    sums: tuple[ExactSums, ...] = ()

    def __add__(self, other: Totals) -> Totals:
        """Return the totals of both shards."""
        return Totals(
            tuple(one + more for one, more in zip(self.counts, other.counts, strict=True)),
            tuple(one + more for one, more in zip(self.sums, other.sums, strict=True)),
        )

    def of_all_groups(self) -> Totals:
        """Return the totals of all groups as those of one."""
        return Totals(tuple(map(over_groups, self.counts)), tuple(each.over_rows() for each in self.sums))

    def __sub__(self, other: Totals) -> Totals:
        """Return the totals less those of some of the firm-events."""
        return Totals(
            tuple(one - some for one, some in zip(self.counts, other.counts, strict=True)),
            tuple(one - some for one, some in zip(self.sums, other.sums, strict=True)),
        )


@dataclass(frozen=True)
class CellTotals:
    """Counts and sums over the firm-events of a group that share a code, such as their date or security.

    Attributes
    ----------
    cells
        Group and code of each of the C cells, in order, shape (C, 2).
    size
        Finite values, shape (C, W).
    sums
        Of shape (C, W) each.
    """

    cells: IntArray
    size: IntArray
    sums: tuple[ExactSums, ...]

    def __add__(self, other: CellTotals) -> CellTotals:
        """Return the totals of both shards, over the cells of either."""
        found, cell = distinct(*np.concatenate([self.cells, other.cells]).T)
        mine, theirs = np.split(cell, [len(self.cells)])
        size = np.zeros((len(found), self.size.shape[1]), dtype=np.int64)
        size[mine] += self.size
        size[theirs] += other.size
        return CellTotals(
            found,
            size,
            tuple(
                one.joined(mine, more, theirs, len(found))
                for one, more in zip(self.sums, other.sums, strict=True)
            ),
        )

    def of_all_groups(self) -> CellTotals:
        """Return the totals of all groups as those of one: of each code."""
        found, cell = distinct(np.zeros(len(self.cells), dtype=np.int64), self.cells[:, 1])
        order = np.argsort(cell, kind="stable")
        index, rows = cell[order], len(found)
        sums = (ExactSums(each.limbs[:, order], each.lowest).at(index, rows) for each in self.sums)
        return CellTotals(found, counted(self.size[order], index, rows), tuple(sums))

    @property
    def group(self) -> IntArray:
        """Which group each cell belongs to, shape (C,)."""
        return self.cells[:, 0]

    @cached_property
    def total(self) -> FloatArray:
        """The first of the sums, shape (C, W)."""
        return self.sums[0].value

    def over_groups(self, groups: int) -> tuple[IntArray, FloatArray]:
        """Return counts and the first sum over all cells of each group, shape (G, W)."""
        size = np.zeros((groups, self.size.shape[1]), dtype=np.int64)
        np.add.at(size, self.group, self.size)
        return size, self.sums[0].at(self.group, groups).value


@dataclass(frozen=True)
class Values:
    """All values of each group, shard by shard; they are sorted when they are read.

    Attributes
    ----------
    parts
        Ascending codes of groups, shape (n,), and values of W windows, shape (n, W), of each shard.
    """

    parts: tuple[tuple[IntArray, FloatArray], ...]

    @classmethod
    def of(cls, values: FloatArray, group: IntArray) -> Values:
        """Return values of shape (n, W), NaN for none."""
        return cls(((group.astype(np.int32), values),))

    def __add__(self, other: Values) -> Values:
        """Return the values of both shards."""
        return Values(self.parts + other.parts)

    def of_all_groups(self) -> Values:
        """Return the values of all groups as those of one."""
        return Values(tuple((np.zeros_like(group), values) for group, values in self.parts))

    def of_window(self, place: int) -> tuple[IntArray, FloatArray]:
        """Return the groups and the finite values of one window, sorted by both, shape (E,)."""
        group, order = self._by_group
        value = np.concatenate([part[1][:, place] for part in self.parts])[order]
        there = np.isfinite(value)
        group, value = group[there], value[there]
        for own in np.split(value, np.flatnonzero(np.diff(group)) + 1):
            own.sort()
        return group, value

    @cached_property
    def _by_group(self) -> tuple[IntArray, IntArray]:
        """The groups of all values in order, and the row of each."""
        group = np.concatenate([part[0] for part in self.parts])
        order = np.argsort(group, kind="stable")
        return group[order].astype(np.int64), order


@dataclass(frozen=True)
class Powers:
    """Count and sums of the first powers of the finite values of each group, shape (G, W)."""

    n: IntArray
    sums: tuple[ExactSums, ...]

    def __add__(self, other: Powers) -> Powers:
        """Return the sums of both shards."""
        sums = tuple(one + more for one, more in zip(self.sums, other.sums, strict=True))
        return Powers(self.n + other.n, sums)

    def of_all_groups(self) -> Powers:
        """Return the sums of all groups as those of one."""
        return Powers(over_groups(self.n), tuple(each.over_rows() for each in self.sums))

    def moments(self) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return mean, standard deviation (ddof 1) and count, (G, W).

        The deviation is NaN below two values, and for identical values, up to rounding.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            total, mean = self.sums[0].pair(), self._mean()
            squares = self.sums[1].pair().minus(mean.times(total)).high
            deviation = np.sqrt(np.maximum(squares, 0.0) / np.where(self.n > 1, self.n - 1, np.nan))
            distinct = deviation > ROUNDING * np.abs(mean.high)
            return mean.high, np.where(distinct, deviation, np.nan), self.n

    def third(self) -> FloatArray:
        """Return the sum of cubes of the values less their mean, (G, W)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self._mean()
            first, second, third = (each.pair() for each in self.sums)
            squares = mean.times(second).scaled(3.0).minus(mean.times(mean).times(first).scaled(2.0))
            return third.minus(squares).high

    def _mean(self) -> Pair:
        return self.sums[0].pair().over(self.n)


def powers(values: FloatArray, group: IntArray, groups: int, most: int = 2) -> Powers:
    """Return the sums of up to three powers of ``values``, shape (n, W), NaN left out.

    Parameters
    ----------
    group
        Ascending codes, shape (n,).
    """
    sums = tuple(
        ExactSums.of(lambda rows, power=power: _powered(values[rows], power), group, groups)  # type: ignore[misc]
        for power in range(1, most + 1)
    )
    return Powers(counted(np.isfinite(values), group, groups), sums)


def _powered(values: FloatArray, power: int) -> Sequence[FloatArray]:
    """Return numbers whose sum is exactly the first, second or third power of each finite value."""
    values = np.where(np.isfinite(values), values, 0.0)
    if power == 1:
        return [values]
    square = two_product(values, values)
    if power == 2:
        return square
    return [part for each in square for part in two_product(each, values)]


def over_groups(counts: IntArray, axis: int = 0) -> IntArray:
    """Return whole numbers of all groups, along an axis, as those of one."""
    return np.asarray(counts.sum(axis=axis, keepdims=True))


def counted(there: Any, group: IntArray, groups: int) -> IntArray:
    """Return how many of ``there``, shape (n, W), each group has, shape (G, W)."""
    count = np.zeros((groups, *there.shape[1:]), dtype=np.int64)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    count[group[starts]] = sum_runs(there, starts, len(group))
    return count


def cell_totals(
    group: IntArray,
    codes: IntArray,
    there: Any,
    *numbers: Callable[[IntArray], Sequence[FloatArray]],
) -> CellTotals:
    """Sum numbers over the rows of one group that share one of ``codes``.

    Parameters
    ----------
    there
        Which values count, shape (n, W).
    numbers
        Each returns the finite numbers to sum of some rows, zero where none counts, shape (rows, W).
    """
    found, cell = distinct(group, codes)
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    return CellTotals(
        cells=found,
        size=counted(there[order], ordered, len(found)),
        sums=tuple(
            ExactSums.of(lambda rows, each=each: each(order[rows]), ordered, len(found))  # type: ignore[misc]
            for each in numbers
        ),
    )


def distinct(group: IntArray, codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct pairs of group and code, in order, and which one each row has."""
    least = codes.min(initial=0)
    many = codes.max(initial=0) - least + 1
    key = group * many + (codes - least)
    if many * (group.max(initial=0) + 1) <= SPARSE * len(key):  # a table of all pairs is faster than sorting
        taken = np.zeros(many * (group.max(initial=0) + 1), dtype=bool)
        taken[key] = True
        found, cell = np.flatnonzero(taken), (np.cumsum(taken) - 1)[key]
    else:
        found, cell = np.unique(key, return_inverse=True)
    return np.column_stack([found // many, found % many + least]), cell.ravel()
