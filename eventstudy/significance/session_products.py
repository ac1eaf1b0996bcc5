"""Correlations of many firm-events with gaps: products of standardised residuals, averaged by session."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.pair_correlation import MIN_SHARED
from eventstudy.significance.pairing import Pairing
from eventstudy.significance.scores import UNIT, Scores
from eventstudy.significance.session_cells import Cells, Pairs, Products, products


def product_totals(pairing: Pairing, scores: Scores, groups: int, lengths: IntArray) -> ExactSums:
    """Return twice the correlation times the common sessions, summed over all pairs, shape (G, W).

    The pairs of two dates have one correlation: the mean product of their scores over all pairs and the
    sessions that both have. On one date without gaps the mean of Pearson's correlations is the same figure.

    Parameters
    ----------
    pairing
        All firm-events of a date are the sample's, or none; windows have no gap on the calendar.
    lengths
        Of the W windows, shape (W,).

    Raises
    ------
    ValueError
        Some firm-events of a date are the sample's and others are not.
    """
    nothing = ExactSums.none((groups, len(lengths)))
    if not pairing.own.any():
        return nothing
    known = scores.n[pairing.events] >= MIN_SHARED
    known &= pairing.begin >= pairing.begin[pairing.own].min()  # a pair is that of the earlier firm-event
    rows = np.flatnonzero(known)
    if not len(rows):
        return nothing
    begin = pairing.begin[rows] - pairing.begin[rows].min()
    key = pairing.group[rows] * (begin.max() + lengths.max() + 1) + begin
    order = np.lexsort((pairing.events[rows], key))
    rows, key = rows[order], key[order]
    new = np.diff(key, prepend=-1) > 0
    cell, first = np.cumsum(new) - 1, rows[new]
    own, group = pairing.own[first], pairing.group[first]
    if (own[cell] != pairing.own[rows]).any():
        raise ValueError("firm-events of one date are in several shards")
    cells = Cells(pairing.events[rows], cell, np.argsort(pairing.begin[first], kind="stable"))
    most = min(lengths.max(), scores.values.shape[1] - MIN_SHARED + 1)
    pairs = _pairs(key[new], own, most)
    windows: dict[bytes, list[int]] = {}  # by who is complete
    for place, complete in enumerate(pairing.complete[rows].T):
        windows.setdefault(complete.tobytes(), []).append(place)
    shifts = [min(lengths[places].max(), most) for places in windows.values()]
    starts = np.cumsum(shifts) - shifts
    base = np.empty_like(lengths)
    for places, start in zip(windows.values(), starts, strict=True):
        base[places] = start
    patterns = [
        (~np.frombuffer(pattern, dtype=bool), pairs.below(each))
        for pattern, each in zip(windows, shifts, strict=True)
    ]
    found = zip(products(scores, cells, patterns), patterns, starts, strict=True)
    parts = [
        (_correlations(each, some), (start + some.shift) * groups + group[some.one])
        for each, (_, some), start in found
    ]
    number, code = (np.concatenate(each) for each in zip(*parts, strict=True))
    sums = ExactSums.of(lambda part: [number[part, None]], code, sum(shifts) * groups)
    by_shift = ExactSums(sums.limbs.reshape(-1, sum(shifts), groups), sums.lowest)
    return _over_shifts(by_shift, base, lengths, most)


def _correlations(found: Products, pairs: Pairs) -> FloatArray:
    """Return the correlations of pairs of cells, times their pairs of firm-events, shape (P,).

    Pairs of one date are counted both ways.
    """
    one, same = pairs.one, pairs.shift == 0
    total = found.scores * UNIT**2 - np.where(same, found.squares[one], 0.0)
    shared = found.counts - np.where(same, found.n[one], 0.0)
    of_both = found.members[one] * found.members[pairs.other] - np.where(same, found.members[one], 0.0)
    enough = (of_both > 0) & (shared >= MIN_SHARED * of_both)
    return np.asarray(np.where(enough, total * of_both / np.where(enough, shared, 1.0), 0.0))


def _pairs(keys: IntArray, own: IntArray, shifts: int) -> Pairs:
    """Return the pairs of own cells and those that begin some sessions later; a key is that of a session."""
    parts = []
    for shift in range(shifts):
        later = np.searchsorted(keys, keys + shift)
        one = np.flatnonzero(own & (np.append(keys, -1)[later] == keys + shift))
        parts.append((one, later[one], np.full(len(one), shift)))
    return Pairs(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _over_shifts(sums: ExactSums, base: IntArray, lengths: IntArray, most: int) -> ExactSums:
    """Return the sums over the shifts of each window, times the sessions in common, shape (G, W).

    Parameters
    ----------
    sums
        Of each shift, shape (steps, G); those of a window begin at its ``base``, shape (W,).
    most
        Shifts of a window.
    """
    shifts = np.minimum(lengths, most)
    window = np.repeat(np.arange(len(lengths)), shifts)
    shift = np.arange(len(window)) - np.repeat(np.cumsum(shifts) - shifts, shifts)
    times = (lengths[window] - shift) * np.where(shift, 2, 1)
    each = ExactSums(sums.limbs[:, base[window] + shift], sums.lowest).times(times[:, None])
    of_windows = each.at(window, len(lengths))
    return ExactSums(np.ascontiguousarray(of_windows.limbs.transpose(0, 2, 1)), of_windows.lowest)
