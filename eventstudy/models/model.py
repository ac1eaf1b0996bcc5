"""`NormalReturnModel` and `Estimate`: what a model needs, and what an estimation gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.panel.panel import Sample


@dataclass(frozen=True)
class ModelFit:
    """A normal-return model fitted to n firm-events, and its forecast for their event windows.

    Attributes
    ----------
    coefficients, std_errors
        Shape (n, k), the constant first; k = 0 where nothing is estimated.
    residuals
        Abnormal returns of the estimation window, shape (n, L1); NaN where an observation was not used.
    expected
        Forecast of ``y`` over the event window, shape (n, L), before any risk-free return is added back.
    root, estimation_root
        ``G`` with ``G G' = X* (X'X)^-1 X*'``, shape (n, L, r), and the same for the estimation sessions
        (its columns are orthonormal), shape (n, L1, r).
    sigma, df, n, rsquared
        Shape (n,).
    problem
        Shape (n,): why the fit is unusable, ``""`` where it is fine.
    """

    coefficients: FloatArray
    std_errors: FloatArray
    residuals: FloatArray
    expected: FloatArray
    root: FloatArray
    estimation_root: FloatArray
    sigma: FloatArray
    df: IntArray
    n: IntArray
    rsquared: FloatArray
    problem: TextArray


@dataclass(frozen=True)
class NormalReturnModel:
    """One row of the registry of models.

    Attributes
    ----------
    name, summary, reference
        For the user: the name to ask for, the equation, the source.
    benchmark
        The benchmark's return is a regressor.
    factors
        Columns of the factor table that are regressors; None = those of ``Design.factors``.
    excess
        Returns are taken over the risk-free return ``RF`` and it is added back to the forecast.
    k
        Coefficients besides those of the factors.
    estimate
        ``(estimation sample, event sample) -> Estimate``.
    """

    name: str
    summary: str
    reference: str
    estimate: Callable[[Sample, Sample], ModelFit]
    k: int
    benchmark: bool = False
    factors: tuple[str, ...] | None = ()
    excess: bool = False
