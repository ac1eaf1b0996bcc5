"""Sums of rank scores over groups, bit for bit independent of the order of the firm-events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.row_sums import sum_runs
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
    totals = np.zeros((LIMBS, sample.groups, *centred(np.arange(0)).shape[1:]), dtype=np.int64)
    for rows, cells in in_cells(sample, entries):
        sums = sum_runs(centred(rows), cells, len(entries))
        add_weighted(totals, sums, entries[rows[cells]], sample.group[rows[cells]])
    return totals


def few_score_totals(sample: CrossSection, entries: IntArray, centred: IntArray) -> IntArray:
    """Return what `score_totals` does of a few integers of each firm-event, shape (n, W): (3, G, W)."""
    if not worth_compiling(len(entries)):
        return score_totals(sample, entries, lambda rows: centred[rows])
    from eventstudy.numerics.compiled_ranks import add_weighted_rows

    totals = np.zeros((LIMBS, sample.groups, centred.shape[1]), dtype=np.int64)
    add_weighted_rows(centred, np.stack(_weights(entries), axis=1), sample.group, totals)
    return totals


def in_cells(sample: CrossSection, entries: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield a chunk of rows after the other, those of one group and equal ``entries`` together.

    The second array says where, within the chunk, each of these cells begins.
    """
    order = np.lexsort((entries, sample.group))  # few sums to weight
    for start in range(0, len(order), CHUNK):
        rows = order[start : start + CHUNK]
        new = (np.diff(sample.group[rows], prepend=-1) != 0) | (np.diff(entries[rows], prepend=-1) != 0)
        yield rows, np.flatnonzero(new)


def add_weighted(totals: IntArray, sums: IntArray, entries: IntArray, group: IntArray) -> None:
    """Add sums of cells, (C, ...), times ``1 / (2 (entries + 1))`` to the limbs of `score_totals`."""
    for limb, weight in zip(totals, _weights(entries), strict=True):
        add_totals(limb, sums * weight.reshape(-1, *[1] * (sums.ndim - 1)), group)


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
