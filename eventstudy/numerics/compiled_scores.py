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
def sum_cells(  # type: ignore[no-untyped-def]
    values, there, rows, starts, order, of_rows, absent, paired, slot, score, count, products, shared, totals
):
    """Sum the scores of cells without the firm-events that some patterns leave out.

    Parameters
    ----------
    values, there
        As in `Scores`, and ``rows`` of them by cell, shape (m,).
    starts
        First of the rows of each cell, and m, shape (C + 1,); ``order`` is that in which cells are summed.
    of_rows
        Numbers of each row that are summed, shape (3, m).
    absent, paired
        Which rows each of K patterns leaves out, shape (K, m), and which cells it needs, shape (K, C).
    slot
        Where the sums of a pattern are kept, shape (K,); with -1 only their products with themselves are.
    score, count
        Sums and numbers of the scores, shape (slots, C, T); changed.
    products, shared
        Sums over sessions of the squares of both, shape (K, C); changed.
    totals
        Of the three numbers, shape (K, 3, C): those of all rows; changed.
    """
    width = values.shape[1]
    all_score, all_count, part_score, part_count = np.empty((4, width))
    room = np.empty(width), np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH)
    for c in order:
        all_score[:], all_count[:] = 0.0, 0.0
        for i in range(starts[c], starts[c + 1]):
            _add(values[rows[i]], there[rows[i]], 1, all_score, all_count)
        squared = False
        square = number = 0.0
        for k in range(len(slot)):
            if not paired[k, c]:
                continue
            whole = True
            for i in range(starts[c], starts[c + 1]):
                if not absent[k, i]:
                    continue
                if whole:
                    part_score[:], part_count[:] = all_score, all_count
                    whole = False
                _add(values[rows[i]], there[rows[i]], -1, part_score, part_count)
                for each in range(3):
                    totals[k, each, c] -= of_rows[each, i]
            own_score = all_score if whole else part_score
            own_count = all_count if whole else part_count
            if slot[k] >= 0:
                score[slot[k], c, :], count[slot[k], c, :] = own_score, own_count
            elif whole:
                if not squared:
                    square = _product(all_score, all_score, room)
                    number = _product(all_count, all_count, room)
                    squared = True
                products[k, c], shared[k, c] = square, number
            else:
                products[k, c] = _product(own_score, own_score, room)
                shared[k, c] = _product(own_count, own_count, room)


@compiled
def _add(own, known, sign, score, count):  # type: ignore[no-untyped-def]
    for t in range(len(own)):
        score[t] += sign * own[t]
        count[t] += sign * known[t]


@compiled
def _product(one, other, room):  # type: ignore[no-untyped-def]
    each, ends, sums = room
    for t in range(len(one)):
        each[t] = one[t] * other[t]
    return pairwise_sum(each, len(one), ends, sums)


@compiled
def lagged_products(score, count, one, other, shift, products, shared):  # type: ignore[no-untyped-def]
    """Fill the sums over sessions of the products of scores, and of counts, of pairs of cells.

    Session t of the second cell of a pair is session ``t + shift`` of the first.
    """
    width = score.shape[1]
    room = np.empty(width), np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH)
    for p in range(len(one)):
        a, b, s = one[p], other[p], shift[p]
        products[p] = _product(score[a, s:], score[b, : width - s], room)
        shared[p] = _product(count[a, s:], count[b, : width - s], room)
