"""Clusters of firm-events: sums over those of one firm or date, and cells of one size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.significance.sample import CrossSection, cells, totals


@dataclass(frozen=True)
class Clusters:
    """Sums over the C clusters of a sample, sorted by group and code.

    Attributes
    ----------
    group
        Which group each cluster belongs to, shape (C,).
    total, size
        Sum and count of the finite values, shape (C, W).
    """

    group: IntArray
    total: FloatArray
    size: IntArray


def clusters(sample: CrossSection, codes: IntArray, values: FloatArray) -> Clusters:
    """Sum ``values``, shape (n, W), NaN left out, over the rows of one group that share one of ``codes``."""
    found, cluster = cells(sample.group, codes)
    order = np.argsort(cluster, kind="stable")
    there = np.isfinite(values)
    ordered = cluster[order]
    return Clusters(
        group=found[:, 0],
        total=totals(np.where(there, values, 0.0)[order], ordered, len(found)),
        size=totals(there[order].astype(np.int64), ordered, len(found)),
    )


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
