"""Normal-return models, one small file each, their registry, and estimation."""

from __future__ import annotations

from eventstudy.design import Design
from eventstudy.errors import DesignError, UnknownNameError, UsageError
from eventstudy.models.autocorrelated import with_ar1
from eventstudy.models.capm import CAPM
from eventstudy.models.dimson import DIMSON
from eventstudy.models.factors import FACTORS
from eventstudy.models.fama_french import CARHART, FF3, FF5, FF5_MOM
from eventstudy.models.garch import GARCH
from eventstudy.models.market import MARKET
from eventstudy.models.market_adjusted import MARKET_ADJUSTED
from eventstudy.models.mean import MEAN
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.peers import PEERS
from eventstudy.models.robust import ROBUST
from eventstudy.models.scholes_williams import SCHOLES_WILLIAMS
from eventstudy.models.synthetic import SYNTHETIC

__all__ = ["MODELS", "ModelFit", "NormalReturnModel", "model_named", "model_of"]

OF_OTHER_MEASURES = ("mean", "market")  #: models of volume and volatility

MODELS: dict[str, NormalReturnModel] = {
    model.name: model
    for model in (
        *(MEAN, MARKET_ADJUSTED, MARKET, DIMSON, SCHOLES_WILLIAMS, ROBUST, GARCH),
        *(CAPM, FF3, CARHART, FF5, FF5_MOM, FACTORS),
        *(PEERS, SYNTHETIC),
    )
}


def model_named(model: str | NormalReturnModel) -> NormalReturnModel:
    """Return the model of a name, or the model itself.

    Raises
    ------
    UnknownNameError
        A name that is not in the registry; it names the nearest.
    UsageError
        An own model has the name of another in the registry, so that a result would name the wrong one.
    """
    if isinstance(model, NormalReturnModel):
        if MODELS.get(model.name, model) != model:
            raise UsageError(f"{model.name!r} is a model of the registry; give your own another name")
        return model
    if model not in MODELS:
        raise UnknownNameError("model", str(model), MODELS)
    return MODELS[model]


def model_of(design: Design) -> NormalReturnModel:
    """Return the model of a design, with its options and the noise that it asks for.

    Raises
    ------
    DesignError
        The model is none of volume or volatility, none of plain least squares where the noise is ar1, or
        options contradict each other.
    UnknownNameError, UsageError
        As of `model_named`.
    """
    model = model_named(design.model)
    known = not isinstance(design.model, str) or model.name in OF_OTHER_MEASURES
    if design.measure != "returns" and not known:
        takes = " or ".join(OF_OTHER_MEASURES)
        raise DesignError("model", f"{model.name} is a model of returns; {design.measure} takes {takes}")
    if model.configured is not None:
        model = model.configured(design)
    if not design.autocorrelated:
        return model
    if design.gaps == "trade-to-trade":
        raise DesignError("noise", "ar1 is about neighbouring sessions; trades have none")
    return with_ar1(model)
