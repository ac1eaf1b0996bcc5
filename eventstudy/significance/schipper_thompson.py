"""Schipper & Thompson, Binder: an effect on any of several tickers on one date, and the same on all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.significance.multivariate import Part, collect, wald
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult, SignificanceTest

TOO_FEW = "needs two tickers with complete returns"


def joint_f(system: OneDate) -> SignificanceResult:
    """Return the F of all CARs equal to zero."""
    return collect(system, lambda tickers, windows: wald(system, tickers, windows, len(tickers), np.eye))


JOINT_F = SignificanceTest(
    function=joint_f,
    scope="one date",
    unit="tickers",
    distribution="F",
    robust_to=("cross-correlation",),
    headline=True,
    summary="Joint F that no ticker has an abnormal return.",
    null="every ticker's CAR is zero",
    formulas=(r"T^2 = CAR' C^{-1} CAR, \quad F = T^2 (M-k-N+1) / (N (M-k)) \sim F(N, M-k-N+1)",),
    notes="""`C` is the covariance of the CARs (`OneDate.covariance`), so the correlation of the tickers is
    included. Has no direction, whatever the alternative. Assumes normal returns of unchanged variance.
    Tickers without complete returns in a window are left out.""",
    references="""Schipper & Thompson 1983, Journal of Accounting Research 21, 184-221; Binder 1985,
    Journal of Accounting Research 23, 370-383""",
)


def equality_f(system: OneDate) -> SignificanceResult:
    """Return the F of all CARs equal to each other."""

    def against_last(n: int) -> FloatArray:
        return np.column_stack([np.eye(n), -np.ones(n)])

    def part(tickers: IntArray, windows: IntArray) -> Part:
        if len(tickers) < 2:
            return Part(note=TOO_FEW)
        return wald(system, tickers, windows, len(tickers) - 1, against_last)

    return collect(system, part)


EQUALITY_F = replace(
    JOINT_F,
    name="equality_f",
    function=equality_f,
    headline=False,
    summary="F of N - 1 contrasts: whether the effect on all tickers is the same.",
    null="all tickers have the same CAR",
    formulas=(
        r"T^2 = (D\,CAR)' (D C D')^{-1} D\,CAR, \quad "
        r"F = T^2 (M-k-N+2) / ((N-1)(M-k)) \sim F(N-1, M-k-N+2)",
    ),
    notes="""`D` takes the N - 1 differences from the last ticker. Has no direction. Assumptions and
    missing returns as in `joint_f`; needs two tickers.""",
)
