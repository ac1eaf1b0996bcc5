"""Brown & Warner: the cross-sectional t of average abnormal returns."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sums import Summed, car_powers


def cross_section_t(sample: Summed) -> SignificanceResult:
    """Compare the mean CAR of each group and window with its own cross-section."""
    mean, deviation, n = sample.sums(car_powers).moments()
    with np.errstate(invalid="ignore", divide="ignore"):
        se = deviation / np.sqrt(n)
        statistic = mean / se
    return SignificanceResult(statistic, t_pvalue(statistic, n - 1, sample.alternative), n, df=n - 1, se=se)


CROSS_SECTION_T = SignificanceTest(
    function=cross_section_t,
    sums=(car_powers,),
    distribution="t",
    robust_to=("event-induced variance",),
    measures=("CAR", "BHAR"),
    over_dates=True,
    headline=True,
    summary="Mean CAR over its cross-sectional standard error.",
    null="the mean abnormal return is zero",
    formulas=(r"t = \mathrm{AAR} / (\mathrm{sd}(AR) / \sqrt N) \sim t(N-1)",),
    notes="""Assumes independent observations: firm-events, or date means. Robust to event-induced variance.
    NaN CARs are left out; needs two.""",
    references="""Brown & Warner 1980, Journal of Financial Economics 8, 205-258,
    doi:10.1016/0304-405X(80)90002-1""",
)
