"""Hall: the cross-sectional t adjusted for skewness."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sums import Summed, car_powers


def skew_adjusted_t(sample: Summed) -> SignificanceResult:
    """Return Hall's transformed t of each group and window."""
    car = sample.sums(car_powers)
    mean, deviation, n = car.moments()
    with np.errstate(invalid="ignore", divide="ignore"):
        third = car.third() / deviation**3
        s = mean / deviation
        g = np.where(n > 2, n / ((n - 1.0) * (n - 2.0)), np.nan) * third
        t = np.sqrt(n) * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * n))
    return SignificanceResult(t, normal_pvalue(t, sample.alternative), n)


SKEW_ADJUSTED_T = SignificanceTest(
    function=skew_adjusted_t,
    sums=(car_powers,),
    distribution="normal",
    robust_to=("event-induced variance", "skewness"),
    measures=("CAR", "BHAR"),
    over_dates=True,
    summary="Cross-sectional t of the mean CAR, transformed to remove skewness.",
    null="the mean abnormal return is zero",
    formulas=(
        r"t = \sqrt N \left(S + \tfrac{1}{3} g S^2 + \tfrac{1}{27} g^2 S^3 + \tfrac{1}{6N} g\right) "
        r"\sim N(0, 1)",
        r"S = \mathrm{AAR} / \mathrm{sd}(AR), \quad "
        r"g = \frac{N}{(N-1)(N-2)} \sum_i \left(\frac{AR_i - \mathrm{AAR}}{\mathrm{sd}(AR)}\right)^3",
    ),
    notes="""Assumes independent observations: firm-events, or date means. Robust to event-induced variance.
    The cubic term makes the transformation monotone. Asymptotic: over-rejects below about fifty. NaN is left
    out; needs three.""",
    references="""Hall 1992, Journal of the Royal Statistical Society B 54, 221-228""",
)
