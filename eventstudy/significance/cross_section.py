"""Brown & Warner: the cross-sectional t of average abnormal returns."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceResult
from eventstudy.significance.sample import CrossSection, moments


def cross_section_t(sample: CrossSection) -> SignificanceResult:
    r"""Test the mean CAR against its own cross-section.

    Notes
    -----
    .. math:: t = \mathrm{AAR} / (\mathrm{sd}(AR) / \sqrt N) \sim t(N-1)

    H0: the mean abnormal return is zero. Robust to event-induced variance; assumes independent
    observations: firm-events, or date means. NaN CARs are left out; needs two.

    References
    ----------
    Brown & Warner 1980, Journal of Financial Economics 8, 205-258, doi:10.1016/0304-405X(80)90002-1.
    """
    mean, deviation, n = moments(sample, sample.car)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = deviation / np.sqrt(n)
        statistic = mean / se
    return SignificanceResult(statistic, t_pvalue(statistic, n - 1, sample.alternative), n, df=n - 1, se=se)
