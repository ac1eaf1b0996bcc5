"""The t of the value-weighted mean CAR, clustered by date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.double_double import two_product
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection, totals
from eventstudy.significance.sums import Summed
from eventstudy.significance.totals import ROUNDING, CellTotals, cell_totals, counted, over_groups

LARGE_SHARE = 0.2  #: a weight above this share of all is remarked on


@dataclass(frozen=True)
class Weighted:
    """Weighted sums over the CARs of each day-0 session and group.

    Attributes
    ----------
    by_date
        Sums of the weights, and of the weights times the CARs.
    squares, largest
        Sum of the squared weights and the largest, shape (G, W).
    complete
        CARs, those without a weight counted, shape (G, W).
    """

    by_date: CellTotals
    squares: ExactSums
    largest: FloatArray
    complete: IntArray

    def __add__(self, other: Weighted) -> Weighted:
        """Return the sums of both shards."""
        return Weighted(
            self.by_date + other.by_date,
            self.squares + other.squares,
            np.maximum(self.largest, other.largest),
            self.complete + other.complete,
        )

    def of_all_groups(self) -> Weighted:
        """Return the sums of all groups as those of one."""
        largest = self.largest.max(axis=0, keepdims=True, initial=0.0)
        return Weighted(
            self.by_date.of_all_groups(), self.squares.over_rows(), largest, over_groups(self.complete)
        )


def weighted_cars(sample: CrossSection) -> Weighted:
    """Take weighted sums of the CARs."""
    complete, weight = np.isfinite(sample.car), sample.weight[:, None]
    there = complete & (weight > 0)
    used, car = np.where(there, weight, 0.0), np.where(there, sample.car, 0.0)
    largest = np.zeros((sample.groups, used.shape[1]))
    np.maximum.at(largest, sample.group, used)
    return Weighted(
        by_date=cell_totals(
            *(sample.group, sample.date, there),
            lambda rows: [used[rows]],
            lambda rows: two_product(used[rows], car[rows]),
        ),
        squares=ExactSums.of(lambda rows: two_product(used[rows], used[rows]), sample.group, sample.groups),
        largest=largest,
        complete=counted(complete, sample.group, sample.groups),
    )


def value_weighted_t(sample: Summed) -> SignificanceResult:
    """Return the t of the weighted mean CAR of each group and window."""
    sums = sample.sums(weighted_cars)
    date = sums.by_date
    n, whole = date.over_groups(sample.groups)
    weights, products = (each.pair() for each in date.sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = date.sums[1].at(date.group, sample.groups).value / whole
        score = products.minus(weights.scaled(np.nan_to_num(mean)[date.group])).high
        dates = totals((date.size > 0).astype(np.int64), date.group, sample.groups)
        squares = totals(score**2, date.group, sample.groups)
        se = np.sqrt(squares * dates / np.where(dates > 1, dates - 1, np.nan)) / whole
        se = np.where(se > ROUNDING * np.abs(mean), se, np.nan)
        statistic, df = mean / se, np.where(dates > 1, dates - 1.0, np.nan)
        effective, share = whole**2 / sums.squares.value, sums.largest / whole
    lost = sums.complete - n
    return SignificanceResult(
        statistic,
        t_pvalue(statistic, df, sample.alternative),
        n,
        df=df,
        se=se,
        note=_notes(lost, effective, share),
        estimate=mean,
        effective_n=effective,
        largest_share=share,
    )


def _notes(lost: Any, effective: FloatArray, share: FloatArray) -> TextArray:
    """Say how many firm-days have no weight, and where one weight is large; shape (G, W)."""
    notes = np.full(share.shape, "", dtype=object)
    for cell in zip(*np.nonzero((lost > 0) | (share > LARGE_SHARE)), strict=True):
        parts = [f"{lost[cell]} firm-days left out: no weight above 0"] if lost[cell] else []
        if share[cell] > LARGE_SHARE:
            parts.append(f"the largest weight is {share[cell]:.0%} of all, effective N {effective[cell]:.3g}")
        notes[cell] = "; ".join(parts)
    return notes


VALUE_WEIGHTED_T = SignificanceTest(
    function=value_weighted_t,
    sums=(weighted_cars,),
    distribution="t",
    robust_to=("event-induced variance", "cross-correlation"),
    weighted=True,
    summary="CAAR weighted by a column of the event list over its standard error clustered by date.",
    null="the weighted mean abnormal return is zero",
    formulas=(
        r"\mathrm{CAAR}_w = \sum_i w_i CAR_i \Big/ \sum_i w_i, \quad "
        r"t = \mathrm{CAAR}_w / \mathrm{se} \sim t(D - 1)",
        r"\mathrm{se}^2 = \frac{D}{D-1} \sum_c \Big(\sum_{i \in c} w_i (CAR_i - \mathrm{CAAR}_w)\Big)^2 "
        r"\Big/ \Big(\sum_i w_i\Big)^2, \quad N_{eff} = \Big(\sum_i w_i\Big)^2 \Big/ \sum_i w_i^2",
    ),
    notes="""Only where the design names `weights`: a column of the event list such as the market value, known
    before the event window. This is weighted least squares on a constant; the clusters are the `D` day-0
    sessions. `effective_n` is the number of equal weights that would average as much, `largest_share` the
    largest weight's share of all; above 20 % the mean is largely that of one firm, and a note says so.

    Robust to correlation of the firms of one date and to changing variance; assumes independent dates. With
    fewer than about ten dates, or few that carry the weight, it rejects too often. Missing CARs, and weights
    that are missing or 0, are left out; needs two dates.""",
    references="""Cameron, Gelbach & Miller 2011, Journal of Business & Economic Statistics 29, 238-249,
    doi:10.1198/jbes.2010.07136""",
)
