"""Tests of one firm-event: the t of an AR, CAR or BHAR, Beaver's U, and the effect that could be detected."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray
from eventstudy.numerics.distributions import f_pvalue, t_pvalue, t_quantile

MDE_SIZE, MDE_POWER = 0.05, 0.80  #: size and power for which the minimum detectable effect is stated


def forecast_t(
    value: FloatArray, se: FloatArray, df: Any, alternative: Alternative
) -> tuple[FloatArray, FloatArray]:
    """Return ``ar_t`` or ``car_t`` and its p-value: the abnormal return over its forecast error, t(M - k).

    Exact for normal returns of constant variance. NaN in, NaN out.

    References
    ----------
    Campbell, Lo & MacKinlay 1997, The Econometrics of Financial Markets, 4.4.
    """
    statistic = value / se
    return statistic, t_pvalue(statistic, df, alternative)


def bhar_t(
    bhar: FloatArray, sigma: FloatArray, length: Any, df: Any, alternative: Alternative
) -> tuple[FloatArray, FloatArray]:
    """Return ``BHAR / (s sqrt(L))`` and its p-value, t(M - k): approximate.

    The error leaves out that of the forecast, and that compounding makes a BHAR right-skewed: a guide for
    short windows. NaN in, NaN out.

    References
    ----------
    Barber & Lyon 1997, Journal of Financial Economics 43, 341-372, doi:10.1016/S0304-405X(96)00890-2.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = bhar / (sigma * np.sqrt(length))
    return statistic, t_pvalue(statistic, df, alternative)


def variance_ratio(sar: FloatArray, df: Any) -> tuple[FloatArray, FloatArray]:
    """Return Beaver's ``U = AR^2 / S^2`` and its p-value, F(1, M - k).

    For one firm-event its p-value is the two-sided one of ``ar_t`` by construction; the mean over firm-events
    (`mean_variance_ratio`) is the useful form. NaN in, NaN out.

    References
    ----------
    Beaver 1968, Journal of Accounting Research 6, 67-92, doi:10.2307/2490070.
    """
    u = sar**2
    return u, f_pvalue(u, 1, df)


def minimum_detectable_effect(se: FloatArray, df: Any) -> FloatArray:
    """Return the CAR that a two-sided 5 % test finds with 80 % power: ``(t_.975 + t_.80) se``."""
    return np.asarray((t_quantile(1 - MDE_SIZE / 2, df) + t_quantile(MDE_POWER, df)) * se)
