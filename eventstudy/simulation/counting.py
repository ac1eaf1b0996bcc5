"""Rejections of tests over replications, their band, and the attainable size of exact tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import (
    binomial_pvalue,
    binomial_weights,
    signed_rank_cdf,
    signed_rank_pvalue,
)
from eventstudy.significance.result import EXACT

LEVELS = (0.01, 0.05, 0.10)  #: nominal sizes at which rejections are counted
NORMAL_995 = 2.5758293035489004  #: quantile of the standard normal: half the width of a 99 % band


class Case(NamedTuple):
    """What is counted: one test, unit, measure, window and effect."""

    test: str
    unit: str
    measure: str
    start: int
    end: int
    effect: float


@dataclass(frozen=True)
class Count:
    """Replications with a p-value, their rejections at each of ``LEVELS``, and the units that entered."""

    n: int
    rejected: IntArray
    units: int

    def __add__(self, other: Count) -> Count:
        return Count(self.n + other.n, self.rejected + other.rejected, self.units + other.units)


NONE = Count(0, np.zeros(len(LEVELS), dtype=np.int64), 0)


def counted(counts: dict[Case, Count], parts: Iterable[Columns], effect: float) -> None:
    """Add rows of the table ``tests`` to the counts of their cases."""
    for part in parts:
        width = len(dict.fromkeys(zip(part["start"], part["end"], strict=True)))
        pvalue, units = part["pvalue"].reshape(-1, width), part["n"].reshape(-1, width)
        there = np.isfinite(pvalue)
        rejected = np.array([(there & (pvalue <= level)).sum(axis=0) for level in LEVELS])
        for place in range(width):
            test, unit, measure, start, end = (part[name][place] for name in Case._fields[:-1])
            case = Case(test, unit, measure, int(start), int(end), effect)
            own = there[:, place]
            count = Count(int(own.sum()), rejected[:, place], int(units[own, place].sum()))
            counts[case] = counts.get(case, NONE) + count


def band(rate: FloatArray, n: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the 99 % score interval of a rejection rate.

    It holds the nominal size where and only where the rate is inside the 99 % binomial band around that size
    (Wilson 1927, Journal of the American Statistical Association 22, 209-212,
    doi:10.1080/01621459.1927.10502953). NaN without replications.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = NORMAL_995**2 / n
        middle = (rate + share / 2) / (1 + share)
        half = np.sqrt(rate * (1 - rate) * share + share**2 / 4) / (1 + share)
        return middle - half, middle + half


@cache
def attainable(distribution: str, n: int, level: float, alternative: Alternative) -> float:
    """Return the largest size at most ``level`` that a sign or signed-rank test of n observations has.

    Their p-values take few values. NaN for other tests, and for more than ``EXACT`` signed ranks, where the
    p-value is normal.
    """
    if n <= 0 or distribution not in ("binomial", "exact"):
        return np.nan
    if distribution == "binomial":
        weight = binomial_weights(n)
        pvalue = binomial_pvalue(np.arange(n + 1), n, alternative)
    elif n > EXACT:
        return np.nan
    else:
        ranks = tuple(range(2, 2 * n + 1, 2))
        weight = np.diff(signed_rank_cdf(ranks), prepend=0.0)
        pvalue = signed_rank_pvalue(np.arange(len(weight)), ranks, alternative)
    return float(weight[pvalue <= level].sum())
