"""What a fitted model says of its firm-events: abnormal returns and studentised residuals."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, ReturnKind
from eventstudy.design import Window
from eventstudy.models.model import ModelFit
from eventstudy.panel.panel import Sample
from eventstudy.significance.abnormal import AbnormalReturns

PASSED_THROUGH = 1e-10  #: a session with less of its noise than this, ``d - h``, left has no residual


def abnormal_of(fit: ModelFit, event: Sample, window: Window, kind: ReturnKind | None) -> AbnormalReturns:
    """Return the abnormal returns of firm-events whose model is fitted; ``kind`` None: not of returns."""
    return AbnormalReturns(
        kind=kind,
        window=window,
        ret=event.y + event.risk_free,
        normal=fit.expected + event.risk_free,
        ar=event.y - fit.expected,
        span=event.span,
        noise=fit.noise,
        root=fit.root,
        sigma=fit.sigma,
        df=fit.df.astype(float),
        n=fit.n,
        residuals=fit.residuals,
        studentised=studentised_residuals(fit),
    )


def studentised_residuals(fit: ModelFit) -> FloatArray:
    """Return residuals over ``s sqrt(d - h)``, shape (n, L1), ``d`` the noise and ``h`` the leverage.

    Where the regressors ``P`` are not the instruments ``Q``, ``d (1 - 2 p'q) + p'p`` stands for ``d - h``.

    NaN where the fit passes through a session whatever its return, so that its residual is rounding.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        q, p, noise = fit.estimation_root, fit.estimation_regressors, fit.estimation_noise
        if p is None:
            freedom = noise - np.einsum("nlr,nlr->nl", q, q)
        else:
            own, through = np.einsum("nlr,nlr->nl", p, q), np.einsum("nlr,nlr->nl", p, p)
            freedom = noise * (1.0 - 2.0 * own) + through
        freedom = np.where(freedom > PASSED_THROUGH, freedom, np.nan)
        studentised: FloatArray = fit.residuals / (fit.sigma[:, None] * np.sqrt(freedom))
        return studentised
