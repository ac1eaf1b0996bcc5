"""Tail probabilities and quantiles of the reference distributions.

From ``scipy.special``, which loads in a tenth of the time of ``scipy.stats`` and computes the same functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray


def t_pvalue(statistic: Any, df: Any, alternative: Alternative = "two-sided") -> FloatArray:
    """Return the p-value of a t statistic; ``df`` broadcasts; NaN in, NaN out."""
    from scipy.special import stdtr

    statistic = np.asarray(statistic, dtype=float)
    return _tail(lambda lower: stdtr(df, lower), statistic, alternative)


def normal_pvalue(statistic: Any, alternative: Alternative = "two-sided") -> FloatArray:
    """Return the p-value of a standard normal statistic; NaN in, NaN out."""
    from scipy.special import ndtr

    return _tail(ndtr, np.asarray(statistic, dtype=float), alternative)


def f_pvalue(statistic: Any, df1: Any, df2: Any) -> FloatArray:
    """Return the upper-tail p-value of an F statistic; NaN in, NaN out."""
    from scipy.special import fdtrc

    return np.asarray(fdtrc(df1, df2, statistic))


def chi2_pvalue(statistic: Any, df: Any) -> FloatArray:
    """Return the upper-tail p-value of a chi-squared statistic; NaN in, NaN out."""
    from scipy.special import chdtrc

    return np.asarray(chdtrc(df, statistic))


def t_quantile(probability: Any, df: Any) -> FloatArray:
    """Return the quantile of Student's t; NaN where ``df`` is not positive."""
    from scipy.special import stdtrit

    df = np.asarray(df, dtype=float)
    return np.asarray(stdtrit(np.where(df > 0, df, np.nan), probability))


def _tail(cdf: Any, statistic: FloatArray, alternative: Alternative) -> FloatArray:
    if alternative == "two-sided":
        return np.asarray(2.0 * cdf(-np.abs(statistic)))
    return np.asarray(cdf(-statistic if alternative == "greater" else statistic))
