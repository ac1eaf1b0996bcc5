"""A model that is not in the registry: one with a lag and a lead, and one on peers, each in a few lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL, Fitted, fit
from panels import event_frame, long_prices, one, pick, priced, random_returns, specification, study

import eventstudy as es
from eventstudy.errors import UsageError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models import MODELS, ModelFit, NormalReturnModel, model_named
from eventstudy.models.estimation import Specification
from eventstudy.models.ols import estimate_ols
from eventstudy.numerics.kernels import least_squares
from eventstudy.panel.loading import needed_dates
from eventstudy.panel.panel import Sample, sample
from eventstudy.panel.pool import PoolSample
from eventstudy.panel.requirements import Requires
from eventstudy.simulation.own import OwnPanel
from eventstudy.simulation.synthetic import SyntheticPanel

TICKERS = "ABCD"
LAGGED = ("MKT[-1]", "MKT", "MKT[+1]")
SHORT = {"estimation": (-60, -11), "window": (-3, 3), "car_windows": ((0, 0), (-1, 1))}


def estimate_dimson(estimation: Sample, event: Sample) -> ModelFit:
    """Regress on the market before, on and after the session; ``beta`` is the sum of the slopes."""
    fit = estimate_ols(estimation, event)
    spread = least_squares(estimation.y, estimation.x).root.sum(axis=1)
    error = fit.sigma * np.sqrt((spread**2).sum(axis=1))
    return replace(
        fit,
        terms=np.column_stack([fit.terms, np.full(len(error), "beta", dtype=object)]),
        coefficients=np.column_stack([fit.coefficients, fit.coefficients[:, 1:].sum(axis=1)]),
        std_errors=np.column_stack([fit.std_errors, error]),
    )


def estimate_on_peers(estimation: Sample, event: Sample) -> ModelFit:
    """Regress on the mean of the other tickers of the study."""

    def averaged(window: Sample) -> Sample:
        terms = np.full((len(window.y), 1), "peers", dtype=object)
        return replace(window, x=window.peers.mean(axis=2, keepdims=True), terms=terms)

    return estimate_ols(averaged(estimation), averaged(event))


def estimate_doubled(estimation: Sample, event: Sample) -> ModelFit:
    """Forecast like the market model, with a variance that doubles in the event window."""
    fit = estimate_ols(estimation, event)
    return replace(fit, noise=2.0 * fit.noise)


DIMSON = NormalReturnModel(
    "lagged", "a + sum b_j R_m,t+j", "Dimson 1979", estimate_dimson, Requires(benchmark=True, lags=1, leads=1)
)
PEERS = NormalReturnModel("others", "a + b mean(R_j)", "", estimate_on_peers, Requires(peers=True), k=2)
NEW = (DIMSON, PEERS)


def lagged(returns: pd.DataFrame) -> pd.DataFrame:
    return returns.assign(**{"MKT[-1]": returns["MKT"].shift(1), "MKT[+1]": returns["MKT"].shift(-1)})


def assert_fitted(result: es.EventStudyResult, event_id: str, oracle: Fitted, terms: Sequence[str]) -> None:
    """Require the figures of one firm-event to be those of statsmodels."""
    event, path = one(result.events, event_id=event_id), pick(result.abnormal_returns, event_id=event_id)
    assert (event["status"], event["n_estimation"], event["df"]) == ("ok", oracle.n, oracle.df)
    assert event["sigma"] == pytest.approx(oracle.sigma, rel=RTOL)
    named = pick(result.coefficients, event_id=event_id).set_index("term")
    assert list(named.index[: len(terms)]) == list(terms)
    np.testing.assert_allclose(
        named["estimate"][list(terms)] / oracle.bse, oracle.params / oracle.bse, rtol=RTOL
    )
    np.testing.assert_allclose(named["std_error"][list(terms)], oracle.bse, rtol=RTOL)
    np.testing.assert_allclose(path["ar"] / oracle.sigma, oracle.ar / oracle.sigma, rtol=RTOL, atol=RTOL)
    np.testing.assert_allclose(
        path["ar_se"], np.where(np.isfinite(oracle.ar), oracle.ar_se, np.nan), rtol=RTOL
    )
    for start, end in ((0, 0), (-1, 1), (-5, 5)):
        found = one(result.cars, event_id=event_id, start=start, end=end)
        np.testing.assert_allclose(
            found[["car", "car_se"]].astype(float), oracle.over(start, end)[:2], rtol=RTOL
        )


def test_a_lag_and_a_lead_are_the_regression_that_statsmodels_runs(rng: np.random.Generator) -> None:
    returns = random_returns(rng, missing=0.02)
    rows = [(f"{ticker}{day}", ticker, day) for ticker in TICKERS for day in (265, 300, 400)]
    result = study(returns, rows, model=DIMSON)
    table = lagged(returns)
    for event_id, ticker, day in rows:
        oracle = fit(table, ticker, table.index[day], LAGGED)
        assert_fitted(result, event_id, oracle, ("const", *LAGGED))


def test_the_aggregated_coefficient_is_a_term_of_the_model_s_own(rng: np.random.Generator) -> None:
    import statsmodels.api as sm

    returns = random_returns(rng)
    beta = one(study(returns, [("e", "A", 300)], model=DIMSON).coefficients, term="beta")
    table = lagged(returns).iloc[40:290]
    whole = sm.OLS(table["A"], sm.add_constant(table[list(LAGGED)])).fit()
    total = whole.t_test([0, 1, 1, 1])
    assert beta["estimate"] == pytest.approx(float(total.effect[0]), rel=RTOL)
    assert beta["std_error"] == pytest.approx(float(total.sd[0, 0]), rel=RTOL)


def test_lags_and_leads_are_missing_where_the_axis_ends(rng: np.random.Generator) -> None:
    returns = random_returns(rng)
    early, late = (
        study(returns, [("e", "A", 260)], model=DIMSON),
        study(returns, [("e", "A", 414)], model=DIMSON),
    )
    assert one(early.events)["n_estimation"] == 249  # the first session has no session before it
    ar = late.abnormal_returns["ar"]
    assert np.isfinite(ar[:-1]).all()
    assert np.isnan(ar.iloc[-1])  # nor the last one after it


def test_masked_sessions_and_risk_free_returns_go_with_lags(rng: np.random.Generator) -> None:
    returns = random_returns(rng)
    model = replace(DIMSON, requires=replace(DIMSON.requires, excess=True))
    rows = [("e", "A", 300), ("other", "A", 200)]
    result = study(returns, rows, model=model, mask_events=True)
    excess = returns.assign(A=returns["A"] - returns["RF"], MKT=returns["MKT"] - returns["RF"])
    oracle = fit(lagged(excess), "A", returns.index[300], LAGGED, leave_out=(-101, -100, -99))
    event = one(result.events, event_id="e")
    assert (event["masked"], event["n_estimation"]) == (3, 247)
    assert event["sigma"] == pytest.approx(oracle.sigma, rel=RTOL)
    path = pick(result.abnormal_returns, event_id="e")
    np.testing.assert_allclose(path["ar"] / oracle.sigma, oracle.ar / oracle.sigma, rtol=RTOL, atol=RTOL)


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_a_lumped_return_is_explained_by_lags_over_the_same_sessions(
    kind: Any, rng: np.random.Generator
) -> None:
    returns = random_returns(rng, ("A",))
    prices = 100 * (1 + returns[["A", "MKT"]]).cumprod()
    prices.iloc[300:302, 0] = np.nan  # the return of row 302 spans three sessions
    table = long_prices(prices)
    design = es.Design(model=DIMSON, benchmark="MKT", gaps="lump", returns=kind)
    spec = specification(event_frame([("e", "A", 300)], returns.index), prices=table, design=design)
    found = sample(spec.panel, np.array([0]), design.window, estimation=False, lump=True)
    place = 302 - 300 + 5
    assert found.span[0, place] == 3
    market = np.log1p(returns["MKT"].to_numpy())
    expected = np.array([market[300 + shift : 303 + shift].sum() for shift in (-1, 0, 1)])
    np.testing.assert_allclose(
        found.x[0, place], expected if kind == "log" else np.expm1(expected), rtol=1e-9
    )


def test_prices_are_loaded_and_listed_for_lags_and_leads(rng: np.random.Generator) -> None:
    prices = 100 * (1 + random_returns(rng)[["A", "MKT"]]).cumprod()
    table = long_prices(prices)
    rows = [("e", "A", 300)]
    listed = {
        name: priced(table, rows, model=model).prices for name, model in (("m", "market"), ("d", DIMSON))
    }
    for ticker in ("A", "MKT"):
        plain, more = (pick(listed[name], ticker=ticker)["session"] for name in "md")
        assert len(more) == len(plain) + 2
        assert more.min() < plain.min()
        assert more.max() > plain.max()
    design = es.Design(benchmark="MKT")
    firm_events = specification(
        event_frame(rows, prices.index), prices=table, design=design
    ).panel.firm_events
    firm_events = replace(firm_events, exchange=np.array(["XNYS"], dtype=object))
    start, end = needed_dates(firm_events, design, Requires(benchmark=True), calendars=True)
    wide = needed_dates(firm_events, design, Requires(benchmark=True, lags=1, leads=2), calendars=True)
    assert wide[0] < start
    assert wide[1] > end


def test_peers_are_the_other_tickers_of_the_study(rng: np.random.Generator) -> None:
    returns = random_returns(rng, missing=0.01)
    rows = [(ticker, ticker, 300 + 20 * place) for place, ticker in enumerate(TICKERS)]
    result = study(returns, rows, model=PEERS)
    for event_id, ticker, day in rows:
        others = returns[[other for other in TICKERS if other != ticker]]
        table = returns.assign(peers=others.mean(axis=1, skipna=False))
        oracle = fit(table, ticker, table.index[day], ("peers",))
        assert_fitted(result, event_id, oracle, ("const", "peers"))
    sessions_of = result.prices.groupby("ticker", observed=True)["session"]
    assert set(sessions_of.groups) == set(TICKERS)
    assert (sessions_of.count() == 60 + 250 + 1 + 15 + 1).all()  # from the first need to the last, for all


def test_a_variance_of_the_model_s_own_is_the_one_that_is_used(rng: np.random.Generator) -> None:
    returns = random_returns(rng)
    louder = replace(MODELS["market"], name="louder", estimate=estimate_doubled)
    plain, loud = (study(returns, [("e", "A", 300)], model=model) for model in ("market", louder))
    sigma = one(plain.events)["sigma"]
    for table, column, length in (
        (lambda result: result.abnormal_returns, "ar_se", 1),
        (lambda result: pick(result.cars, start=-5, end=5), "car_se", 11),
    ):
        added = table(loud)[column] ** 2 - table(plain)[column] ** 2  # type: ignore[no-untyped-call]
        np.testing.assert_allclose(added, length * sigma**2, rtol=1e-9)


def test_a_model_is_accepted_where_its_name_is(rng: np.random.Generator, tmp_path: Path) -> None:
    result = study(random_returns(rng), [("e", "A", 300)], model=DIMSON)
    assert result.manifest["design"]["model"] == "lagged"
    assert set(result.events["model"]) == {"lagged"}
    saved = json.loads((result.to_parquet(tmp_path / "r") / "manifest.json").read_text())
    assert saved["design"]["model"] == "lagged"
    simulated = es.simulate(es.Situation(firm_events=3, replications=2), design=es.Design(model=DIMSON))
    assert simulated.about["design"]["model"] == "lagged"


def assert_same_samples(one: Specification, other: Specification) -> None:
    """Require two panels to give the same returns and regressors to the model."""
    assert one.model == other.model
    assert one.panel.requires == other.panel.requires == one.model.requires
    events, design = np.arange(len(one.panel)), one.design
    for window in (design.estimation, design.window):
        samples = [sample(spec.panel, events, window, estimation=False) for spec in (one, other)]
        terms = [[term.replace("/", "-") for term in each.terms.ravel()] for each in samples]
        assert terms[0] == terms[1]
        for field in fields(Sample):
            if field.name == "pool":
                assert_same_pools(*(each.pool for each in samples))
            elif field.name != "terms":
                np.testing.assert_array_equal(*(getattr(each, field.name) for each in samples))


def assert_same_pools(one: PoolSample | None, other: PoolSample | None) -> None:
    """Require the same securities, the same of them barred, and the same returns."""
    if one is None or other is None:
        assert one is other
        return
    assert list(one.pool.names) == list(other.pool.names)
    np.testing.assert_array_equal(one.pool.open, other.pool.open)
    members, events = np.flatnonzero(one.pool.excluded == ""), np.arange(len(one.rows))
    np.testing.assert_array_equal(one.returns(events, members), other.returns(events, members))


def listed_again(firm_events: FirmEvents) -> pd.DataFrame:
    """Return firm-events as an event list."""
    labels = [str(firm_events.benchmarks[place]).replace("/", "-") for place in firm_events.benchmark]
    tickers = [ticker.replace("/", "-") for ticker in firm_events.ticker]
    names = [f"e{row}" for row in range(len(firm_events))]
    columns = {
        "event_id": names,
        "ticker": tickers,
        "session": pd.to_datetime(firm_events.session),
    }
    return pd.DataFrame(columns).assign(benchmark=labels)


@pytest.mark.parametrize("model", [*MODELS.values(), *NEW], ids=str)
def test_simulate_builds_the_panel_that_run_builds(
    model: NormalReturnModel, rng: np.random.Generator
) -> None:
    """Whatever a model requires, placebo events of a study have it as events do."""
    returns = random_returns(rng, (*TICKERS, *"EFGHIJKLM"), n=160 + model.least)
    windows = SHORT | {"estimation": (-60 - model.least, -11)}
    design = es.Design(**windows, model=model, benchmark="MKT", factors=("SMB", "Mom"))
    rows = [(ticker, ticker, 100 + model.least) for ticker in TICKERS]
    spec = specification(event_frame(rows, returns.index), returns=returns, design=design)
    placebo = OwnPanel.of(es.Situation(firm_events=8), spec).prepare(range(3))
    placed = specification(listed_again(placebo.panel.firm_events), returns=returns, design=design)
    assert len(placebo.panel) == 24
    assert_same_samples(placebo, placed)


@pytest.mark.parametrize(
    "model", [MODELS["mean"], MODELS["market-adjusted"], MODELS["market"], DIMSON], ids=str
)
def test_a_synthetic_market_gives_a_model_what_it_requires(model: NormalReturnModel) -> None:
    design = es.Design(**SHORT, model=model)
    spec = SyntheticPanel.of(es.Situation(firm_events=6, sessions=75), design, model).prepare(range(2))
    matrix = spec.panel.matrix
    table = pd.DataFrame(
        matrix.values, pd.DatetimeIndex(matrix.dates), [name.replace("/", "-") for name in matrix.columns]
    )
    placed = specification(listed_again(spec.panel.firm_events), returns=table, design=design)
    assert_same_samples(spec, placed)
    x = sample(spec.panel, np.arange(12), design.estimation, estimation=False).x
    assert np.isfinite(x).all()  # the market has as many sessions more as there are lags and leads


def test_synthetic_markets_have_no_peers() -> None:
    with pytest.raises(UsageError, match="no peers for the model others"):
        es.simulate(es.Situation(firm_events=3, replications=1), design=es.Design(model=PEERS))


def test_a_model_of_ones_own_may_not_have_the_name_of_another() -> None:
    with pytest.raises(UsageError, match="'market' is a model of the registry"):
        model_named(replace(DIMSON, name="market"))
    assert model_named(MODELS["market"]) is MODELS["market"]
