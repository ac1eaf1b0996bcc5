"""Beaver: whether abnormal returns are larger than usual, whichever way they point."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SignificanceResult
from eventstudy.significance.sample import CrossSection


def mean_variance_ratio(sample: CrossSection) -> SignificanceResult:
    r"""Test whether squared standardised abnormal returns are larger on average than they would be by chance.

    Notes
    -----
    .. math:: z = \sum_i (U_i - \mathrm{E} U_i) \Big/ \sqrt{\sum_i \mathrm{Var}\, U_i} \sim N(0, 1), \quad
        U_i = SCAR_i^2 \sim F(1, \nu_i)

    .. math:: \mathrm{E} U = \frac{\nu}{\nu - 2}, \quad
        \mathrm{Var}\, U = \frac{2 \nu^2 (\nu - 1)}{(\nu - 2)^2 (\nu - 4)}, \quad \nu = M - k

    One-sided whatever the alternative: that the variance rose. H0: the event leaves mean and variance as they
    were. Assumes independent firms and normal returns: fat tails alone make it reject. ``U`` is so skewed
    that N = 50 is a small sample. NaN is left out, as are firm-events with four degrees of freedom or fewer.

    References
    ----------
    Beaver 1968, Journal of Accounting Research 6, 67-92, doi:10.2307/2490070; Patell 1976, Journal of
    Accounting Research 14, 246-276, doi:10.2307/2490543.
    """
    df = np.where(sample.df > 4, sample.df, np.nan)[:, None]
    there = np.isfinite(sample.scar) & np.isfinite(df)
    n = sample.total(there.astype(np.int64))
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = sample.total(np.where(there, sample.scar**2 - df / (df - 2), 0.0))
        variance = 2 * df**2 * (df - 1) / ((df - 2) ** 2 * (df - 4))
        z = excess / np.sqrt(np.where(n > 0, sample.total(np.where(there, variance, 0.0)), np.nan))
    return SignificanceResult(z, normal_pvalue(z, "greater"), n)
