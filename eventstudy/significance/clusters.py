"""Cells of one size, which share their draws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import BoolArray, IntArray


def cells_of_one_size(
    place: IntArray, group: IntArray, wanted: BoolArray
) -> Iterator[tuple[BoolArray, IntArray]]:
    """Yield the (window, group) cells that have equally many entries, which share their draws.

    Parameters
    ----------
    place, group
        Window and group of each entry, sorted by both, shape (E,).
    wanted
        Which cells to yield, shape (W, G).

    Yields
    ------
    tuple
        The K cells, as a mask of shape (W, G), and the entries of each in the mask's order, shape (K, size).
    """
    cell = place * wanted.shape[1] + group
    size = np.bincount(cell, minlength=wanted.size).reshape(wanted.shape)
    for count in np.unique(size[wanted]):
        chosen = wanted & (size == count)
        entries = np.flatnonzero(chosen.ravel()[cell])
        yield chosen, entries.reshape(-1, count)
