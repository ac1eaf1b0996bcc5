"""Dimson's model: the benchmark's return on the session before, the same and the one after.

For securities that trade seldom, or whose exchange closes at another hour than the benchmark's.

References
----------
Dimson 1979, Journal of Financial Economics 7, 197-226, doi:10.1016/0304-405X(79)90013-8.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.design import Design
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import estimate_ols, fitted
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires


def estimate_dimson(estimation: Sample, event: Sample) -> ModelFit:
    """Regress each security on the benchmark's neighbouring returns too, and sum their slopes.

    Notes
    -----
    ``R_t = alpha + sum_j b_j R_m,t+j + e_t`` and ``AR = R - alpha - sum_j b_j R_m,tau+j``, with the forecast
    variance of the whole regression. The term ``sum`` of the coefficients is ``beta = sum_j b_j`` with the
    error ``s sqrt(1' (X'X)^-1 1)`` over the slopes. Leads and lags may lie outside the estimation window; a
    session without one of them is left out. A lead is a return of the market after the session.
    """
    fit = estimate_ols(estimation, event)
    # the forecast for regressors of 1 and a constant of 0 is the sum of the slopes
    ones = np.ones((len(fit.n), 1, estimation.x.shape[2]))
    slopes = fit.coefficients[:, 1:]
    squares = fitted(estimation.y, estimation)
    root = squares.leverage_root(ones, np.zeros((len(fit.n), 1)))[:, 0]
    error = fit.sigma * np.sqrt(np.einsum("nr,nr->n", root, root))
    return replace(
        fit,
        terms=np.column_stack([fit.terms, np.full(len(fit.n), "sum", dtype=object)]),
        coefficients=np.column_stack([fit.coefficients, slopes.sum(axis=1)]),
        std_errors=np.column_stack([fit.std_errors, error]),
    )


def _configured(design: Design) -> NormalReturnModel:
    """Return the model with the lags and leads of a design."""
    lags, leads = design.lags, design.leads
    return replace(DIMSON, requires=Requires(benchmark=True, lags=lags, leads=leads), k=2 + lags + leads)


DIMSON = NormalReturnModel(
    "dimson",
    "alpha_i + sum_j b_j R_m,t+j",
    "Dimson 1979",
    estimate_dimson,
    Requires(benchmark=True, lags=1, leads=1),
    k=4,
    configured=_configured,
    weighs_spans=True,
)
