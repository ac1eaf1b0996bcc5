"""The t of one AR or CAR over its forecast error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eventstudy._typing import Alternative, FloatArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceTest


def forecast_t(
    value: FloatArray, se: FloatArray, df: Any, alternative: Alternative, factor: Any = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Return an AR or CAR over its forecast error, and the p-value by t(df) of ``factor`` times it.

    NaN in, NaN out. ``df`` and ``factor`` are those of `AbnormalReturns.reference`.
    """
    statistic = value / se
    return statistic, t_pvalue(factor * statistic, df, alternative)


CAR_T = SignificanceTest(
    name="car_t",
    function=forecast_t,
    scope="firm-event",
    distribution="t",
    summary="CAR over its forecast error.",
    null="the expected abnormal return is zero",
    formulas=(r"t = CAR / \sqrt{1' V 1} \sim t(M - k)",),
    notes="""Exact for normal returns of constant variance. NaN where the window has no complete returns. The
    model `garch` states the distribution of its noise: one session has `t sqrt(nu / (nu - 2)) ~ t(nu)`, or is
    standard normal with normal errors, as is a window of several sessions.""",
    references="Campbell, Lo & MacKinlay 1997, The Econometrics of Financial Markets, chapter 4.4",
)
AR_T = replace(
    CAR_T,
    name="ar_t",
    summary="AR over its forecast error.",
    formulas=(r"t = AR_\tau / S_\tau \sim t(M - k)",),
)
