"""The t of the value-weighted mean CAR, clustered by date."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, TextArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.clusters import clusters
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import ROUNDING, CrossSection, totals

LARGE_SHARE = 0.2  #: a weight above this share of all is remarked on


def value_weighted_t(sample: CrossSection) -> SignificanceResult:
    """Return the t of the weighted mean CAR of each group and window."""
    weight = sample.weight[:, None]
    there = np.isfinite(sample.car) & (weight > 0)
    used = np.where(there, weight, 0.0)
    n, whole = sample.total(there.astype(np.int64)), sample.total(used)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sample.total(np.where(there, used * sample.car, 0.0)) / whole
        score = np.where(there, used * (sample.car - mean[sample.group]), np.nan)
        date = clusters(sample, sample.date, score)
        dates = totals((date.size > 0).astype(np.int64), date.group, sample.groups)
        squares = totals(date.total**2, date.group, sample.groups)
        se = np.sqrt(squares * dates / np.where(dates > 1, dates - 1, np.nan)) / whole
        se = np.where(se > ROUNDING * np.abs(mean), se, np.nan)
        statistic, df = mean / se, np.where(dates > 1, dates - 1.0, np.nan)
        effective, share = whole**2 / sample.total(used**2), _largest(sample, used) / whole
    lost = sample.n - n
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


def _largest(sample: CrossSection, used: FloatArray) -> FloatArray:
    """Return the largest weight of each group and window, shape (G, W)."""
    largest = np.zeros((sample.groups, used.shape[1]))
    np.maximum.at(largest, sample.group, used)
    return largest


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
