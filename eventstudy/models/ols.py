"""Estimation by least squares with a constant, which most models share."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, TextArray
from eventstudy.models.model import ModelFit
from eventstudy.numerics.kernels import LeastSquares, least_squares
from eventstudy.panel.panel import Sample

#: A residual deviation below this share of the returns' own size is rounding, not noise: at 1e-10 the AR of
#: an exact fit would carry fewer than six correct digits.
NO_NOISE = 1e-10


def estimate_ols(estimation: Sample, event: Sample) -> ModelFit:
    """Regress each security on its regressors over the estimation window and forecast its event window.

    Notes
    -----
    ``AR = R - x'b`` and ``V = s^2 [I + X* (X'X)^-1 X*']`` with ``s^2 = sum e^2 / (M - k)`` (MacKinlay 1997,
    eqs. 4-8; Campbell, Lo & MacKinlay 1997, 4.4). Observations with a NaN in the return or in a regressor are
    left out. Of returns that cover several sessions ``n_t`` the constant is ``alpha n_t`` and the variance
    ``s^2 n_t``: the regression is that of the returns over ``sqrt(n_t)`` on ``(n_t, x)`` over the same, and
    the residuals are its residuals (Maynes & Rumsey 1993).
    """
    fit, span = fitted(estimation.y, estimation), spans(estimation)
    slopes = np.einsum("nlq,nq->nl", event.x, fit.coefficients[:, 1:])
    basis = _basis(fit, estimation, span)
    basis[np.isnan(fit.residuals)] = np.nan
    return ModelFit(
        terms=np.insert(estimation.terms, 0, "const", axis=1),
        coefficients=fit.coefficients,
        std_errors=fit.std_errors,
        residuals=fit.residuals,
        expected=event.span * fit.coefficients[:, :1] + slopes,
        root=fit.leverage_root(event.x, event.span),
        estimation_root=basis,
        noise=event.span,
        estimation_noise=np.ones(estimation.y.shape),
        sigma=fit.sigma,
        df=fit.df,
        n=fit.n,
        rsquared=fit.rsquared,
        problem=problems(fit, estimation),
    )


def spans(estimation: Sample) -> FloatArray | None:
    """Return the sessions that each return of a sample covers, shape (n, L); None where it is one each."""
    return estimation.span if (estimation.span > 1).any() else None


def fitted(y: FloatArray, estimation: Sample, x: FloatArray | None = None) -> LeastSquares:
    """Regress ``y`` on the regressors of a sample, or on ``x``, weighted by the sessions it covers."""
    return least_squares(y, estimation.x if x is None else x, spans(estimation))


def _basis(fit: LeastSquares, estimation: Sample, span: FloatArray | None) -> FloatArray:
    """Return ``Q``, orthonormal, of a sample whose rows are divided by the root of their span."""
    if span is None:
        return fit.leverage_root(estimation.x)
    return np.asarray(fit.leverage_root(estimation.x, span) / np.sqrt(span)[:, :, None])


def problems(fit: LeastSquares, estimation: Sample) -> TextArray:
    """Say why fits are unusable: constant returns, an exact fit, collinear regressors; ``""`` where fine."""
    return noise_problems(fit.sigma, fit.singular, estimation.y + estimation.risk_free)


def noise_problems(sigma: FloatArray, singular: BoolArray, returns: FloatArray) -> TextArray:
    """Do what `problems` does, with ``sigma`` and ``singular`` of the fits, (n,), of ``returns``, (n, L)."""
    there = np.isfinite(returns)
    low, high = np.where(there, returns, np.inf).min(axis=1), np.where(there, returns, -np.inf).max(axis=1)
    rounding = NO_NOISE * np.where(there, np.abs(returns), 0.0).max(axis=1)
    problem = np.full(len(sigma), "", dtype=object)
    problem[singular] = "the regressors are constant or collinear over the estimation window"
    problem[sigma <= rounding] = "the model fits exactly: is the benchmark the security itself?"
    problem[high - low <= rounding] = "the estimation returns are constant: is the series stale?"
    return problem
