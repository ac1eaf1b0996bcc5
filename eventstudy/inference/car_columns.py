"""The columns of the ``cars`` table that follow from each firm-event alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import minimum_detectable_effect, t_quantile
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.barber_lyon import bhar_t
from eventstudy.significance.beaver import abnormal_volatility
from eventstudy.significance.corrado_single import rank_single
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.significance.history import History


def car_columns(
    abnormal: AbnormalReturns,
    history: History,
    windows: Sequence[Window],
    *,
    car: FloatArray,
    se: FloatArray,
    bhar: FloatArray,
    count: IntArray,
    alternative: Alternative,
    confidence: float,
) -> Columns:
    """Return figures, tests and intervals of the CARs of n firm-events in C windows, each of shape (n, C).

    Parameters
    ----------
    history
        Of the same firm-events.
    car, se, bhar, count
        CAR, its forecast error, BHAR and the number of sessions with an abnormal return, shape (n, C) each.
    """
    length = [window.length for window in windows]
    df, factor = abnormal.reference(length)
    statistic, pvalue = forecast_t(car, se, df, alternative, factor)
    sigma, residual_df = abnormal.sigma[:, None], abnormal.df[:, None]
    bhar_statistic, bhar_pvalue = bhar_t(bhar, sigma, length, residual_df, alternative)
    rank_statistic, rank_pvalue = rank_single(history, windows, np.isfinite(car), alternative)
    quadratic = np.column_stack([abnormal.quadratic(window) for window in windows])
    volatility, volatility_pvalue = abnormal_volatility(
        quadratic,
        np.array(length),
        residual_df if abnormal.tail is None else np.full_like(se, np.nan),
    )
    half = t_quantile((1 + confidence) / 2, df) / factor * se
    return {
        "start": np.broadcast_to([window.start for window in windows], car.shape),
        "end": np.broadcast_to([window.end for window in windows], car.shape),
        "n": count,
        "car": car,
        "car_se": se,
        "scar": statistic,
        "bhar": bhar,
        "bhar_statistic": bhar_statistic,
        "bhar_pvalue": bhar_pvalue,
        "statistic": statistic,
        "df": np.where(np.isfinite(df), df, np.nan),
        "pvalue": pvalue,
        "rank_statistic": rank_statistic,
        "rank_pvalue": rank_pvalue,
        "volatility_statistic": volatility,
        "volatility_pvalue": volatility_pvalue,
        "mde": minimum_detectable_effect(se / factor, df),
        "ci_low": car - half,
        "ci_high": car + half,
    }
