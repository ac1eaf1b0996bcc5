"""Sign tests: how many abnormal returns are positive, against one half (Dixon & Mood) or the past (Cowan)."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.numerics.distributions import binomial_pvalue, normal_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed, exact_total
from eventstudy.significance.totals import Totals, counted


def car_signs(sample: CrossSection) -> Totals:
    """Take the numbers of positive and negative CARs."""
    return Totals(
        tuple(counted(each, sample.group, sample.groups) for each in (sample.car > 0, sample.car < 0))
    )


def sign(sample: Summed) -> SignificanceResult:
    """Count positive against negative CARs in each group and window."""
    positive, negative = sample.sums(car_signs).counts
    n = positive + negative
    with np.errstate(invalid="ignore"):
        z = (positive - n / 2) / np.sqrt(n / 4)
    pvalue = binomial_pvalue(positive, n, sample.alternative)
    return SignificanceResult(z, pvalue, n, note=too_few(smallest_of_signs(n, sample.alternative)))


SIGN = SignificanceTest(
    function=sign,
    sums=(car_signs,),
    distribution="binomial",
    parametric=False,
    robust_to=("event-induced variance", "fat tails"),
    measures=("CAR", "BHAR"),
    over_dates=True,
    summary="Number of positive CARs against one half.",
    null="the median abnormal return is zero",
    formulas=(
        r"z = (w - N/2) / \sqrt{N/4}",
        r"p = \min\{1, 2 \Pr(X \ge \max(w, N - w))\}, \quad X \sim \mathrm{B}(N, \tfrac{1}{2})",
    ),
    notes="""`w` of `N` CARs are positive. The p-value is binomial for every `N`, so the size is at most the
    nominal one; one-sided it is the tail itself. `z` is for reading only. Robust to event-induced variance
    and fat tails; assumes independent observations: firm-events, or date means. Skewed returns have a median
    below their mean: see `generalized_sign`. A CAR of exactly zero is left out of `N`, as is NaN.""",
    references="""Dixon & Mood 1946, Journal of the American Statistical Association 41, 557-566,
    doi:10.1080/01621459.1946.10501898; Brown & Warner 1980, Journal of Financial Economics 8, 205-258,
    doi:10.1016/0304-405X(80)90002-1""",
)


def smallest_of_signs(n: IntArray, alternative: Alternative) -> FloatArray:
    """Return the smallest p-value that n signs, each as likely as the other, can have; NaN without any."""
    smallest = 0.5**n * (2 if alternative == "two-sided" else 1)
    return np.where(n > 0, np.minimum(smallest, 1.0), np.nan)


def expected_signs(sample: CrossSection) -> Totals:
    """Take the number of CARs and of those without a past, and the sum of their expected shares."""
    there, share = np.isfinite(sample.car), sample.history.share_positive[sample.events][:, None]
    known = np.isfinite(share)
    return Totals(
        (counted(there, sample.group, sample.groups), counted(there & ~known, sample.group, sample.groups)),
        (exact_total(sample, there & known, share),),
    )


def generalized_sign(sample: Summed) -> SignificanceResult:
    """Count positive CARs against the share expected from the estimation windows."""
    expected, (positive, _) = sample.sums(expected_signs), sample.sums(car_signs).counts
    n, unknown = expected.counts
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(unknown == 0, expected.sums[0].value, np.nan) / n
        variance = n * share * (1 - share)
        z = (positive - n * share) / np.sqrt(np.where(variance > 0, variance, np.nan))
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), n)


GENERALIZED_SIGN = SignificanceTest(
    function=generalized_sign,
    sums=(expected_signs, car_signs),
    distribution="normal",
    parametric=False,
    robust_to=("event-induced variance", "skewness", "fat tails"),
    summary="Number of positive CARs against the share of positive returns in the estimation window.",
    null="the share of positive abnormal returns is that of the estimation window",
    formulas=(r"z = (w - N \hat p) / \sqrt{N \hat p (1 - \hat p)} \sim N(0, 1)",),
    notes="""`w` of the `N` firm-events complete in the window have a positive CAR; `p-hat` is the mean over
    them of each one's own share of positive abnormal returns in its estimation window (not pooled). A return
    of exactly zero is not positive. Robust to event-induced variance, skewness and fat tails; assumes
    independent firms. Sums of skewed returns are less skewed than single ones, so over longer windows the
    expected share is too low. NaN is left out.""",
    references="""Cowan 1992, Review of Quantitative Finance and Accounting 2, 343-358,
    doi:10.1007/BF00939016, eqs. 3-4""",
)
