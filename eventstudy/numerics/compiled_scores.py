"""The compiled twins of standardised residuals and of the products of their sums: the bits of NumPy."""

from __future__ import annotations

import numba
import numpy as np

BLOCK = 128  #: up to so many numbers NumPy adds in eight partial sums
DEPTH = 64  #: halves of halves of a row

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@compiled
def pairwise_sum(values, n, ends, sums):  # type: ignore[no-untyped-def]
    """Return the sum of the first n values in the order in which NumPy adds along a row.

    That is the sum of two halves of blocks of eight, and so on; ``ends`` and ``sums``, ``DEPTH`` long, hold
    the end of the second half, -1 once it is reached, and the sum of the first.
    """
    start, stop, depth = 0, n, 0
    while True:
        while stop - start > BLOCK:
            ends[depth] = stop
            half = (stop - start) // 2
            stop = start + half - half % 8
            depth += 1
        total = _block_sum(values, start, stop)
        while depth and ends[depth - 1] < 0:
            depth -= 1
            total = sums[depth] + total
        if not depth:
            return total
        sums[depth - 1] = total
        start, stop = stop, ends[depth - 1]
        ends[depth - 1] = -1


@compiled
def _block_sum(values, start, stop):  # type: ignore[no-untyped-def]
    total, whole = 0.0, start
    if stop - start >= 8:
        a, b, c, d = values[start], values[start + 1], values[start + 2], values[start + 3]
        e, f, g, h = values[start + 4], values[start + 5], values[start + 6], values[start + 7]
        whole = stop - (stop - start) % 8
        for at in range(start + 8, whole, 8):
            a += values[at]
            b += values[at + 1]
            c += values[at + 2]
            d += values[at + 3]
            e += values[at + 4]
            f += values[at + 5]
            g += values[at + 6]
            h += values[at + 7]
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for at in range(whole, stop):
        total += values[at]
    return total


@compiled
def standardise(residuals, no_variance, unit, values, there, n, squares):  # type: ignore[no-untyped-def]
    """Fill the fields of `Scores` from residuals."""
    width = residuals.shape[1]
    given, centred, of_given, of_centred = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    ends, sums = np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH)
    for i in range(len(residuals)):
        row, known, count = residuals[i], there[i], 0
        for t in range(width):
            finite = np.isfinite(row[t])
            known[t] = finite
            count += finite
            given[t] = row[t] if finite else 0.0
            of_given[t] = given[t] * given[t]
        mean = pairwise_sum(given, width, ends, sums) / max(count, 1)
        for t in range(width):
            centred[t] = given[t] - mean if known[t] else 0.0
            of_centred[t] = centred[t] * centred[t]
        spread = pairwise_sum(of_centred, width, ends, sums)
        varies = spread > no_variance * pairwise_sum(of_given, width, ends, sums)
        scale = np.sqrt(count / spread) / unit if varies else 0.0
        into = values[i]
        for t in range(width):
            into[t] = np.int32(np.rint(centred[t] * scale))
        n[i] = count
        squares[i] = count if varies else 0


@compiled
def add_scores(values, there, rows, cell, sign, score, count):  # type: ignore[no-untyped-def]
    """Add the scores of some rows times a sign, and their number, to those of their cells."""
    width = values.shape[1]
    for i in range(len(rows)):
        own, known = values[rows[i]], there[rows[i]]
        into, number = score[cell[i]], count[cell[i]]
        for t in range(width):
            into[t] += sign * own[t]
            number[t] += sign * known[t]


@compiled
def lagged_products(score, count, one, other, shift, products, shared):  # type: ignore[no-untyped-def]
    """Fill the sums over sessions of the products of scores, and of counts, of pairs of cells.

    Session t of the second cell of a pair is session ``t + shift`` of the first.
    """
    each, ends, sums = np.empty(score.shape[1]), np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH)
    for p in range(len(one)):
        first, second = score[one[p]][shift[p] :], score[other[p]]
        n = len(first)
        for t in range(n):
            each[t] = first[t] * second[t]
        products[p] = pairwise_sum(each, n, ends, sums)
        first, second = count[one[p]][shift[p] :], count[other[p]]
        for t in range(n):
            each[t] = first[t] * second[t]
        shared[p] = pairwise_sum(each, n, ends, sums)
