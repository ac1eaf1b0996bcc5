"""Patell: the standardised-residual z."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection


def patell_z(sample: CrossSection) -> SignificanceResult:
    """Return Patell's z of each group and window."""
    there = np.isfinite(sample.scar)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(sample.df > 2, sample.df / (sample.df - 2), np.nan)[:, None]
        total = sample.total(np.where(there, variance, 0.0))
        z = sample.total(np.where(there, sample.scar, 0.0)) / np.sqrt(np.where(total > 0, total, np.nan))
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), sample.total(there.astype(np.int64)))


PATELL_Z = SignificanceTest(
    function=patell_z,
    distribution="normal",
    summary="Sum of standardised abnormal returns over its theoretical standard deviation.",
    null="no firm-event has an abnormal return",
    formulas=(r"z = \sum_i SCAR_i / \sqrt{\sum_i (M_i - k)/(M_i - k - 2)} \sim N(0, 1)",),
    notes="""Assumes independent firms and no event-induced variance; over-rejects where either fails. NaN is
    left out.""",
    references="Patell 1976, Journal of Accounting Research 14, 246-276, doi:10.2307/2490543, eqs. 6-10",
)
