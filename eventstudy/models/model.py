"""`NormalReturnModel` and `ModelFit`: what a model is, and what it gives for some firm-events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires

NOTHING = Requires()  #: of a model that needs only the security's own returns


@dataclass(frozen=True)
class ModelFit:
    """A normal-return model fitted to n firm-events, and its forecast for their event windows.

    The forecast error of the event window has the covariance ``V = s^2 (D + G G')``: ``D`` is the diagonal
    matrix of ``noise``, the sessions' own noise, and ``G`` is ``root``, the error of the coefficients.

    Attributes
    ----------
    terms, coefficients, std_errors
        Names, estimates and standard errors, shape (n, k); k = 0 where nothing is estimated.
    residuals
        Abnormal returns of the estimation window, shape (n, L1); NaN where an observation was not used.
    expected
        Forecast of ``Sample.y`` over the event window, shape (n, L).
    root, estimation_root
        ``G``, shape (n, L, r), and ``Q`` with orthonormal columns, shape (n, L1, r): the forecasts are made
        from the estimation sessions with weights ``Q G'``. For least squares ``G G' = X* (X'X)^-1 X*'`` and
        ``Q Q' = X (X'X)^-1 X'``.
    noise, estimation_noise
        Variance of each session's own noise over ``s^2``, shapes (n, L) and (n, L1): 1 for homoskedastic
        noise, g for a return that spans g sessions, ``h_t / s^2`` for a variance that changes. The joint
        tests of one date assume 1.
    sigma, df, n, rsquared
        ``s``, its degrees of freedom, the observations used, and R^2; shape (n,).
    problem
        Shape (n,): why the fit is unusable, ``""`` where it is fine.
    rho
        First-order autocorrelation of the noise, shape (n,): ``D`` becomes ``rho^|t - s|`` between sessions,
        ``Q`` is a basis with ``Q' Omega^-1 Q = I``, the weights are ``Omega^-1 Q G'``, and ``df`` is one less
        than that of ``s``. None where the sessions are independent.
    """

    terms: TextArray
    coefficients: FloatArray
    std_errors: FloatArray
    residuals: FloatArray
    expected: FloatArray
    root: FloatArray
    estimation_root: FloatArray
    noise: FloatArray
    estimation_noise: FloatArray
    sigma: FloatArray
    df: IntArray
    n: IntArray
    rsquared: FloatArray
    problem: TextArray
    rho: FloatArray | None = None


@dataclass(frozen=True)
class NormalReturnModel:
    """A model of the return without the event; `Design.model` takes its name, or the model itself.

    Attributes
    ----------
    name, summary, reference
        For the user: the name, the equation, the source.
    estimate
        ``(estimation sample, event sample) -> ModelFit``.
    requires
        What it needs besides the security's returns.
    k
        Number of estimated parameters; None = one more than there are regressors.
    parameter_free
        Whether the forecast needs no estimation window, which then gives the residual variance alone.
    """

    name: str
    summary: str
    reference: str
    estimate: Callable[[Sample, Sample], ModelFit]
    requires: Requires = NOTHING
    k: int | None = None
    parameter_free: bool = False

    def __str__(self) -> str:
        return self.name
