"""Long run: monthly returns against a control firm, standardised and pooled by calendar month and firm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.regression import clustered, clustered_two_ways, fit_weighted

LEAST_OUTSIDE = 24  #: months outside the holding period from which a deviation is taken
LEAST = 10  #: months, and firms, below which there is no test of pooled firm-months
TOO_FEW = f"fewer than {LEAST} months or firms"
NOT_POSITIVE = "the two-way variance is not positive"
NO_SPREAD = "fewer than two observations, or all alike"


class Standardised(NamedTuple):
    """Monthly abnormal returns in standard deviations, shape (n, T), and of how many months these are, (n,).

    ``outside`` tells where the deviation is of months outside the holding period, shape (n,).
    """

    asr: FloatArray
    sar: FloatArray
    months: IntArray
    outside: BoolArray


class MeanTest(NamedTuple):
    """One test of a mean: its name, what it is of, and its figures."""

    test: str
    measure: str
    cluster: str
    mean: float
    se: float
    statistic: float
    df: float
    pvalue: float
    n: int
    n_months: int
    n_firms: int
    note: str


def standardised(firm: FloatArray, control: FloatArray, holding: BoolArray) -> Standardised:
    """Standardise the monthly log returns of n firms against their control firms.

    Parameters
    ----------
    firm, control
        Log returns, shape (n, T); a month in which either is NaN is missing.
    holding
        The months of the holding period, shape (n, T).

    Notes
    -----
    ``ASR_t = x_t / sd(x) - y_t / sd(y)`` and ``SAR_t = (x_t - y_t) / sd(x - y)``, deviations (ddof 1) over
    the months outside the holding period where there are 24, else over all months.

    References
    ----------
    Dutta, Knif, Kolari & Pynnonen 2018, Journal of Empirical Finance 47,
    doi:10.1016/j.jempfin.2018.02.004.
    """
    there = np.isfinite(firm) & np.isfinite(control)
    outside = (there & ~holding).sum(axis=1) >= LEAST_OUTSIDE
    used = there & ~(holding & outside[:, None])
    difference = firm - control
    return Standardised(
        firm / _deviation(firm, used) - control / _deviation(control, used),
        difference / _deviation(difference, used),
        used.sum(axis=1),
        outside,
    )


def _deviation(values: FloatArray, used: BoolArray) -> FloatArray:
    """Return the standard deviation (ddof 1) of the months used, shape (n, 1); NaN where it is 0."""
    count = used.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(used, values, 0.0).sum(axis=1, keepdims=True) / count
        squares = np.where(used, (values - mean) ** 2, 0.0).sum(axis=1, keepdims=True)
        deviation = np.sqrt(squares / np.where(count > 1, count - 1, np.nan))
    return np.where(deviation > 0, deviation, np.nan)


def pooled_tests(
    values: FloatArray, month: IntArray, firm: IntArray, measure: str, alternative: Alternative = "two-sided"
) -> list[MeanTest]:
    """Test the mean of pooled firm-months, clustered by month, by firm and by both.

    Parameters
    ----------
    values
        Of n firm-months, shape (n,); no NaN.
    month, firm
        Codes, shape (n,).

    Notes
    -----
    ``Var = G/(G-1) sum_g (sum_(i in g) e_i)^2 / n^2``, t(G-1); two-way is the sum of both less that of their
    intersection, each with its own factor, t of the smaller number of clusters less one. Null hypothesis: the
    mean standardised abnormal return is zero. By month robust to cross-correlation, by firm to
    autocorrelation, two-way to both. NaN with a note below 10 months or firms.

    References
    ----------
    Dutta, Knif, Kolari & Pynnonen 2018, as `standardised`; Cameron, Gelbach & Miller 2011, Journal of
    Business & Economic Statistics 29, 238-249, doi:10.1198/jbes.2010.07136.
    """
    n, months, firms = len(values), len(np.unique(month)), len(np.unique(firm))
    mean, variances = float(values.mean()) if n else np.nan, [np.nan] * 3
    if n:
        fit = fit_weighted(values, np.ones((n, 1)))
        found = clustered(fit, month), clustered(fit, firm), clustered_two_ways(fit, month, firm)
        variances = [float(covariance[0, 0]) for covariance in found]
    counts = {"month": months, "firm": firms, "two-way": min(months, firms)}
    enough, rows = min(months, firms) >= LEAST, []
    for cluster, variance in zip(counts, variances, strict=True):
        se = float(np.sqrt(variance)) if enough and variance > 0 else np.nan
        note = "" if np.isfinite(se) else (NOT_POSITIVE if enough else TOO_FEW)
        figures = _figures(mean, se, counts[cluster] - 1.0, alternative)
        rows.append(
            MeanTest(f"{measure.lower()}_t", measure, cluster, mean, *figures, n, months, firms, note)
        )
    return rows


def mean_test(
    test: str,
    measure: str,
    values: FloatArray,
    n_months: int,
    n_firms: int,
    alternative: Alternative = "two-sided",
) -> MeanTest:
    """Return the t of the mean of independent values, shape (n,), over its cross-sectional error, t(n-1).

    Used for buy-and-hold abnormal returns (one of each firm) and the calendar-time portfolio (one a month).

    References
    ----------
    Barber & Lyon 1997, Journal of Financial Economics 43, 341-372, doi:10.1016/S0304-405X(96)00890-2; Fama
    1998, Journal of Financial Economics 49, 283-306, doi:10.1016/S0304-405X(98)00026-9.
    """
    n = len(values)
    mean = float(values.mean()) if n else np.nan
    se = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    se = se if se > 0 else np.nan
    figures = _figures(mean, se, n - 1.0 if n > 1 else np.nan, alternative)
    note = "" if np.isfinite(se) else NO_SPREAD
    return MeanTest(test, measure, "", mean, *figures, n, n_months, n_firms, note)


def _figures(
    mean: float, se: float, df: float, alternative: Alternative
) -> tuple[float, float, float, float]:
    statistic = mean / se
    return se, statistic, df, float(t_pvalue(statistic, df, alternative))


def month_means(values: FloatArray, month: IntArray) -> FloatArray:
    """Return the mean of the firms of each month, shape (months,): the calendar-time portfolio."""
    code = np.unique(month, return_inverse=True)[1].ravel()
    return np.asarray(np.bincount(code, values) / np.bincount(code)) if len(values) else np.empty(0)


def buy_and_hold(firm: FloatArray, control: FloatArray, holding: BoolArray) -> FloatArray:
    """Return ``prod(1 + R) - prod(1 + R of the control)`` over the holding period, simple, shape (n,).

    Parameters
    ----------
    firm, control
        Simple returns, decimal, shape (n, T). NaN in the holding period gives NaN.
    holding
        Shape (n, T).
    """
    grown = [np.prod(np.where(holding, 1.0 + each, 1.0), axis=1) for each in (firm, control)]
    return np.asarray(np.where(holding.any(axis=1), grown[0] - grown[1], np.nan))
