"""The compiled twins of `double_ranks` and of what the rank tests take from ranks: the same numbers."""

from __future__ import annotations

import numba
import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray

CHUNK = 512  #: rows whose keys are sorted at once: they fit the cache
NARROW = 10  #: bits of the column up to which the values' first 22 bits tell nearly all of a row apart
SMALL = 16_000  #: rows whose comparisons are added in 16 bits, and their ranks in 32

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def double_ranks_compiled(*parts: FloatArray) -> IntArray:
    """Return what `double_ranks` returns of the columns of all parts side by side, as uint16 (n, T)."""
    n, width = len(parts[0]), sum(part.shape[1] for part in parts)
    ranks = np.empty((n, width), dtype=np.uint16)
    column = max(int(width - 1).bit_length(), 1)  # bits of a key that hold the column
    rough, word = (np.float32, np.uint32) if column <= NARROW else (np.float64, np.uint64)
    with np.errstate(over="ignore", under="ignore"):
        for start in range(0, n, CHUNK):
            rows = slice(start, start + CHUNK)
            values = np.column_stack([part[rows] for part in parts])
            keys = values.astype(rough).view(word)
            _order_keys(values, keys, word((1 << column) - 1), word(1 << (8 * keys.itemsize - 1)))
            keys.sort(axis=1)
            _ranks_of_keys(values, keys, word((1 << column) - 1), ranks[rows])
    return ranks


@compiled
def _order_keys(values, keys, low, top):  # type: ignore[no-untyped-def]
    """Make keys of the words of values: in their order, but for the last bits, which hold the column."""
    for i in range(len(values)):
        for t in range(values.shape[1]):
            word = keys[i, t]
            word = ~word if word & top else word | top
            word = word if np.isfinite(values[i, t]) else ~low
            keys[i, t] = (word & ~low) | (low & t)


@compiled
def _ranks_of_keys(values, keys, low, ranks):  # type: ignore[no-untyped-def]
    width = values.shape[1]
    order, ordered = np.empty(width, dtype=np.int64), np.empty(width)
    for i in range(len(values)):
        own, given, before = values[i], keys[i], -np.inf
        n = 0
        while n < width:  # most rows have no ties, and are ordered by their keys
            t = np.int64(given[n] & low)
            if not before < own[t] < np.inf:
                break
            n, before = n + 1, own[t]
            ranks[i, t] = 2 * n
        if n < width and np.isfinite(own[np.int64(given[n] & low)]):
            n = _ordered(own, given, low, order, ordered)
            _fill_ranks(ordered[:n], order, ranks[i])
        for place in range(n, width):
            ranks[i, np.int64(given[place] & low)] = 0


@compiled
def _ordered(values, keys, low, order, ordered):  # type: ignore[no-untyped-def]
    """Fill the finite values in order, and the column of each; return how many there are."""
    for n in range(len(values)):
        t = np.int64(keys[n] & low)
        value = values[t]
        if not np.isfinite(value):  # as all that follow
            return n
        at = n
        while at > 0 and ordered[at - 1] > value:  # keys that are the same but for the column
            order[at], ordered[at] = order[at - 1], ordered[at - 1]
            at -= 1
        order[at], ordered[at] = t, value
    return len(values)


@compiled
def _fill_ranks(ordered, order, ranks):  # type: ignore[no-untyped-def]
    """Fill twice the mid-ranks of ordered values into their columns."""
    first = 0
    while first < len(ordered):
        last = first
        while last + 1 < len(ordered) and ordered[last + 1] == ordered[first]:
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = first + last + 2
        first = last + 1


@compiled
def median_signs_compiled(ranks):  # type: ignore[no-untyped-def]
    """Return the sign of each value about the median of its row from doubled mid-ranks, int8 (n, T)."""
    signs = np.zeros(ranks.shape, dtype=np.int8)
    width = ranks.shape[1]
    count = np.zeros(2 * width + 2, dtype=np.int64)
    for i in range(len(ranks)):
        n = 0
        for t in range(width):
            count[ranks[i, t]] += 1
            n += ranks[i, t] > 0
        below, median = 0, 0
        for rank in range(1, 2 * width + 1):
            here = count[rank]
            for middle in ((n + 1) // 2, n // 2 + 1):
                if below < middle <= below + here:
                    median += rank
            below += here
        for t in range(width):
            count[ranks[i, t]] = 0
            if ranks[i, t]:
                twice = 2 * np.int64(ranks[i, t])
                signs[i, t] = int(twice > median) - int(twice < median)
    return signs


@compiled
def signed_rank_sums(values, bounds):  # type: ignore[no-untyped-def]
    """Return what the signed-rank test takes of runs of ascending values, int64 (3, runs).

    That is how many are not zero, the sum of twice the mid-rank by size of the positive ones, and the sum of
    ``t^3 - t`` over ties of t. A run ends where the next bound is.
    """
    sums = np.zeros((3, len(bounds) - 1), dtype=np.int64)
    for run in range(len(bounds) - 1):
        first, end = bounds[run], bounds[run + 1]
        negative = first - 1
        while negative + 1 < end and values[negative + 1] < 0:
            negative += 1
        positive = negative + 1
        while positive < end and values[positive] == 0:
            positive += 1
        n = 0
        while negative >= first or positive < end:
            below = -values[negative] if negative >= first else np.inf
            above = values[positive] if positive < end else np.inf
            size, ties, ups = min(below, above), 0, 0
            while negative >= first and -values[negative] == size:
                negative, ties = negative - 1, ties + 1
            while positive < end and values[positive] == size:
                positive, ups = positive + 1, ups + 1
            ties += ups
            sums[1, run] += ups * (2 * n + ties + 1)
            sums[2, run] += ties * ties * ties - ties
            n += ties
        sums[0, run] = n
    return sums


@compiled
def places_among_compiled(values, events, entries):  # type: ignore[no-untyped-def]
    """Return one plus the values below each entry and those not above it, int64 (n, W).

    Parameters are the values of all rows, (N, T), which row each entry is compared with, (n,), and the
    entries, (n, W).
    """
    places = np.empty(entries.shape, dtype=np.int64)
    for i in range(len(entries)):
        own = values[events[i]]
        for w in range(entries.shape[1]):
            entry = entries[i, w]
            below = not_above = 0
            for t in range(len(own)):
                below += own[t] < entry
                not_above += own[t] <= entry
            places[i, w] = 1 + below + not_above
    return places


@compiled
def add_weighted_rows(values, weights, group, totals):  # type: ignore[no-untyped-def]
    """Add whole numbers of each row, (n, W), times each of its weights, (n, 3), to its group, (3, G, W)."""
    for i in range(len(values)):
        own = values[i]
        for limb in range(weights.shape[1]):
            into, weight = totals[limb, group[i]], weights[i, limb]
            for w in range(len(own)):
                into[w] += own[w] * weight


def lifted_totals(
    ranks: IntArray, place: IntArray, there: BoolArray, entries: IntArray, cell: IntArray
) -> tuple[IntArray, IntArray]:
    """Return sums over cells of ranks centred and lifted by an entry among them, and how many, (C, W, T).

    That is the sum of ``double - T + sign(double - place)`` over the rows that are there and ranked.

    Parameters
    ----------
    ranks
        Doubled mid-ranks, uint16 (n, T), below 2^15; 0 where missing.
    place, there
        Doubled rank of the entry of each row and window, and whether it has one, (n, W).
    entries
        ``T``, shape (n,).
    cell
        Ascending codes from 0, each of at least one row, shape (n,).
    """
    shape = (cell[-1] + 1, place.shape[1], ranks.shape[1])
    total, firms = np.zeros((2, *shape), dtype=np.int64)
    _lifted_totals(ranks.view(np.int16), place.astype(np.int16), there, entries, cell, total, firms)
    return total, firms


@compiled
def _lifted_totals(ranks, place, there, entries, cell, total, firms):  # type: ignore[no-untyped-def]
    (n, width), windows = ranks.shape, place.shape[1]
    centred, known = np.empty(width, dtype=np.int32), np.empty(width, dtype=np.int32)
    base, present = np.zeros(width, dtype=np.int32), np.zeros(width, dtype=np.int32)
    absent, missed = np.zeros((windows, width), dtype=np.int32), np.zeros((windows, width), dtype=np.int32)
    lifted = np.zeros((windows, width), dtype=np.int16)
    added = 0
    for i in range(n):
        own, c, middle = ranks[i], cell[i], np.int32(entries[i] + 1)
        for t in range(width):
            used = np.int32(own[t] > 0)
            centred[t] = (own[t] - middle) * used
            known[t] = used
            base[t] += centred[t]
            present[t] += used
        for w in range(windows):
            if there[i, w]:
                entry, into = place[i, w], lifted[w]
                for t in range(width):
                    into[t] += np.int16(own[t] > entry) + np.int16(own[t] >= entry)
            else:  # it is among those of all windows
                less, fewer = absent[w], missed[w]
                for t in range(width):
                    less[t] += centred[t]
                    fewer[t] += known[t]
        added += 1
        if added == SMALL or i + 1 == n or cell[i + 1] != c:
            for w in range(windows):
                sums, counts, own_lifted, less, fewer = (
                    total[c, w],
                    firms[c, w],
                    lifted[w],
                    absent[w],
                    missed[w],
                )
                for t in range(width):
                    sums[t] += base[t] + own_lifted[t] - less[t]
                    counts[t] += present[t] - fewer[t]
                    own_lifted[t] = 0
                    less[t] = 0
                    fewer[t] = 0
            base[:], present[:], added = 0, 0, 0
