"""Multiple testing: p-values adjusted over the tests of a family."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray


class Ordered(NamedTuple):
    """The finite p-values, sorted by family and then by size.

    Attributes
    ----------
    order
        Index of each among all p-values.
    codes, position, sizes
        Its family, its place in the family from 0, and how many the family has.
    """

    order: IntArray
    codes: IntArray
    position: IntArray
    sizes: IntArray


NAMED = 0.05  #: an adjusted p-value up to this names a firm-day, or puts it beyond doubt


def holm(pvalues: FloatArray, family: IntArray) -> FloatArray:
    """Return p-values adjusted to keep the probability of any false rejection in a family (Holm 1979).

    Parameters
    ----------
    pvalues, family
        Shape (N,): raw p-values and the code of the family each belongs to. NaN stays NaN and counts in no
        family.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70.
    """
    ordered = _ordered(pvalues, family)
    stepped = np.minimum(pvalues[ordered.order] * (ordered.sizes - ordered.position), 1.0)
    by_value, rank = _ranked(ordered.codes, stepped)
    return _unordered(pvalues, ordered, stepped[by_value[np.maximum.accumulate(rank)]])


def benjamini_hochberg(pvalues: FloatArray, family: IntArray) -> FloatArray:
    """Return p-values adjusted to keep the share of false rejections in a family; arguments as of `holm`.

    References
    ----------
    Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57, 289-300.
    """
    ordered = _ordered(pvalues, family)
    stepped = np.minimum(pvalues[ordered.order] * ordered.sizes / (ordered.position + 1), 1.0)
    by_value, rank = _ranked(ordered.codes, stepped)
    return _unordered(pvalues, ordered, stepped[by_value[np.minimum.accumulate(rank[::-1])[::-1]]])


def _ordered(pvalues: FloatArray, family: IntArray) -> Ordered:
    finite = np.flatnonzero(np.isfinite(pvalues))
    order = finite[np.lexsort((pvalues[finite], family[finite]))]
    codes = family[order]
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))
    sizes = np.diff(starts, append=codes.size)
    position = np.arange(codes.size) - np.repeat(starts, sizes)
    return Ordered(order, codes, position, np.repeat(sizes, sizes))


def _ranked(codes: IntArray, stepped: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the order by family and value, and each one's rank in it.

    A running maximum or minimum over these ranks stays within its family: later families have higher ranks.
    """
    by_value = np.lexsort((stepped, codes))
    rank = np.empty_like(by_value)
    rank[by_value] = np.arange(by_value.size)
    return by_value, rank


def _unordered(pvalues: FloatArray, ordered: Ordered, adjusted: FloatArray) -> FloatArray:
    values = np.full(pvalues.shape, np.nan)
    values[ordered.order] = adjusted
    return values
