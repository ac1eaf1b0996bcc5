"""Normal-return models, one small file each, their registry, and estimation."""

from __future__ import annotations

from eventstudy.errors import UnknownNameError
from eventstudy.models.market_adjusted import estimate_market_adjusted
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import estimate_ols

__all__ = ["MODELS", "ModelFit", "NormalReturnModel", "model_named"]

_FF3 = ("Mkt-RF", "SMB", "HML")
_FF5 = (*_FF3, "RMW", "CMA")

MODELS: dict[str, NormalReturnModel] = {
    model.name: model
    for model in (
        NormalReturnModel("mean", "mu_i", "Brown & Warner 1980", estimate_ols, 1),
        NormalReturnModel(
            "market-adjusted", "R_m", "Brown & Warner 1985", estimate_market_adjusted, 1, benchmark=True
        ),
        NormalReturnModel(
            "market",
            "alpha_i + beta_i R_m",
            "Fama et al. 1969; MacKinlay 1997",
            estimate_ols,
            2,
            benchmark=True,
        ),
        NormalReturnModel(
            "capm",
            "R_f + alpha_i + beta_i (R_m - R_f)",
            "Sharpe 1964; Campbell, Lo & MacKinlay 1997",
            estimate_ols,
            2,
            benchmark=True,
            excess=True,
        ),
        NormalReturnModel("ff3", "three factors", "Fama & French 1993", estimate_ols, 1, False, _FF3, True),
        NormalReturnModel(
            "carhart", "ff3 and Mom", "Carhart 1997", estimate_ols, 1, False, (*_FF3, "Mom"), True
        ),
        NormalReturnModel("ff5", "five factors", "Fama & French 2015", estimate_ols, 1, False, _FF5, True),
        NormalReturnModel(
            "ff5+mom", "ff5 and Mom", "Fama & French 2018", estimate_ols, 1, False, (*_FF5, "Mom"), True
        ),
        NormalReturnModel(
            "factors", "any columns", "Campbell, Lo & MacKinlay 1997", estimate_ols, 1, factors=None
        ),
    )
}


def model_named(name: str) -> NormalReturnModel:
    """Return a model of the registry, or name the nearest one that exists."""
    if name not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    return MODELS[name]
