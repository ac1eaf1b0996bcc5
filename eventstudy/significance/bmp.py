"""Boehmer, Musumeci & Poulsen: the standardised cross-sectional t."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sums import Summed, scar_powers


def bmp_t(sample: Summed) -> SignificanceResult:
    """Return the standardised cross-sectional t of each group and window."""
    mean, deviation, n = sample.sums(scar_powers).moments()
    with np.errstate(invalid="ignore", divide="ignore"):
        t = mean * np.sqrt(n) / deviation
    return SignificanceResult(t, t_pvalue(t, n - 1, sample.alternative), n, df=n - 1)


BMP_T = SignificanceTest(
    function=bmp_t,
    sums=(scar_powers,),
    distribution="t",
    robust_to=("event-induced variance",),
    summary="Mean standardised abnormal return over its cross-sectional standard error.",
    null="the mean standardised abnormal return is zero",
    formulas=(r"t = \overline{SCAR} \sqrt N / \mathrm{sd}(SCAR) \sim t(N-1)",),
    notes="Robust to event-induced variance; assumes independent firms. NaN is left out; needs two.",
    references="""Boehmer, Musumeci & Poulsen 1991, Journal of Financial Economics 30, 253-272,
    doi:10.1016/0304-405X(91)90032-F, eq. 11""",
)
