"""Pairs of rows and columns of square matrices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from eventstudy._typing import IntArray


@lru_cache(maxsize=16)
def upper_triangle(n: int, above: int = 0) -> tuple[IntArray, IntArray]:
    """Return rows and columns of the upper triangle of an n x n matrix, row by row; read only.

    As ``np.triu_indices``, which takes longer than what is done with the pairs of a few tickers.

    Parameters
    ----------
    above
        1 leaves out the diagonal.
    """
    rows, columns = np.triu_indices(n, above)
    rows.flags.writeable = columns.flags.writeable = False
    return rows, columns
