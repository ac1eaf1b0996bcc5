"""The form of a study's regressions: a formula, a mapping with one, or a list of these."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Tag

from eventstudy._typing import Cluster, Covariance, Estimator
from eventstudy.design import Regression, read_regressions
from eventstudy.events.values import Form, SessionWindow, Text, shape


class RegressionForm(Form):
    """A regression of CARs with its window, estimator and standard errors."""

    formula: Text
    """What is regressed on what: car ~ size + C(kind)."""
    window: SessionWindow | None = None
    """The CAR window; every one of the design by default."""
    estimator: Estimator = "ols"
    """ols, wls with the weights 1 / car_se squared, or fama-macbeth."""
    cov: Covariance = "auto"
    """Standard errors without clusters; auto clusters by session where there are several dates."""
    cluster: Cluster | None = None
    """Standard errors clustered by session, ticker or both."""


def _regressions(value: Any) -> tuple[Regression, ...]:
    listed = value if isinstance(value, tuple) else (value,)
    plain = [each.model_dump() if isinstance(each, RegressionForm) else each for each in listed]
    return read_regressions("regress", plain)


_ONE = Annotated[Text, Tag("(text)")] | Annotated[RegressionForm, Tag("(mapping)")]
Regressions = Annotated[
    _ONE | Annotated[tuple[Annotated[_ONE, Discriminator(shape)], ...], Tag("(list)")],
    Discriminator(shape),
    AfterValidator(_regressions),
]
