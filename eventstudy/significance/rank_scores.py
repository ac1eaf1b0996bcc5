"""Sums of rank scores over groups, bit for bit independent of the order of the firm-events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.significance.sample import CHUNK, CrossSection, add_totals

BITS, LIMBS = 20, 3  #: of a weight: 2^28 scores of at most 2^15 entries stay below 2^63 in each limb


def score_totals(sample: CrossSection, entries: IntArray, centred: Callable[[IntArray], Any]) -> IntArray:
    """Return the sum over each group of ``centred / (2 (entries + 1))``, as limbs, shape (3, G, ...).

    With ``centred`` the doubled mid-rank less ``entries + 1`` that is the sum of ``rank / (T + 1) - 1/2``.
    Firm-events of equal ``T`` are added as integers, then weighted by ``1 / (2 (T + 1))`` as an integer
    number of ``2^-60``: no sum is rounded, so none depends on the order, and shards add up.

    Parameters
    ----------
    entries
        How many entries each firm-event ranks, ``T``; shape (n,).
    centred
        Returns integers of at most ``entries + 1``, shape (rows, ...), for a chunk of rows of the sample.
    """
    n = len(entries)
    order = np.lexsort((entries, sample.group))  # those of equal T together: few sums to weight
    totals = None
    for start in range(0, max(n, 1), CHUNK):
        rows = order[start : start + CHUNK]
        whole = centred(rows)
        if totals is None:
            totals = np.zeros((LIMBS, sample.groups, *whole.shape[1:]), dtype=np.int64)
        group, ranked = sample.group[rows], entries[rows]
        new = (np.diff(group, prepend=-1) != 0) | (np.diff(ranked, prepend=-1) != 0)
        cells = np.flatnonzero(new)
        if len(cells):
            sums = np.add.reduceat(whole, cells, axis=0, dtype=np.int64)
            for limb, weight in zip(totals, _weights(ranked[cells]), strict=True):
                add_totals(limb, sums * weight.reshape(-1, *[1] * (whole.ndim - 1)), group[cells])
    return np.asarray(totals)


def _weights(entries: IntArray) -> list[IntArray]:
    """Return ``1 / (2 (T + 1))`` as limbs of 20 bits, the highest first."""
    weight = np.rint(2.0 ** (BITS * LIMBS - 1) / (entries + 1.0)).astype(np.int64)
    return [(weight >> BITS * place) & ((1 << BITS) - 1) for place in reversed(range(LIMBS))]


def scores(totals: IntArray) -> FloatArray:
    """Return the sums of `score_totals` as float64, shape (G, ...)."""
    total = np.zeros(totals.shape[1:])
    for place in reversed(range(LIMBS)):  # the smallest first
        total += totals[place] * 2.0 ** (-BITS * (place + 1))
    return total
