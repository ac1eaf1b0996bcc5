"""The compiled twin of the splitting and adding in `ExactSums`: the same whole numbers."""

from __future__ import annotations

import numba
import numpy as np

from eventstudy._typing import FloatArray, IntArray

FRACTION = 52  #: bits of a float64 number after the first
BIAS = 1023 + FRACTION  #: of the exponent of its last bit
MOST_ROWS = 1 << 20  #: whose limbs are added as float64: their sum stays below 2^53

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def places_of(numbers: FloatArray, bits: int, lowest: int) -> tuple[int, int]:
    """Return the lowest and one above the highest place of a limb in some finite numbers; equal for zeros."""
    numbers = np.ascontiguousarray(numbers)
    return places_of_chosen(numbers.reshape(1, -1), np.zeros(1, dtype=np.int64), bits, lowest)


def places_of_chosen(numbers: FloatArray, rows: IntArray, bits: int, lowest: int) -> tuple[int, int]:
    """Return what `places_of` does of the finite numbers in some rows."""
    least, most = _exponents(numbers.view(np.int64), rows)
    if most < 0:
        return 0, 0
    places = [(exponent - BIAS) // bits for exponent in (least, most + FRACTION)]
    return max(places[0], lowest), max(places[1], lowest) + 1


@compiled
def _exponents(words, rows):  # type: ignore[no-untyped-def]
    """Return the least and the largest biased exponent of the finite numbers but zero; -1 for none."""
    least, most = 4095, -1
    for row in rows:
        for t in range(words.shape[1]):
            exponent = (words[row, t] >> 52) & 2047
            zero = (words[row, t] << 1) == 0 or exponent == 2047
            least = min(least, 4095 if zero else exponent)
            most = max(most, -1 if zero else exponent)
    return least, most


def add_split(numbers: FloatArray, group: IntArray, sums: IntArray, first: int, bits: int) -> None:
    """Add the limbs of some numbers, shape (n, width), to the sums of their groups.

    Parameters
    ----------
    group
        Ascending codes, shape (n,).
    sums
        Shape (places, groups, width), the limbs of ``2^(bits first)`` first; changed.
    """
    add_chosen_split(np.ascontiguousarray(numbers), np.arange(len(numbers)), group, sums, first, bits)


def add_chosen_split(
    values: FloatArray, rows: IntArray, group: IntArray, sums: IntArray, first: int, bits: int
) -> None:
    """Add the limbs of the finite values of some rows to the sums of their groups, as `add_split` does."""
    units = 2.0 ** (bits * np.arange(first, first + len(sums), dtype=float))
    for start in range(0, len(rows), MOST_ROWS):
        part = slice(start, start + MOST_ROWS)
        _add_chosen_split(values, rows[part], group[part], sums, units, 1.0 / units)


@compiled
def _add_chosen_split(values, rows, group, sums, units, inverse):  # type: ignore[no-untyped-def]
    n, width = len(rows), values.shape[1]
    rest, limbs = np.empty(width), np.zeros((len(units), width))
    for i in range(n):
        given = values[rows[i]]
        for w in range(width):
            rest[w] = given[w] if np.isfinite(given[w]) else 0.0
        for place in range(len(units) - 1, -1, -1):
            unit, scale = units[place], inverse[place]
            for w in range(width):
                limb = np.rint(rest[w] * scale)
                limbs[place, w] += limb  # whole and below 2^53: exact
                rest[w] -= limb * unit
        if i + 1 == n or group[i + 1] != group[i]:
            for place in range(len(units)):
                for w in range(width):
                    sums[place, group[i], w] += np.int64(limbs[place, w])
                    limbs[place, w] = 0.0


@compiled
def powers_of_chosen(values, chosen):  # type: ignore[no-untyped-def]
    """Return the sums of first, second and third powers of the values at each row of places, shape (n, 3)."""
    sums = np.empty((len(chosen), 3))
    for i in range(len(chosen)):
        first = second = third = 0.0
        for j in range(chosen.shape[1]):
            value = values[chosen[i, j]]
            square = value * value
            first += value
            second += square
            third += square * value
        sums[i, 0], sums[i, 1], sums[i, 2] = first, second, third
    return sums


@compiled
def add_runs(values, starts, sums):  # type: ignore[no-untyped-def]
    """Add the rows of values from each start to the next to a row of the sums."""
    for run in range(len(starts)):
        stop = starts[run + 1] if run + 1 < len(starts) else len(values)
        for i in range(starts[run], stop):
            for w in range(values.shape[1]):
                sums[run, w] += values[i, w]


@compiled
def add_chosen(values, rows, cell, sums):  # type: ignore[no-untyped-def]
    """Add each chosen row of values to the row of the sums that is its cell."""
    for i in range(len(rows)):
        into, values_of = sums[cell[i]], values[rows[i]]
        for w in range(len(values_of)):
            into[w] += values_of[w]


@compiled
def carry_on(limbs, bits):  # type: ignore[no-untyped-def]
    """Carry limbs, the lowest first, shape (places, n), to less than half of ``2^bits`` in size."""
    half = 1 << (bits - 1)
    for place in range(len(limbs) - 1):
        below, above = limbs[place], limbs[place + 1]
        for at in range(len(below)):
            carry = (below[at] + half) >> bits
            above[at] += carry
            below[at] -= carry << bits
