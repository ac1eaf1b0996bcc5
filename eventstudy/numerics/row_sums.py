"""Sums of runs of rows of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.numerics.compiling import worth_compiling

CHUNK = 2_048  #: rows added at once: bounds the memory


def sum_runs(values: Any, starts: IntArray, rows: int) -> IntArray:
    """Return the sums of the rows from each start to the next, int64 (runs, ...).

    Parameters
    ----------
    values
        Whole numbers or truth values, shape (n, ...).
    starts
        First row of each run, ascending, shape (runs,); the first is 0.
    rows
        Of the whole, of which ``values`` may be a chunk: many are worth a compiled kernel.
    """
    if not len(starts):
        return np.zeros((0, *values.shape[1:]), dtype=np.int64)
    if not worth_compiling(rows):
        return np.asarray(np.add.reduceat(values, starts, axis=0, dtype=np.int64))
    from eventstudy.numerics.compiled_sums import add_runs

    sums = np.zeros((len(starts), *values.shape[1:]), dtype=np.int64)
    flat = np.ascontiguousarray(values).reshape(len(values), -1)
    add_runs(flat, starts, sums.reshape(len(starts), -1))
    return sums


def sum_chosen(values: Any, rows: IntArray, cell: IntArray, cells: int) -> IntArray:
    """Return the sums over each cell of the chosen rows, int64 (cells, ...).

    Parameters
    ----------
    values
        Whole numbers or truth values, shape (N, width).
    rows
        Which are chosen, shape (n,), and the ascending code of the cell of each, ``cell``.
    """
    sums = np.zeros((cells, values.shape[1]), dtype=np.int64)
    if worth_compiling(len(rows)):
        from eventstudy.numerics.compiled_sums import add_chosen

        add_chosen(values, rows, cell, sums)
        return sums
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        starts = np.flatnonzero(np.diff(cell[part], prepend=-1))
        sums[cell[part][starts]] += sum_runs(values[rows[part]], starts, len(rows))
    return sums
