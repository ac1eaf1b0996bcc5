"""The market-adjusted model: the benchmark's return is the expected return, and nothing is estimated."""

from __future__ import annotations

import numpy as np

from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import fitted, problems
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires


def estimate_market_adjusted(estimation: Sample, event: Sample) -> ModelFit:
    """Forecast each security by its benchmark; only the noise is estimated.

    Notes
    -----
    ``E[R] = R_m``. ``s`` is the standard deviation of ``R - R_m`` about its mean over the estimation window,
    with ``M - 1`` degrees of freedom, and ``V = s^2 I`` (eq. 2). The residuals are ``R - R_m`` itself, with
    its mean: what the event's abnormal returns are ranked among, by the generalised
    rank too (leverage 0). Without estimation sessions ``s`` is NaN.

    References
    ----------
    Brown & Warner 1985, Journal of Financial Economics 14, 3-31, doi:10.1016/0304-405X(85)90042-X.
    """
    n, sessions, _ = estimation.x.shape
    spread = estimation.y - estimation.x[:, :, 0]
    about_mean = fitted(spread, estimation, np.empty((n, sessions, 0))) if sessions else None
    unknown = np.full(n, np.nan)
    return ModelFit(
        terms=np.empty((n, 0), dtype=object),
        coefficients=np.empty((n, 0)),
        std_errors=np.empty((n, 0)),
        residuals=spread / np.sqrt(estimation.span),
        expected=event.x[:, :, 0],
        root=np.empty((*event.y.shape, 0)),
        estimation_root=np.empty((n, sessions, 0)),
        noise=event.span,
        estimation_noise=np.ones(spread.shape),
        sigma=about_mean.sigma if about_mean else unknown,
        df=about_mean.df if about_mean else unknown,
        n=about_mean.n if about_mean else np.zeros(n, dtype=np.int64),
        rsquared=unknown,
        problem=problems(about_mean, estimation) if about_mean else np.full(n, "", dtype=object),
    )


MARKET_ADJUSTED = NormalReturnModel(
    "market-adjusted",
    "R_m",
    "Brown & Warner 1985",
    estimate_market_adjusted,
    Requires(benchmark=True),
    k=1,
    parameter_free=True,
    weighs_spans=True,
)
