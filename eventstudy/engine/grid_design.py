"""What a study on a grid follows of a design, and the errors for what it does not."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import DESIGN_FIELDS, Design
from eventstudy.engine.grid_estimation import Grid
from eventstudy.errors import UsageError
from eventstudy.inference.chosen_tests import applicable_tests, chosen_tests
from eventstudy.models import NormalReturnModel, model_of
from eventstudy.models.market_adjusted import estimate_market_adjusted
from eventstudy.models.ols import estimate_ols
from eventstudy.significance import SignificanceTest
from eventstudy.significance.sums import car_values

#: Fields of a design that a study on a grid follows; the others keep the values of `PLAIN`.
FOLLOWED = frozenset(
    {"model", "factors", "estimation", "window", "car_windows", "returns", "min_estimation", "mask_events"}
    | {"tests", "weights", "alternative", "confidence", "seed"}
)
PLAIN = Design()
MANY_DRAWN = 200_000  #: firm-events up to which tests by resampling are computed without being named
MANY_SORTED = 2_000_000  #: the same for tests of all values, which are in memory at the end
ESTIMATORS = (estimate_ols, estimate_market_adjusted)  #: these need the firm-event's window and no more


def grid_model(design: Design, grid: Grid, risk_free: FloatArray | None) -> NormalReturnModel:
    """Return the model of a design.

    Raises
    ------
    UsageError
        A field of the design that a study on a grid does not follow, a model that is no regression on
        regressors common to all securities, or regressors or risk-free returns that are not the model's.
    """
    refuse_design(design)
    model = model_of(design)
    if model.estimate not in ESTIMATORS or len(model.requires.offsets) > 1:
        kinds = "mean, market-adjusted, market, capm, factors and the models of Fama and French"
        raise UsageError(f"a study on a grid has the models {kinds}, not {model.name}")
    sessions, found = grid.returns.shape[1], grid.regressors.shape
    columns = model.requires.factor_columns(design)
    needed = int(model.requires.benchmark) + len(columns)
    if found != (needed, sessions):
        raise UsageError(f"{model.name} has {needed} regressors of {sessions} sessions, not of shape {found}")
    if model.requires.excess and (risk_free is None or risk_free.shape != (sessions,)):
        raise UsageError(f"{model.name} needs risk_free, the return of each of the {sessions} sessions")
    return model


def refuse_design(design: Design, followed: Set[str] = FOLLOWED, plain: Design = PLAIN) -> None:
    """Raise a UsageError for a field that is not followed and has not its plain value, or several windows."""
    for name in DESIGN_FIELDS:
        needed = getattr(plain, name)
        if name not in followed and getattr(design, name) != needed:
            raise UsageError(f"a study on a grid needs {name}={needed!r}, not {getattr(design, name)!r}")
    if len(design.estimation_windows) != 1:
        raise UsageError("a study on a grid has one estimation window")


def grid_tests(design: Design) -> list[SignificanceTest]:
    """Return the tests across firm-events; a UsageError where the design names another."""
    chosen = applicable_tests(chosen_tests(design.tests), design)
    others = [test.name for test in chosen if test.scope != "cross-section" or not test.sums]
    if design.tests and others:
        raise UsageError(f"a study on a grid has no test {others[0]}: it is none of sums over firm-events")
    return [
        test
        for test in chosen
        if test.name not in others and (design.weights is not None or not test.weighted)
    ]


def affordable_tests(
    design: Design, firm_events: int
) -> tuple[list[SignificanceTest], list[SignificanceTest]]:
    """Return the tests of so many firm-events, and those that are computed only if they are named."""
    tests = grid_tests(design)
    left_out = [
        test
        for test in tests
        if (test.distribution == "bootstrap" and firm_events > MANY_DRAWN)
        or (car_values in test.sums and firm_events > MANY_SORTED)
    ]
    if design.tests or not left_out:
        return tests, []
    return [test for test in tests if test not in left_out], left_out


def refuse_firm_events(
    design: Design, security: IntArray, day0: IntArray, weights: FloatArray | None
) -> None:
    """Refuse firm-events listed twice, and weights that the design does not name or that are below 0."""
    firm_days = security * (day0.max(initial=0) + 1) + day0
    if len(np.unique(firm_days)) < len(security):
        raise UsageError("a security and a day 0 are listed twice")
    if (weights is None) != (design.weights is None):
        raise UsageError("weights are given where the design names them, and only there")
    if weights is not None and (weights.shape != security.shape or ((weights < 0) | np.isinf(weights)).any()):
        raise UsageError("weights need one number of 0 or more for each firm-event, or NaN")
