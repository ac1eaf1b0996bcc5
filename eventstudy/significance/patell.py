"""Patell: the standardised-residual z."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed, exact_total
from eventstudy.significance.totals import Totals, counted


def scar_and_variance(sample: CrossSection) -> Totals:
    """Take the number of SCARs and of those without a variance, and the sums of SCARs and variances."""
    there, known = np.isfinite(sample.scar), (sample.df > 2)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (sample.df / (sample.df - 2))[:, None]
    return Totals(
        (counted(there, sample.group, sample.groups), counted(there & ~known, sample.group, sample.groups)),
        (exact_total(sample, there, sample.scar), exact_total(sample, there & known, variance)),
    )


def patell_z(sample: Summed) -> SignificanceResult:
    """Return Patell's z of each group and window; NaN where a firm-event has no variance."""
    totals = sample.sums(scar_and_variance)
    (n, unknown), (scar, variance) = totals.counts, (each.value for each in totals.sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = scar / np.sqrt(np.where((variance > 0) & (unknown == 0), variance, np.nan))
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), n)


PATELL_Z = SignificanceTest(
    function=patell_z,
    sums=(scar_and_variance,),
    distribution="normal",
    summary="Sum of standardised abnormal returns over its theoretical standard deviation.",
    null="no firm-event has an abnormal return",
    formulas=(r"z = \sum_i SCAR_i / \sqrt{\sum_i (M_i - k)/(M_i - k - 2)} \sim N(0, 1)",),
    notes="""Assumes independent firms and no event-induced variance; over-rejects where either fails. NaN is
    left out.""",
    references="Patell 1976, Journal of Accounting Research 14, 246-276, doi:10.2307/2490543, eqs. 6-10",
)
