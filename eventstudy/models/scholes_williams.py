"""Scholes and Williams: a beta where a security and its benchmark do not close at the same moment.

References
----------
Scholes & Williams 1977, Journal of Financial Economics 5, 309-327, doi:10.1016/0304-405X(77)90041-1.
"""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, TextArray
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import problems
from eventstudy.models.weighted import explained_share, weighted_basis, with_constant
from eventstudy.numerics.kernels import least_squares
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires

LEAST_RATIO = 0.2  #: at or below this ``1 + 2 rho`` beta would be a sum over almost nothing
FIGURES = ("b-", "b0", "b+", "rho", "OLS beta")  #: terms without a standard error


def estimate_scholes_williams(estimation: Sample, event: Sample) -> ModelFit:
    """Sum the slopes on the benchmark's returns before, on and after the session, and scale the sum.

    Notes
    -----
    ``beta = (b- + b0 + b+) / (1 + 2 rho)`` and ``alpha = mean(R) - beta mean(R_m)``: the slopes of ``R_t`` on
    ``R_m,t-1``, ``R_mt`` and ``R_m,t+1``, one at a time, and ``rho``, the correlation of ``R_mt`` with
    ``R_m,t-1``, over the sessions for which all four returns lie inside the estimation window, so never its
    first and last. ``V = s^2 [I + X* C X*']`` with ``X = [1, R_mt]``, ``C = (Z'X)^-1 Z'Z (X'Z)^-1``, the
    instruments ``Z = [1, R_m,t-1 + R_mt + R_m,t+1]`` and ``s^2 = sum e^2 / (M - 2)``. Fits without a block of
    sessions are those of ``(Z'X)^-1 Z'y``, the difference of the model's coefficients from it held.
    """
    now = estimation.x[:, :, 1]
    around = np.stack([_shifted(now, 1), now, _shifted(now, -1)], axis=2)
    y = np.where(np.isfinite(around).all(axis=2), estimation.y, np.nan)
    used = np.isfinite(y)
    singly = [least_squares(y, around[:, :, [lag]]) for lag in range(3)]
    slopes = np.column_stack([fit.coefficients[:, 1] for fit in singly])
    plain, rho = singly[1], _correlation(now, around[:, :, 0], used)
    beta = slopes.sum(axis=1) / (1.0 + 2.0 * rho)
    alpha = _mean(y, used) - beta * _mean(now, used)
    residuals = y - alpha[:, None] - beta[:, None] * now
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(np.nansum(residuals**2, axis=1) / np.where(plain.df > 0, plain.df, np.nan))
    total = around.sum(axis=2, keepdims=True)
    summed = least_squares(y, total)
    basis = weighted_basis(
        np.where(used[:, :, None], summed.leverage_root(total), 0.0),
        with_constant(now[:, :, None], used.astype(float)),
        np.concatenate([event.span[:, :, None], event.x[:, :, 1:2]], axis=2),
    )
    return ModelFit(
        terms=_terms(estimation),
        coefficients=np.column_stack([alpha, beta, slopes, rho, plain.coefficients[:, 1]]),
        std_errors=np.column_stack([sigma[:, None] * basis.errors, np.full((len(y), len(FIGURES)), np.nan)]),
        residuals=residuals,
        expected=event.span * alpha[:, None] + beta[:, None] * event.x[:, :, 1],
        root=basis.future,
        estimation_root=np.where(used[:, :, None], basis.instruments, np.nan),
        estimation_regressors=np.where(used[:, :, None], basis.regressors, np.nan),
        event_instruments=summed.leverage_root(event.x.sum(axis=2, keepdims=True), event.span),
        noise=event.span,
        estimation_noise=estimation.span,
        sigma=sigma,
        df=plain.df,
        n=plain.n,
        rsquared=explained_share(y, residuals),
        problem=_problem(problems(plain, estimation), rho),
    )


def _shifted(values: FloatArray, sessions: int) -> FloatArray:
    """Return the value of ``sessions`` before (negative: after) along axis 1, NaN off the window."""
    moved = np.roll(values, sessions, axis=1)
    moved[:, slice(None, sessions) if sessions > 0 else slice(sessions, None)] = np.nan
    return moved


def _mean(values: FloatArray, used: BoolArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(used, values, 0.0).sum(axis=1) / used.sum(axis=1))


def _correlation(one: FloatArray, other: FloatArray, used: BoolArray) -> FloatArray:
    """Return Pearson's correlation over the sessions used, shape (n,)."""
    a, b = (np.where(used, each - _mean(each, used)[:, None], 0.0) for each in (one, other))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)))


def _terms(estimation: Sample) -> TextArray:
    """Name the constant, the benchmark, and the figures of the estimator."""
    n = len(estimation.terms)
    named = [np.full(n, name, dtype=object) for name in ("const", *FIGURES)]
    return np.column_stack([named[0], estimation.terms[:, 1], *named[1:]])


def _problem(problem: TextArray, rho: FloatArray) -> TextArray:
    reverses = "the benchmark's returns reverse from one session to the next: 1 + 2 rho is"
    small = np.flatnonzero((problem == "") & ~(1.0 + 2.0 * rho > LEAST_RATIO))
    problem[small] = [
        f"{reverses} {1 + 2 * each:.2f}, and the model needs {LEAST_RATIO}" for each in rho[small]
    ]
    return problem


SCHOLES_WILLIAMS = NormalReturnModel(
    "scholes-williams",
    "alpha_i + beta_i R_m, beta_i = (b- + b0 + b+) / (1 + 2 rho)",
    "Scholes & Williams 1977",
    estimate_scholes_williams,
    Requires(benchmark=True, lags=1, leads=1),
    k=2,
)
