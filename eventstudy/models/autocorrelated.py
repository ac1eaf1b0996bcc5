"""Least squares with autocorrelated noise: generalised least squares with AR(1) errors, in one step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.errors import DesignError
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.numerics.autocorrelation import first_autocorrelation, whitened
from eventstudy.panel.panel import Sample

NOT_STATIONARY = "the residuals are not stationary over the estimation window (autocorrelation of 1 or more)"


def estimate_ar1(estimation: Sample, event: Sample) -> ModelFit:
    """Regress each security on its regressors with first-order autocorrelated noise, and forecast.

    Notes
    -----
    ``rho = sum e_t e_t-1 / sum e_t-1^2`` of the least squares residuals over neighbouring sessions;
    ``Omega_ts = rho^|t - s|``, by the distance in sessions, so that gaps need no filling;
    ``b = (X' Omega^-1 X)^-1 X' Omega^-1 y``, ``s^2 = e' Omega^-1 e / (M - k)`` and
    ``V = s^2 [Omega* + X* (X' Omega^-1 X)^-1 X*']``, with ``M - k - 1`` degrees of freedom. The abnormal
    value is ``y - x'b``: what the last residual says about the event window is left out, as the estimation
    window ends several sessions before it. R^2 is ``1 - e'e / (y - m)'(y - m)``, ``m`` the mean.

    References
    ----------
    Aitken 1936, Proceedings of the Royal Society of Edinburgh 55, 42-48; Prais & Winsten 1954, Cowles
    Commission Discussion Paper 383.
    """
    ols = estimate_ols(estimation, event)
    if estimation.y.shape[1] <= estimation.x.shape[2]:  # fewer sessions than coefficients
        return replace(ols, rho=np.full(len(ols.n), np.nan))
    used = np.isfinite(ols.residuals)
    rho = first_autocorrelation(ols.residuals)
    stationary = np.abs(rho) < 1
    known = used & stationary[:, None]
    rho = np.where(stationary, rho, 0.0)
    one = np.ones((*used.shape, 1))
    x = np.where(known[:, :, None], np.concatenate([one, estimation.x], axis=2), 0.0)
    y = np.where(known, estimation.y, 0.0)
    basis, upper = np.linalg.qr(whitened(x, known, rho))
    upper = np.where((known.any(axis=1) & (ols.problem == ""))[:, None, None], upper, np.eye(x.shape[2]))
    root = np.linalg.inv(upper)
    coefficients = np.einsum("nqr,nr->nq", root, np.einsum("ntr,nt->nr", basis, whitened(y, known, rho)))
    residuals = y - np.einsum("ntq,nq->nt", x, coefficients)
    noise = whitened(residuals, known, rho)
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(np.einsum("nt,nt->n", noise, noise) / np.where(ols.df > 1, ols.df, np.nan))
        mean = y.sum(axis=1) / known.sum(axis=1)
        about = np.where(known, y - mean[:, None], 0.0)
        rsquared = 1.0 - (residuals**2).sum(axis=1) / (about**2).sum(axis=1)
    future = np.concatenate([event.span[:, :, None], event.x], axis=2)
    unusable = ~stationary & (ols.problem == "")
    return replace(
        ols,
        coefficients=coefficients,
        std_errors=sigma[:, None] * np.sqrt(np.einsum("nqr,nqr->nq", root, root)),
        residuals=np.where(known, residuals, np.nan),
        expected=np.einsum("nlq,nq->nl", future, coefficients),
        root=future @ root,
        estimation_root=np.where(known[:, :, None], x @ root, np.nan),
        sigma=sigma,
        df=ols.df - 1,
        rsquared=rsquared,
        problem=np.where(unusable, NOT_STATIONARY, ols.problem),
        rho=np.where(stationary, rho, np.nan),
    )


def with_ar1(model: NormalReturnModel) -> NormalReturnModel:
    """Return a model of least squares with autocorrelated noise; a DesignError for any other model."""
    if model.estimate is not estimate_ols:
        raise DesignError("noise", f"ar1 does not go with the model {model.name}, which is not least squares")
    return replace(model, estimate=estimate_ar1)
