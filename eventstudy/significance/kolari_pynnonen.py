"""Kolari & Pynnonen: Patell's and Boehmer's tests with the cross-correlation taken in."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.numerics.distributions import normal_pvalue, t_pvalue
from eventstudy.significance.bmp import BMP_T, bmp_t
from eventstudy.significance.mean_correlation import (
    BY_SESSION,
    MOST_PAIRED,
    correlated_pairs,
    mean_correlation,
)
from eventstudy.significance.patell import PATELL_Z, patell_z
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sums import Summed

TOO_NEGATIVE = "the mean correlation is too negative for the correction"


def patell_adj_z(sample: Summed) -> SignificanceResult:
    """Return Patell's z with its variance corrected for cross-correlation."""
    patell = patell_z(sample)
    widened = 1.0 + (patell.n - 1) * mean_correlation(sample)
    with np.errstate(invalid="ignore"):
        z = patell.statistic / np.sqrt(widened)
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), patell.n, note=_note(sample, widened))


PATELL_ADJ_Z = SignificanceTest(
    function=patell_adj_z,
    sums=(*PATELL_Z.sums, correlated_pairs),
    distribution="normal",
    robust_to=("cross-correlation",),
    summary="`patell_z` with its variance increased for the mean correlation of the firm-events.",
    null="no firm-event has an abnormal return",
    formulas=(r"z = z_{Patell} / \sqrt{1 + (N-1) \bar r} \sim N(0, 1)",),
    notes=f"""`r-bar` is the mean over all pairs of the `N` firm-events that are complete in the window.
    Robust to cross-correlation, not to event-induced variance. NaN as in `patell_z`. In a study on a grid of
    more than {MOST_PAIRED:,} firm-events the pairs of two dates have one correlation, the mean product of
    their standardised residuals over all pairs and the sessions that both have.""",
    references="""Kolari & Pynnönen 2010, Review of Financial Studies 23, 3996-4025, doi:10.1093/rfs/hhq072,
    eq. 6""",
)


def bmp_adj_t(sample: Summed) -> SignificanceResult:
    """Return the standardised cross-sectional t corrected for cross-correlation."""
    bmp, r = bmp_t(sample), mean_correlation(sample)
    widened = 1.0 + (bmp.n - 1) * r
    with np.errstate(invalid="ignore", divide="ignore"):
        t = bmp.statistic * np.sqrt((1.0 - r) / widened)
    return SignificanceResult(
        t, t_pvalue(t, bmp.df, sample.alternative), bmp.n, df=bmp.df, note=_note(sample, widened)
    )


BMP_ADJ_T = SignificanceTest(
    function=bmp_adj_t,
    sums=(*BMP_T.sums, correlated_pairs),
    distribution="t",
    robust_to=("event-induced variance", "cross-correlation"),
    headline=True,
    summary="`bmp_t` corrected for the mean correlation of the firm-events.",
    null="the mean standardised abnormal return is zero",
    formulas=(r"t = t_{BMP} \sqrt{(1 - \bar r) / (1 + (N-1) \bar r)} \sim t(N-1)",),
    notes="""`r-bar` as in `patell_adj_z`. Robust to event-induced variance and to cross-correlation. NaN as
    in `bmp_t`.""",
    references="""Kolari & Pynnönen 2010, Review of Financial Studies 23, 3996-4025, doi:10.1093/rfs/hhq072,
    eq. 11""",
)


def _note(sample: Summed, widened: FloatArray) -> Any:
    """Return what is to be known of a corrected statistic, shape (G, W)."""
    usual = BY_SESSION if sample.sums(correlated_pairs).by_session else ""
    return np.where(widened <= 0, TOO_NEGATIVE, usual)
