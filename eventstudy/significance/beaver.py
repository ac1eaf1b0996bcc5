"""Beaver: whether abnormal returns are larger than usual in absolute value."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.numerics.distributions import f_pvalue, normal_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed, exact_total
from eventstudy.significance.totals import Totals, counted


def variance_ratio(sar: FloatArray, df: Any) -> tuple[FloatArray, FloatArray]:
    """Return Beaver's ``U = AR^2 / S^2`` and its p-value, F(1, M - k), of each firm-event. NaN in, NaN out.

    Its p-value is the two-sided one of ``ar_t`` by construction; see `VARIANCE_RATIO` for the mean.
    """
    u = sar**2
    return u, f_pvalue(u, 1, df)


def abnormal_volatility(quadratic: FloatArray, length: Any, df: Any) -> tuple[FloatArray, FloatArray]:
    """Return ``F = AR' V^-1 AR / L`` and its p-value by F(L, M - k) of each firm-event. NaN in, NaN out.

    Large where the mean of the window's abnormal returns or their variance is unlike that of the estimation
    window; over one session it is `variance_ratio`.

    Parameters
    ----------
    quadratic
        ``AR' V^-1 AR`` over the window, see `AbnormalReturns.quadratic`.
    length
        Its sessions, L.
    """
    f = quadratic / length
    return f, f_pvalue(f, length, df)


def squares_and_variance(sample: CrossSection) -> Totals:
    """Take the number of SCARs, and the sums of their squares less expectation and of its variance."""
    df = np.where(sample.df > 4, sample.df, np.nan)[:, None]
    there = np.isfinite(sample.scar) & np.isfinite(df)
    with np.errstate(invalid="ignore", over="ignore"):
        excess = sample.scar**2 - df / (df - 2)
        variance = 2 * df**2 * (df - 1) / ((df - 2) ** 2 * (df - 4))
    return Totals(
        (counted(there, sample.group, sample.groups),),
        (exact_total(sample, there, excess), exact_total(sample, there, variance)),
    )


def mean_variance_ratio(sample: Summed) -> SignificanceResult:
    """Compare the squared standardised abnormal returns of each group with their expectation."""
    totals = sample.sums(squares_and_variance)
    (n,), (excess, variance) = totals.counts, (each.value for each in totals.sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = excess / np.sqrt(np.where(n > 0, variance, np.nan))
    return SignificanceResult(z, normal_pvalue(z, "greater"), n)


VARIANCE_RATIO = SignificanceTest(
    name="variance_ratio",
    function=mean_variance_ratio,
    sums=(squares_and_variance,),
    distribution="normal",
    measures=("volatility",),
    summary="Sum of squared standardised abnormal returns against its expectation.",
    null="the event changes neither mean nor variance",
    formulas=(
        r"z = \sum_i (U_i - \mathrm{E} U_i) \Big/ \sqrt{\sum_i \mathrm{Var}\, U_i} \sim N(0, 1), \quad "
        r"U_i = SCAR_i^2 \sim F(1, \nu_i)",
        r"F_i = AR_i' V_i^{-1} AR_i / L \sim F(L, \nu_i)",
        r"\mathrm{E} U = \frac{\nu}{\nu - 2}, \quad "
        r"\mathrm{Var}\, U = \frac{2 \nu^2 (\nu - 1)}{(\nu - 2)^2 (\nu - 4)}, \quad \nu = M - k",
    ),
    notes="""One-sided whatever the alternative: the variance increased. Assumes independent firms and normal
    returns: fat tails alone make it reject. `U` is so skewed that N = 50 is a small sample. NaN is left out,
    as are firm-events with four degrees of freedom or fewer.

    `F` of one firm-event (`volatility_statistic` of `cars`) takes every session of the window with the whole
    forecast covariance, so that abnormal returns that cancel count too; over one session it is `U`.""",
    references="""Beaver 1968, Journal of Accounting Research 6, 67-92, doi:10.2307/2490070; Patell 1976,
    Journal of Accounting Research 14, 246-276, doi:10.2307/2490543""",
)
