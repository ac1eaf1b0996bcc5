"""Sums of rank scores over groups, bit for bit independent of the order of the firm-events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.significance.sample import CHUNK, CrossSection, add_totals


def score_totals(sample: CrossSection, entries: IntArray, centred: Callable[[IntArray], Any]) -> FloatArray:
    """Return the sum over each group of ``centred / (2 (entries + 1))``, shape (G, ...).

    With ``centred`` the doubled mid-rank less ``entries + 1`` that is the sum of ``rank / (T + 1) - 1/2``.
    Firm-events of equal ``T`` are added as integers, then weighted by ``1 / (2 (T + 1))`` as an integer
    number of a very small unit: no sum is rounded, so none depends on the order.

    Parameters
    ----------
    entries
        How many entries each firm-event ranks, ``T``; shape (n,).
    centred
        Returns integers of at most ``entries + 1``, shape (rows, ...), for a chunk of rows of the sample.
    """
    n = len(entries)
    unit = 2.0 ** (n.bit_length() - 62)  # n scores of at most a half stay below 2^62
    order = np.lexsort((entries, sample.group))  # those of equal T together: few sums to weight
    totals = None
    for start in range(0, max(n, 1), CHUNK):
        rows = order[start : start + CHUNK]
        whole = centred(rows)
        if totals is None:
            totals = np.zeros((sample.groups, *whole.shape[1:]), dtype=np.int64)
        group, ranked = sample.group[rows], entries[rows]
        new = (np.diff(group, prepend=-1) != 0) | (np.diff(ranked, prepend=-1) != 0)
        cells = np.flatnonzero(new)
        if len(cells):
            weight = np.rint(1.0 / (2.0 * (ranked[cells] + 1.0) * unit)).astype(np.int64)
            sums = np.add.reduceat(whole, cells, axis=0, dtype=np.int64)
            add_totals(totals, sums * weight.reshape(-1, *[1] * (whole.ndim - 1)), group[cells])
    return np.asarray(totals) * unit
