"""Barber & Lyon: the t of one buy-and-hold abnormal return."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceTest


def bhar_t(
    bhar: FloatArray, sigma: FloatArray, length: Any, df: Any, alternative: Alternative
) -> tuple[FloatArray, FloatArray]:
    """Return ``BHAR / (s sqrt(L))`` and its p-value by t(df). NaN in, NaN out."""
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = bhar / (sigma * np.sqrt(length))
    return statistic, t_pvalue(statistic, df, alternative)


BHAR_T = SignificanceTest(
    function=bhar_t,
    scope="firm-event",
    distribution="t",
    measures=("BHAR",),
    summary="BHAR over the residual deviation of its window; approximate.",
    null="the expected BHAR is zero",
    formulas=(r"t = BHAR / (s \sqrt L) \sim t(M - k)",),
    notes="""The error omits that of the forecast, and compounding makes a BHAR right-skewed: a guide for
    short windows. NaN where a return is missing.""",
    references="""Barber & Lyon 1997, Journal of Financial Economics 43, 341-372,
    doi:10.1016/S0304-405X(96)00890-2""",
)
