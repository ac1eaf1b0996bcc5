"""What every model of the registry keeps, whatever it is."""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import event_frame, one, random_returns, specification, study

import eventstudy as es
from eventstudy.models import MODELS, ModelFit, NormalReturnModel, model_named
from eventstudy.models.estimation import Specification, fit_and_forecast
from eventstudy.panel.panel import Sample, sample
from eventstudy.significance.abnormal import AbnormalReturns

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
ROWS = [(f"{ticker}{day}", ticker, day) for ticker in "AB" for day in (265, 300, 400)]
COLUMNS = ("SMB", "Mom")  #: of the model `factors`
OTHERS = tuple(f"P{place}" for place in range(12))  #: securities that never lack a return: peers and donors
STEP = 1e-5  #: of a return: so small that the same donors have a weight
REGRESSORS = ("MKT", "Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom")

#: The optimiser of garch stops within this of its optimum, in the figures that follow.
OPTIMISED = 1e-4
#: Sessions at either end of the estimation window that a model cannot use.
ENDS = {"scholes-williams": 1}

every_model = pytest.mark.parametrize("model", MODELS.values(), ids=str)


def spec_of(returns: pd.DataFrame, model: NormalReturnModel, **design: Any) -> Specification:
    asked = {"benchmark": "MKT", "model": model, "factors": COLUMNS, "mask_events": False}
    chosen = es.Design(**asked | design)
    return specification(event_frame(ROWS, returns.index), returns=returns, design=chosen)


def fitted(
    returns: pd.DataFrame, model: NormalReturnModel, **design: Any
) -> tuple[Specification, ModelFit, AbnormalReturns]:
    spec = spec_of(returns, model, **design)
    return spec, *fit_and_forecast(spec, np.arange(len(spec.panel)))


def samples(spec: Specification) -> tuple[Sample, Sample]:
    events = np.arange(len(spec.panel))
    estimation = sample(spec.panel, events, spec.design.estimation, estimation=True)
    return estimation, sample(spec.panel, events, spec.design.window, estimation=False)


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    table = random_returns(rng, ("A", "B"), missing=0.03)
    noise = np.random.default_rng(1).normal(0.0, 0.02, (len(table), len(OTHERS)))
    return table.assign(**dict(zip(OTHERS, (table[["MKT"]].to_numpy() + noise).T, strict=True)))


@every_model
def test_shapes(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    spec, fit, _ = fitted(returns, model)
    n, past, ahead = len(ROWS), spec.design.estimation.length, spec.design.window.length
    assert fit.residuals.shape == fit.estimation_noise.shape == (n, past)
    assert fit.expected.shape == fit.noise.shape == (n, ahead)
    assert fit.root.shape[:2] == (n, ahead)
    assert fit.estimation_root.shape == (n, past, fit.root.shape[2])
    assert fit.terms.shape == fit.coefficients.shape == fit.std_errors.shape
    for per_event in (fit.sigma, fit.df, fit.n, fit.rsquared, fit.problem, fit.coefficients[:, 0:1].sum(1)):
        assert per_event.shape == (n,)
    assert len(set(fit.terms[0])) == fit.terms.shape[1]
    assert (fit.problem == "").all()


@every_model
def test_a_missing_return_or_regressor_leaves_its_session_out(
    model: NormalReturnModel, returns: pd.DataFrame
) -> None:
    returns.iloc[[150, 301], returns.columns.get_loc("MKT")] = np.nan
    returns.iloc[[160, 302], returns.columns.get_loc("SMB")] = np.nan
    spec, fit, abnormal = fitted(returns, model)
    estimation, event = samples(spec)
    usable = np.isfinite(estimation.y) & np.isfinite(estimation.x).all(axis=2)
    future = np.isfinite(event.x)
    if ends := ENDS.get(model.name, 0):  # the benchmark's neighbours enter the parameters, not the forecast
        usable[:, [*range(ends), *range(-ends, 0)]] = False
        future = future[:, :, [model.requires.lags]]
    np.testing.assert_array_equal(np.isfinite(fit.residuals), usable)
    np.testing.assert_array_equal(fit.n, usable.sum(axis=1))
    np.testing.assert_array_equal(np.isfinite(fit.expected), future.all(axis=2))
    ahead = np.isfinite(event.y) & future.all(axis=2)
    for figure in (abnormal.ar, abnormal.ar_se):
        np.testing.assert_array_equal(np.isfinite(figure), ahead)
    assert not ahead.all()
    assert not usable.all()


@every_model
def test_the_number_of_parameters_is_that_of_the_degrees_of_freedom(
    model: NormalReturnModel, returns: pd.DataFrame
) -> None:
    spec, fit, _ = fitted(returns, model, min_estimation=1)
    if model.requires.pool == "donors":  # those that are free depend on the data
        assert fit.weights is not None
        positive = np.bincount(fit.weights.event[fit.weights.weight > 0])
        np.testing.assert_array_equal(fit.n - fit.df, positive - 1)
        return
    needed = np.maximum(fit.n - fit.df + 10, model.least)
    np.testing.assert_array_equal(needed, spec.required_observations(np.arange(len(spec.panel))))


@every_model
def test_the_forecast_variance_is_that_of_the_coefficients(
    model: NormalReturnModel, returns: pd.DataFrame
) -> None:
    """``Q`` is orthonormal, and ``Q G'`` are the weights with which residuals move the forecast.

    Those of a fit that is not least squares are held: ``Q'P = I`` says that the forecast is unbiased.
    """
    spec, fit, _ = fitted(returns.fillna(0.001), model)
    root = np.nan_to_num(fit.estimation_root)
    basis = np.einsum("nlr,nl,nls->nrs", root, np.nan_to_num(fit.estimation_noise), root)
    columns = np.einsum("nrr->nr", basis) > 0.5  # a fit with fewer regressors has columns of zeros
    np.testing.assert_allclose(basis, np.eye(basis.shape[1]) * columns[:, None, :], atol=1e-9)
    if fit.estimation_regressors is not None:
        across = np.einsum("nlr,nls->nrs", root, np.nan_to_num(fit.estimation_regressors))
        np.testing.assert_allclose(across, np.broadcast_to(np.eye(basis.shape[1]), basis.shape), atol=1e-9)
        return
    estimation, event = samples(spec)
    moved = replace(estimation, y=estimation.y + STEP * np.eye(estimation.y.shape[1])[7])
    change = spec.model.estimate(moved, event).expected - fit.expected
    weights = np.einsum("nlr,nr->nl", fit.root, fit.estimation_root[:, 7])
    np.testing.assert_allclose(change, STEP * weights, rtol=1e-7, atol=1e-13)


@every_model
def test_figures_scale_with_the_returns(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    (_, fit, abnormal), (_, half_fit, half) = fitted(returns, model), fitted(returns / 2, model)
    rtol, near, same = 1e-8, 1e-12, np.ones(len(ROWS), dtype=bool)
    if model.name == "garch":  # of several maxima the optimiser finds another one now and then
        rtol = near = OPTIMISED
        likelihood = [
            each.coefficients[:, each.terms[0] == "log-likelihood"][:, 0] for each in (fit, half_fit)
        ]
        same = np.abs(likelihood[1] - likelihood[0] - fit.n * np.log(2)) < OPTIMISED
        assert same.sum() > len(ROWS) / 2
    np.testing.assert_allclose(half_fit.sigma[same], fit.sigma[same] / 2, rtol=max(near, RTOL))
    for ours, other in ((half_fit.residuals, fit.residuals), (half.ar, abnormal.ar)):
        np.testing.assert_allclose(ours[same], other[same] / 2, rtol=rtol, atol=0.01 * near)
    ratio, other = half.ar / half.ar_se, abnormal.ar / abnormal.ar_se
    np.testing.assert_allclose(ratio[same], other[same], rtol=rtol, atol=near)


@pytest.mark.parametrize(
    ("name", "simpler"),
    [("capm", "market"), *((each, "factors") for each in ("ff3", "carhart", "ff5", "ff5+mom"))],
)
def test_without_a_risk_free_return_it_is_the_model_of_plain_returns(
    name: str, simpler: str, returns: pd.DataFrame
) -> None:
    model = model_named(name)
    found, plain = (
        fitted(returns.assign(RF=0.0), each, factors=model.requires.factors)[1:]
        for each in (model, model_named(simpler))
    )
    for figure in ("coefficients", "sigma", "residuals", "expected"):
        np.testing.assert_array_equal(getattr(found[0], figure), getattr(plain[0], figure))
    np.testing.assert_array_equal(found[1].ar_se, plain[1].ar_se)


@pytest.mark.parametrize("name", ["market-adjusted", "market"])
def test_against_a_benchmark_that_does_not_move_the_noise_is_that_of_the_mean(
    name: str, returns: pd.DataFrame
) -> None:
    still = returns.assign(
        MKT=0.0 if name == "market-adjusted" else np.where(np.arange(len(returns)) % 2, 1e-9, 0)
    )
    sigma, mean = (fitted(still, model_named(each))[1].sigma for each in (name, "mean"))
    np.testing.assert_allclose(sigma, mean, rtol=RTOL if name == "market-adjusted" else 0.01)


@every_model
def test_too_few_returns_are_refused(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    table = returns.fillna(0.001)
    need = spec_of(table, model, min_estimation=1).required_observations(np.arange(1))[0]
    for have in (need, need - 1):
        short = table.copy()
        missing = 250 - have - ENDS.get(model.name, 0)
        short.iloc[40 : 40 + missing, 0] = np.nan
        row = one(study(short, [("e", "A", 300)], model=model, factors=COLUMNS, min_estimation=1).events)
        if (
            have == need and model.requires.pool == "donors"
        ):  # enough of them for the donors is a rule of its own
            continue
        assert (row["status"], row["n_estimation"]) == ("ok" if have == need else "skipped", have)
        few = f"only {have} of 250 estimation returns are usable; {need} are needed"
        cause = f"(A has none on {missing} sessions)"
        assert have == need or row["reason"] == f"{few} {cause}"


def refused(returns: pd.DataFrame, model: NormalReturnModel) -> str:
    """Return why a firm-event was skipped, ``""`` where it was not; a skipped one has no figures."""
    result = study(returns, [("e", "A", 300)], model=model, factors=COLUMNS, quality="flag")
    row = one(result.events)
    assert result.abnormal_returns["ar"].isna().all() == (row["status"] == "skipped")
    return str(row["reason"]) if row["status"] == "skipped" else ""


@every_model
def test_a_constant_series_is_refused(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    assert "estimation returns are constant" in refused(returns.assign(A=0.001), model)


@every_model
def test_collinear_regressors_are_refused(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    """Only a model that estimates slopes depends on its regressors to vary."""
    slopes = fitted(returns, model)[1].terms.shape[1] > 1
    still = returns.assign(**dict.fromkeys(REGRESSORS, 0.0), RF=0.0)
    assert ("constant or collinear" in refused(still, model)) == slopes


@pytest.mark.parametrize(
    "model", [model for model in MODELS.values() if model.name not in ("mean", "synthetic")], ids=str
)
def test_an_exact_fit_is_refused(model: NormalReturnModel, returns: pd.DataFrame) -> None:
    requires = model.requires
    names = ("MKT",) if requires.benchmark else requires.factor_columns(es.Design(factors=COLUMNS))
    exact = returns[list(names)].sum(axis=1)
    if requires.excess and not requires.benchmark:
        exact += returns["RF"]  # the benchmark has it already
    assert "fits exactly" in refused(returns.assign(A=exact), model)


@every_model
def test_the_reference_is_in_the_docstrings(model: NormalReturnModel) -> None:
    files = [
        module
        for name, module in sys.modules.items()
        if name.startswith("eventstudy.models.") and any(value is model for value in vars(module).values())
    ]
    assert files, f"{model} has no file of its own in eventstudy/models"
    text = f"{files[0].__doc__} {model.estimate.__doc__}"
    assert "References\n" in text
    for year in re.findall(r"\d{4}", model.reference):
        assert year in text.partition("References\n")[2]
    assert re.search(r"doi:10\.\d{4}|Press", text)


def answers() -> dict[str, dict[str, str]]:
    with (REFERENCE / "model_answers.csv").open(newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def test_every_model_has_a_reference_value() -> None:
    missing = MODELS.keys() - answers().keys()
    assert not missing, f"{sorted(missing)} have no row in tests/reference/model_answers.csv"


@pytest.mark.parametrize("name", answers())
def test_the_reference_value(name: str) -> None:
    long = MODELS[name].least > 0
    file = "long_returns.csv" if long else "model_returns.csv"
    returns = pd.read_csv(REFERENCE / file, index_col="session", parse_dates=True)
    windows: dict[str, Any] = {"estimation": (-260 if long else -120, -11), "car_windows": ((-1, 1),)}
    result = study(returns, [("e", "A", 280 if long else 140)], model=name, factors=COLUMNS, **windows)
    day0 = one(result.abnormal_returns, tau=0)
    event, car = one(result.events), one(result.cars)
    found = {
        "n": event["n_estimation"],
        **{column: event[column] for column in ("df", "sigma")},
        **{column: day0[column] for column in ("ar", "ar_se")},
        **{column: car[column] for column in ("car", "car_se")},
    }
    for column, value in found.items():
        rtol = OPTIMISED if name == "garch" else RTOL
        assert value == pytest.approx(float(answers()[name][column]), rel=rtol), column
