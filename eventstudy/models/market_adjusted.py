"""The market-adjusted model: the benchmark's return is the expected return, and nothing is estimated."""

from __future__ import annotations

import numpy as np

from eventstudy.models.model import Estimate
from eventstudy.models.ols import estimate_ols
from eventstudy.panel import Sample


def estimate_market_adjusted(estimation: Sample, event: Sample) -> Estimate:
    """Forecast each security by its benchmark; only the noise is estimated.

    Notes
    -----
    ``E[R] = R_m``. ``s`` is the standard deviation of ``R - R_m`` about its mean over the estimation window,
    with ``M - 1`` degrees of freedom, and ``V = s^2 I`` (Brown & Warner 1985, eq. 2).
    """
    nothing = np.empty((*estimation.y.shape, 0))
    spread = Sample(estimation.y - estimation.x[:, :, 0], nothing, estimation.risk_free, estimation.span)
    about_mean = estimate_ols(spread, Sample(event.y, event.x[:, :, :0], event.risk_free, event.span))
    return Estimate(
        coefficients=about_mean.coefficients[:, :0],
        std_errors=about_mean.std_errors[:, :0],
        residuals=about_mean.residuals,
        expected=event.x[:, :, 0],
        root=about_mean.root[:, :, :0],
        estimation_root=about_mean.estimation_root[:, :, :0],
        sigma=about_mean.sigma,
        df=about_mean.df,
        n=about_mean.n,
        rsquared=np.full(len(about_mean.n), np.nan),
        problem=about_mean.problem,
    )
