"""Placebo ranks: a CAR among those of the estimation window (sample quantiles)."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.significance.result import SignificanceTest


def placebo(car: FloatArray, placebos: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the rank p-value of ``|CAR|`` among placebo CARs, and how many there were; shape (n,)."""
    return rank_pvalue(np.abs(car), np.abs(placebos))


PLACEBO = SignificanceTest(
    function=placebo,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("fat tails",),
    summary="Rank of `|CAR|` among the CARs of the estimation window.",
    null="the event's CAR has the distribution of those in the estimation window",
    formulas=(r"p = (1 + \#\{|c_j| \ge |CAR|\}) / (1 + n)",),
    notes="""`c_j` are the CARs of the `n` complete windows of the same length inside the estimation window;
    two-sided. Needs no normality; robust to fat tails, not to event-induced variance.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht006""",
)
