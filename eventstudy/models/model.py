"""`NormalReturnModel` and `ModelFit`: what a model is, and what it gives for some firm-events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.design import Design
from eventstudy.models.pool_weights import PoolWeights
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
        Abnormal returns of the estimation window, shape (n, L1), one of several sessions over the root of
        their number; NaN where an observation was not used.
    expected
        Forecast of ``Sample.y`` over the event window, shape (n, L).
    root, estimation_root
        ``G``, shape (n, L, r), and ``Q`` with orthonormal columns, shape (n, L1, r): the forecasts are made
        from the estimation sessions with weights ``Q G'``. For least squares ``G G' = X* (X'X)^-1 X*'`` and
        ``Q Q' = X (X'X)^-1 X'``. With ``D`` other than 1, ``Q'DQ = I``.
    noise, estimation_noise
        Variance of each session's own noise, and of each residual's, over ``s^2``, shapes (n, L) and (n, L1):
        1 for homoskedastic noise, g for a return that spans g sessions, ``h_t / s^2`` for a variance that
        changes. The joint tests of one date assume 1.
    sigma, df, n, rsquared
        ``s``, its degrees of freedom, the observations used, and R^2; shape (n,).
    problem
        Shape (n,): why the fit is unusable, ``""`` where it is fine.
    weights
        Of the peers or donors; None for a model without a pool.
    folds
        Numbers of the parts within which a window of estimation sessions must lie, shape (n, L1); None where
        it may lie anywhere.
    estimation_regressors
        ``P``, shape (n, L1, r), of an estimator ``b = (Z'X)^-1 Z'y`` whose weights ``Z`` are held: ``Q`` is a
        basis of ``Z``, ``P`` one of ``X`` with ``Q'P = I``, and the residuals are ``(I - P Q') y``. None for
        least squares, where it is ``Q``.
    event_instruments
        ``Z*`` in the basis ``Q``, shape (n, L, r), of an estimator that can take event sessions in, as
        conformal inference does; None for least squares, where it is ``G``, and where a session's weight
        depends on its own return, so that no fit with the event follows from the one without it.
    tail
        Degrees of freedom of the noise of one session, shape (n,), where its variance is known from the model
        and not estimated as ``s^2`` by ``df``: infinite for the normal distribution. A CAR of several
        sessions is then compared with the normal distribution. None elsewhere: t by ``df``.
    rho
        First-order autocorrelation of the noise, shape (n,): ``D`` becomes ``rho^|t - s|`` between sessions,
        ``Q`` is a basis with ``Q' Omega^-1 Q = I``, the weights are ``Omega^-1 Q G'``, and ``df`` is one less
        than that of ``s``. None where the sessions are independent.

    Notes
    -----
    Ranks in the own series (`placebo`, `sq`, `conformal`, the reference of the study) need fits without some
    sessions, or with the event's. They follow from one fit by ``Q``, ``P`` and ``G`` where the estimator is
    linear in the returns, and with its weights held where it is not; nothing is fitted anew. What cannot
    follow is null.
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
    weights: PoolWeights | None = None
    folds: IntArray | None = None
    estimation_regressors: FloatArray | None = None
    event_instruments: FloatArray | None = None
    tail: FloatArray | None = None
    rho: FloatArray | None = None

    @property
    def changing_noise(self) -> FloatArray | None:
        """``estimation_noise`` of a model whose variance changes from session to session, else None."""
        return None if (self.estimation_noise == 1.0).all() else self.estimation_noise


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
    configured
        Returns the model with the options that a design states; None where there are none. A DesignError says
        which of them contradict each other.
    slow
        Whether a fit takes so long that no session is fitted anew unless the design asks for it.
    weighs_spans
        Whether the fit weights returns that cover several sessions (``Sample.span``): only then can it be
        estimated from trade to trade.
    least
        Usable estimation returns that it needs at least, whatever the design asks for.
    """

    name: str
    summary: str
    reference: str
    estimate: Callable[[Sample, Sample], ModelFit]
    requires: Requires = NOTHING
    k: int | None = None
    parameter_free: bool = False
    configured: Callable[[Design], NormalReturnModel] | None = None
    slow: bool = False
    weighs_spans: bool = False
    least: int = 0

    def __str__(self) -> str:
        return self.name
