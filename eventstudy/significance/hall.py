"""Hall: the cross-sectional t adjusted for skewness."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SignificanceResult
from eventstudy.significance.sample import CrossSection, moments


def skew_adjusted_t(sample: CrossSection) -> SignificanceResult:
    r"""Test the mean CAR by a t whose skewness is transformed away.

    Notes
    -----
    .. math:: t = \sqrt N \left(S + \tfrac{1}{3} g S^2 + \tfrac{1}{27} g^2 S^3 + \tfrac{1}{6N} g\right)
        \sim N(0, 1)

    .. math:: S = \mathrm{AAR} / \mathrm{sd}(AR), \quad
        g = \frac{N}{(N-1)(N-2)} \sum_i \left(\frac{AR_i - \mathrm{AAR}}{\mathrm{sd}(AR)}\right)^3

    H0: the mean abnormal return is zero. The cubic term makes the transformation monotone. Robust to
    event-induced variance; assumes independent observations: firm-events, or date means. Asymptotic: rejects
    too often below some fifty. NaN is left out; needs three.

    References
    ----------
    Hall 1992, Journal of the Royal Statistical Society B 54, 221-228, doi:10.1111/j.2517-6161.1992.tb01876.x.
    """
    mean, deviation, n = moments(sample, sample.car)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = (sample.car - mean[sample.group]) / deviation[sample.group]
        third = sample.total(np.where(np.isfinite(sample.car), scaled**3, 0.0))
        s = mean / deviation
        g = np.where(n > 2, n / ((n - 1.0) * (n - 2.0)), np.nan) * third
        t = np.sqrt(n) * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * n))
    return SignificanceResult(t, normal_pvalue(t, sample.alternative), n)
