"""Wilcoxon: the signed-rank test."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.distributions import normal_pvalue, signed_rank_pvalue
from eventstudy.significance.result import EXACT, SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.sample import totals
from eventstudy.significance.signs import smallest_of_signs
from eventstudy.significance.sums import Summed, car_values


def wilcoxon(sample: Summed) -> SignificanceResult:
    """Return the signed-rank statistic of each group and window."""
    cars = sample.sums(car_values)
    windows = range(len(sample.windows))
    parts = [_signed_ranks(*cars.of_window(place), sample.groups, sample.alternative) for place in windows]
    w_plus, pvalue, n = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    return SignificanceResult(w_plus, pvalue, n, note=too_few(smallest_of_signs(n, sample.alternative)))


def _signed_ranks(
    group: IntArray, values: FloatArray, groups: int, alternative: Alternative
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return statistic, p-value and number of the values of each group that are not zero, (G,) each.

    Parameters
    ----------
    group, values
        Sorted by both, shape (n,).
    """
    n, positive, tied = _rank_sums(group, values, groups)
    variance = n * (n + 1.0) * (2 * n + 1) / 24 - tied / 48
    with np.errstate(invalid="ignore", divide="ignore"):
        pvalue = normal_pvalue((positive / 2 - n * (n + 1) / 4) / np.sqrt(variance), alternative)
    pvalue = np.where(n <= EXACT, _exact(group, values, n, positive, tied, alternative), pvalue)
    return np.where(n > 0, positive / 2, np.nan), pvalue, n


WILCOXON = SignificanceTest(
    function=wilcoxon,
    sums=(car_values,),
    distribution="exact",
    parametric=False,
    robust_to=("event-induced variance", "fat tails"),
    measures=("CAR", "BHAR"),
    over_dates=True,
    summary="Sum of the ranks of positive CARs among all CARs by absolute size.",
    null="abnormal returns are distributed symmetrically about zero",
    formulas=(
        r"W^+ = \sum_{AR_i > 0} \mathrm{rank} |AR_i|",
        r"z = \frac{W^+ - N(N+1)/4}{\sqrt{N(N+1)(2N+1)/24 - \sum (t^3 - t)/48}}",
    ),
    notes="""The p-value is exact up to N = 50: over all `2^N` patterns of signs given the observed ranks,
    with mid-ranks for ties. Beyond, `z` is standard normal, without a continuity correction; `t` are the
    numbers of tied values. Robust to event-induced variance and fat tails, not to skewness; assumes
    independent observations: firm-events, or date means. A CAR of exactly zero is left out, as is NaN.""",
    references="Wilcoxon 1945, Biometrics Bulletin 1, 80-83, doi:10.2307/3001968",
)


def _rank_sums(group: IntArray, values: FloatArray, groups: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return the number of the values that are not zero, twice the ranks of the positive ones, and the ties.

    The second are summed over each group, as ``t^3 - t`` is over its ties; (G,) each.
    """
    if worth_compiling(len(values)):
        from eventstudy.numerics.compiled_ranks import signed_rank_sums

        sums = signed_rank_sums(values, np.searchsorted(group, np.arange(groups + 1)))
        return sums[0], sums[1], sums[2]
    other = values != 0
    cell, values = group[other], values[other]
    starts = np.flatnonzero(np.diff(cell, prepend=-1)).tolist()
    for start, end in pairwise([*starts, len(cell)]):  # a falling run of sizes and a rising one
        own = values[start:end]
        own[:] = own[np.argsort(np.abs(own), kind="stable")]
    ranks, ties = _double_ranks(cell, np.abs(values))
    number = np.ones(len(cell), dtype=np.int64)
    found = [totals(part, cell, groups) for part in (number, np.where(values > 0, ranks, 0), ties)]
    return found[0], found[1], found[2]


def _double_ranks(cell: IntArray, size: FloatArray) -> tuple[IntArray, IntArray]:
    """Return twice the mid-rank of each size within its cell, and ``t^3 - t`` at the head of each tie.

    Parameters
    ----------
    cell, size
        Sorted by both, shape (n,).
    """
    place = np.arange(len(cell))
    new_cell = np.diff(cell, prepend=-1) != 0
    head = np.flatnonzero(new_cell | (np.diff(size, prepend=-1.0) != 0))
    length = np.diff(head, append=len(cell))
    first = place - np.maximum.accumulate(np.where(new_cell, place, 0))
    ties = np.zeros(len(cell), dtype=np.int64)
    ties[head] = length**3 - length
    return np.repeat(2 * first[head] + length + 1, length), ties


def _exact(
    group: IntArray,
    values: FloatArray,
    n: IntArray,
    positive: IntArray,
    tied: IntArray,
    alternative: Alternative,
) -> FloatArray:
    """Return exact p-values of the cells that are small enough: with ties one by one, others by N."""
    pvalue = np.full(len(n), np.nan)
    small = (n > 0) & (n <= EXACT)
    for count in np.unique(n[small & (tied == 0)]):
        alike = small & (tied == 0) & (n == count)
        pvalue[alike] = signed_rank_pvalue(positive[alike], tuple(range(2, 2 * count + 1, 2)), alternative)
    for each in np.flatnonzero(small & (tied > 0)):
        own = values[slice(*np.searchsorted(group, [each, each + 1]))]
        size = np.sort(np.abs(own[own != 0]))
        ranks, _ = _double_ranks(np.zeros(len(size), dtype=np.int64), size)
        pvalue[each] = signed_rank_pvalue(positive[each], tuple(map(int, ranks)), alternative)
    return pvalue
