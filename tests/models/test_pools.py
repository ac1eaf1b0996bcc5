"""Peers and donors: the reference figures, brute force, special cases, and who is left out and named."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import simplex_weights
from panels import long_prices, one, pick, priced, random_returns, study

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.events.inputs import read_inputs
from eventstudy.models.penalised_peers import FOLDS, L1_SHARE, LAMBDAS
from eventstudy.models.synthetic import LEAST_DONORS
from eventstudy.numerics.simplex import simplex_least_squares

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "methods2"
RTOL = 1e-9  #: of least squares: two orders of the same sums
PENALISED, WEIGHTS = 1e-8, 1e-8  #: a descent, and an interior point of another program, reach no more
KKT = 1e-12  #: share of the squared size by which a gradient may be off at the solution
DONORS = tuple(f"D{place}" for place in range(14))
METHODS = {
    "peers_index": {"model": "peers", "peer_market": False},
    "peers_index_and_market": {"model": "peers"},
    "peers_ols": {"model": "peers", "peer_method": "ols"},
    "peers_ridge": {"model": "peers", "peer_method": "ridge"},
    "peers_elastic_net": {"model": "peers", "peer_method": "elastic-net"},
    "synthetic": {"model": "synthetic"},
}
reference = pytest.mark.skipif(not SHARED.is_dir(), reason="no reference data")


@cache
def stated() -> list[dict[str, Any]]:
    return list(json.loads((SHARED / "models.json").read_text()))


@cache
def measured(name: str) -> es.EventStudyResult:
    """Run the five firm-events of the reference figures together."""
    rows = stated()
    names = rows[0]["peers_index"]["peers"]
    returns = pd.read_csv(SHARED / "returns.csv", index_col=0, parse_dates=True)
    events = [(f"e{place}", row["ticker"], pd.Timestamp(row["date"])) for place, row in enumerate(rows)]
    windows = ((0, 0), (-1, 1), (0, 5), (-5, 5))
    design = {"peers": names, "donors": names, "car_windows": windows, "quality": "flag", **METHODS[name]}
    return study(returns, events, benchmark="SPY", **design)


def close(found: Any, wanted: Any, rtol: float) -> None:
    known = np.array([np.nan if value is None else value for value in wanted], dtype=float)
    np.testing.assert_allclose(np.asarray(found, dtype=float), known, rtol=rtol, atol=1e-14)


@reference
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("name", METHODS)
def test_the_reference_figures(name: str, place: int) -> None:
    result, figures, event = measured(name), stated()[place][name], f"e{place}"
    rtol = PENALISED if "rho" in figures or name == "synthetic" else RTOL
    path = pick(result.abnormal_returns, event_id=event)
    close(path["ar"], figures["ar"], rtol)
    row = one(result.events, event_id=event)
    if "ar_se" in figures:
        close(path["ar_se"], figures["ar_se"], rtol)
        close(pick(result.coefficients, event_id=event)["estimate"], figures["b"], rtol)
    for car in figures.get("cars", ()):
        found = one(result.cars, event_id=event, start=car["start"], end=car["end"])
        close(
            found[["car", "car_se", "statistic", "pvalue"]],
            [car[c] for c in ("car", "car_se", "t", "p")],
            rtol,
        )
    if "rho" in figures:
        terms = pick(result.coefficients, event_id=event)
        close(terms["estimate"], [figures["const"], *figures["coef"]], rtol)
        assert terms["std_error"].isna().all()
        close([row["sigma"], row["df"]], [figures["s_cv"], 249 - figures["df_lambda"]], rtol)
        first = one(result.cars, event_id=event, start=0, end=0)
        close(first[["placebo_pvalue", "conformal_pvalue"]], [figures["placebo_day0"]] * 2, rtol)
        assert first["placebo_n"] == figures["placebo_n"]
        residuals = pick(result.residuals, event_id=event)["residual"]
        close(residuals[:5], figures["oof_first5"], rtol)
    if "weights" in figures:
        weights = pick(result.weights, event_id=event).dropna(subset="weight")
        assert list(weights["security"]) == figures["donors"]
        np.testing.assert_allclose(weights["weight"], figures["weights"], atol=WEIGHTS)
        close([row["sigma"], row["df"]], [figures["s"], figures["df"]], rtol)


@reference
def test_the_reference_effect_on_the_group() -> None:
    phi = json.loads((SHARED / "synthetic_phi_m1_p1.json").read_text())
    row = one(measured("synthetic").tests, level="all", test="synthetic_phi", start=-1, end=1)
    assert row["statistic"] == pytest.approx(phi, rel=PENALISED)
    assert row["n"] == 5
    assert row["note"].startswith("too few")  # of nine donors, some of which fit badly


# --- the solver ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("donors", [1, 2, 30, 600])
def test_the_weights_are_the_minimum(donors: int, rng: np.random.Generator) -> None:
    """Against an interior point of another program, and by the conditions of Karush, Kuhn and Tucker."""
    market = rng.normal(0, 0.01, 120)
    d = market[:, None] * rng.uniform(0.5, 1.5, donors) + rng.normal(0, 0.02, (120, donors))
    y = market + rng.normal(0, 0.01, 120)
    fit = simplex_least_squares(y, d)
    assert fit.weights.sum() == pytest.approx(1.0, rel=1e-14)
    assert (fit.weights >= 0).all()
    np.testing.assert_array_equal(np.flatnonzero(fit.weights > 0), fit.positive)
    gradient = (d - y[:, None]).T @ (d @ fit.weights - y)
    slack = gradient - gradient[fit.positive].mean()
    size = float(((d - y[:, None]) ** 2).sum(axis=0).max())
    assert slack.min() >= -KKT * size
    assert np.abs(slack[fit.positive]).max() <= KKT * size
    np.testing.assert_allclose(fit.weights, simplex_weights(y, d), atol=1e-6)  # the other's own limit


def test_a_portfolio_of_donors_is_found_and_twins_share_its_weight(rng: np.random.Generator) -> None:
    d = rng.normal(0, 0.02, (100, 20))
    w = np.zeros(20)
    w[[3, 7, 11]] = 0.5, 0.3, 0.2
    np.testing.assert_allclose(simplex_least_squares(d @ w, d).weights, w, atol=1e-12)
    twins = np.column_stack([d, d[:, 3]])
    found = simplex_least_squares(d @ w, twins).weights
    assert found[3] + found[20] == pytest.approx(0.5, abs=1e-12)


# --- special cases ------------------------------------------------------------------------------------------


@pytest.fixture
def table(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B", *DONORS))


def test_one_donor_that_is_best_alone_is_the_market_adjusted_model(table: pd.DataFrame) -> None:
    """Where the security lies on the other side of the first donor than all others, that one has it all."""
    apart = np.random.default_rng(5).normal(0, 0.02, len(table))
    table = table.assign(A=table["D0"] - 0.1 * apart)
    table = table.assign(**{name: table["D0"] + (1 + at) * apart for at, name in enumerate(DONORS[1:])})
    result = study(table, [("e", "A", 300)], model="synthetic", donors=DONORS, quality="flag")
    plain = study(table, [("e", "A", 300)], model="market-adjusted", benchmark="D0", quality="flag")
    assert list(result.weights["weight"].dropna()) == [1.0] + [0.0] * (len(DONORS) - 1)
    np.testing.assert_allclose(result.abnormal_returns["ar"], plain.abnormal_returns["ar"], atol=1e-15)
    square = (plain.residuals["residual"] ** 2).mean()
    assert one(result.events)["sigma"] == pytest.approx(np.sqrt(square), rel=RTOL)


def test_equal_peers_are_one_regressor(table: pd.DataFrame) -> None:
    """Peers that all return the same are a market model against that return."""
    alike = table.assign(**dict.fromkeys(DONORS, table["D0"]))
    pooled = study(alike, [("e", "A", 300)], model="peers", peers=DONORS, peer_market=False, quality="flag")
    market = study(alike, [("e", "A", 300)], model="market", benchmark="D0", quality="flag")
    for name in ("ar", "ar_se"):
        np.testing.assert_allclose(pooled.abnormal_returns[name], market.abnormal_returns[name], rtol=RTOL)
    np.testing.assert_allclose(pooled.cars["conformal_pvalue"], market.cars["conformal_pvalue"], rtol=RTOL)
    assert set(pooled.coefficients["term"]) == {"const", "peers"}
    np.testing.assert_allclose(pooled.weights["weight"].dropna(), 1 / len(DONORS))


@pytest.mark.parametrize("method", ["ridge", "elastic-net"])
def test_penalised_peers_by_brute_force(method: str, table: pd.DataFrame) -> None:
    """Every fold and penalty again, one at a time by scikit-learn."""
    from sklearn.linear_model import ElasticNet, Ridge

    result = study(table, [("e", "A", 300)], model="peers", peers=DONORS, peer_method=method)
    y, x = table["A"].to_numpy()[40:290], table[list(DONORS)].to_numpy()[40:290]

    def model(penalty: float, n: int) -> Any:
        if method == "ridge":
            return Ridge(alpha=penalty * n, fit_intercept=False, solver="svd")
        options = {"tol": 1e-13, "max_iter": 1_000_000}
        return ElasticNet(alpha=penalty, l1_ratio=L1_SHARE, fit_intercept=False, **options)

    z = (x - x.mean(axis=0)) / x.std(axis=0)
    largest = np.abs(z.T @ (y - y.mean())).max() / (len(y) * L1_SHARE)
    penalties = (
        np.logspace(2, -4, LAMBDAS) if method == "ridge" else np.geomspace(largest, 1e-4 * largest, LAMBDAS)
    )
    errors = np.empty((len(y), LAMBDAS))
    for out in np.array_split(np.arange(len(y)), FOLDS):
        inside = np.setdiff1d(np.arange(len(y)), out)
        centre, spread = x[inside].mean(axis=0), x[inside].std(axis=0)
        for place, penalty in enumerate(penalties):
            fit = model(penalty, len(inside)).fit((x[inside] - centre) / spread, y[inside] - y[inside].mean())
            errors[out, place] = y[out] - y[inside].mean() - (x[out] - centre) / spread @ fit.coef_
    best = int(np.argmin((errors**2).mean(axis=0)))
    np.testing.assert_allclose(result.residuals["residual"], errors[:, best], atol=1e-10)
    fit = model(penalties[best], len(y)).fit(z, y - y.mean())
    ahead = (table[list(DONORS)].to_numpy()[295:306] - x.mean(axis=0)) / x.std(axis=0)
    ar = table["A"].to_numpy()[295:306] - y.mean() - ahead @ fit.coef_
    np.testing.assert_allclose(result.abnormal_returns["ar"], ar, atol=1e-10)


def test_ranks_of_penalised_peers_stay_within_folds(table: pd.DataFrame) -> None:
    result = study(table, [("e", "A", 300)], model="peers", peers=DONORS, peer_method="ridge")
    errors = result.residuals["residual"].to_numpy()
    sums = [
        fold[start : start + 3].sum()
        for fold in np.array_split(errors, FOLDS)
        for start in range(len(fold) - 2)
    ]
    row = one(result.cars, start=-1, end=1)
    assert row["placebo_n"] == len(sums) == 250 - 2 * FOLDS
    wanted = (1 + (np.abs(sums) >= abs(row["car"])).sum()) / (1 + len(sums))
    assert row["placebo_pvalue"] == pytest.approx(wanted)
    assert row["conformal_pvalue"] == pytest.approx(wanted)


def test_conformal_and_placebo_of_a_portfolio_are_those_of_its_face(table: pd.DataFrame) -> None:
    """With the positive donors held, windows are left out of a regression on their differences."""
    result = study(table, [("e", "A", 300)], model="synthetic", donors=DONORS)
    weights = result.weights[result.weights["weight"] > 0]
    *free, last = weights["security"]
    z = table[free].sub(table[last], axis=0).to_numpy()
    y = (table["A"] - table[last]).to_numpy()
    past, window = np.arange(40, 290), np.arange(299, 302)
    row = one(result.cars, start=-1, end=1)
    sums = []
    for start in range(40, 288):
        inside = past[(past < start) | (past >= start + 3)]
        b = np.linalg.lstsq(z[inside], y[inside], rcond=None)[0]
        sums.append((y[start : start + 3] - z[start : start + 3] @ b).sum())
    wanted = (1 + (np.abs(sums) >= abs(row["car"])).sum()) / (1 + len(sums))
    assert row["placebo_pvalue"] == pytest.approx(wanted)
    both = np.concatenate([past, window])
    u = y[both] - z[both] @ np.linalg.lstsq(z[both], y[both], rcond=None)[0]
    circle = np.array([np.roll(u, -start)[:3].sum() for start in range(len(u))])
    assert row["conformal_pvalue"] == pytest.approx((np.abs(circle) >= abs(circle[250]) - 1e-15).mean())


# --- who is in the pool -------------------------------------------------------------------------------------


def reasons(result: es.EventStudyResult, event: str) -> dict[str, str]:
    left = pick(result.weights, event_id=event)
    return dict(zip(left["security"].astype(str), left["reason"].astype(object).fillna(""), strict=True))


def test_donors_of_overlapping_events_funds_and_gaps_are_barred_and_named(table: pd.DataFrame) -> None:
    table = table.assign(SPY=1.01 * table["MKT"], **{"^X": 1.01 * table["D1"]})
    table.iloc[100, table.columns.get_loc("D5")] = np.nan
    table.iloc[303, table.columns.get_loc("D6")] = np.nan
    rows = [("e", "A", 300), ("e", "D0", 300), ("near", "D1", 309), ("far", "D2", 330)]
    result = study(table, rows, model="synthetic", donors=(*DONORS, "B", "SPY", "^X", "MKT", "GONE"))
    told = reasons(result, "e")
    assert "overlaps" in told["D0"] and "overlaps" in told["D1"]
    assert told["D2"] == "" == told["B"]
    assert told["SPY"] == told["^X"] == told["MKT"] == "an index or a fund"
    assert "no prices" in told["GONE"]
    assert "no return" in told["D5"] and "no return" in told["D6"]
    weights = pick(result.weights, event_id="e", ticker="A")
    assert weights["weight"].isna().to_numpy().tolist() == (weights["reason"].notna()).tolist()
    assert weights["weight"].sum() == pytest.approx(1.0)
    assert "A" not in set(weights["security"])


def test_a_donor_whose_prices_have_an_error_is_named(table: pd.DataFrame) -> None:
    table.iloc[200, table.columns.get_loc("D3")] = -1.5
    result, flagged = (
        study(table, [("e", "A", 300)], model="synthetic", donors=DONORS, quality=quality)
        for quality in ("skip", "flag")
    )
    assert "impossible-return" in reasons(result, "e")["D3"]
    assert reasons(flagged, "e")["D3"] == ""
    assert one(result.events)["status"] == "ok"


def test_peers_of_the_day_are_left_out_and_those_with_gaps_dropped(table: pd.DataFrame) -> None:
    table.iloc[60:80, table.columns.get_loc("D3")] = np.nan  # 8 % of the sessions
    table.iloc[60:65, table.columns.get_loc("D4")] = np.nan  # 2 %
    rows = [("e", "A", 300), ("same", "D0", 300), ("other", "D1", 301)]
    result = study(table, rows, model="peers", peers=DONORS)
    told = reasons(result, "e")
    assert "day 0" in told["D0"]
    assert told["D1"] == told["D4"] == ""
    assert "5 %" in told["D3"]
    assert one(result.events, event_id="e")["n_estimation"] == 245


def test_too_few_donors_or_peers_are_a_reason(table: pd.DataFrame) -> None:
    few = study(table, [("e", "A", 300)], model="synthetic", donors=DONORS[: LEAST_DONORS - 1])
    assert f"needs {LEAST_DONORS} donors" in one(few.events)["reason"]
    enough = study(table, [("e", "A", 300)], model="synthetic", donors=DONORS[:LEAST_DONORS])
    assert one(enough.events)["status"] == "ok"
    two = study(table, [("e", "A", 300)], model="peers", peers=DONORS[:2])
    assert "needs 3 peers, and has 2" in one(two.events)["reason"]
    many = study(
        table, [("e", "A", 300)], model="peers", peers=DONORS, peer_method="ols", estimation=(-80, -11)
    )
    assert "15 coefficients need 75 estimation returns" in one(many.events)["reason"]


def test_all_stocks_at_hand_are_donors_where_none_is_listed(table: pd.DataFrame) -> None:
    listed, at_hand = (
        study(table, [("e", "A", 300)], model="synthetic", donors=donors) for donors in ((*DONORS, "B"), ())
    )
    np.testing.assert_allclose(at_hand.abnormal_returns["ar"], listed.abnormal_returns["ar"], atol=1e-13)
    prices = 100 * (1 + table[["A", "B", *DONORS]]).cumprod()
    by_price = priced(long_prices(prices), [("e", "A", 300)], model="synthetic", benchmark=None)
    np.testing.assert_allclose(by_price.abnormal_returns["ar"], listed.abnormal_returns["ar"], atol=1e-9)
    named = priced(long_prices(prices), [("e", "A", 300)], model="peers", peers=DONORS, peer_market=False)
    assert set(named.weights["security"]) == set(DONORS)
    assert set(named.prices["ticker"]) == {"A", *DONORS}


def test_chunks_of_firm_events_change_nothing(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.models import estimation

    rows = [("a", "A", 300), ("b", "B", 330), ("c", "A", 380)]
    whole = study(table, rows, model="synthetic", donors=DONORS)
    monkeypatch.setattr(estimation, "MOST_POOLED", 1)
    parts = study(table, rows, model="synthetic", donors=DONORS)
    for name in ("cars", "weights", "abnormal_returns"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(parts, name))


def test_lumped_returns_are_refused(table: pd.DataFrame) -> None:
    prices = long_prices(100 * (1 + table).cumprod())
    with pytest.raises(DesignError, match="lumped returns do not go with the model synthetic"):
        priced(prices, [("e", "A", 300)], model="synthetic", donors=DONORS, gaps="lump")


def test_elastic_net_without_scikit_learn_says_what_to_install(
    table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.models import peers

    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    with pytest.raises(DesignError, match=r"pip install \"eventstudy-impact\[models\]\""):
        study(table, [("e", "A", 300)], model="peers", peers=DONORS, peer_method="elastic-net")


def test_the_study_file_takes_the_options(tmp_path: Path) -> None:
    text = "design: {model: peers, donors: [D0, D1], peers: [D2], peer_method: ridge, peer_market: false}\n"
    (tmp_path / "events.yaml").write_text(
        f"{text}events:\n  - {{id: e, session: 2019-02-26, tickers: [A]}}\n"
    )
    design = read_inputs(tmp_path / "events.yaml").design
    assert (design.peers, design.donors) == (("D2",), ("D0", "D1"))
    assert (design.peer_method, design.peer_market) == ("ridge", False)


def test_in_space_ranks_are_those_of_studies_of_each_donor(table: pd.DataFrame) -> None:
    """Every donor measured in a study of its own, the treated security left out."""
    result = study(table, [("e", "A", 300)], model="synthetic", donors=DONORS)
    event = one(result.events)
    placebos = []
    for donor in DONORS:
        others = [name for name in DONORS if name != donor]
        own = study(table, [("e", donor, 300)], model="synthetic", donors=others)
        row = one(own.events)
        if rms(row) <= np.sqrt(3) * rms(event):
            placebos.append(one(own.cars, start=-1, end=1)["car"])
    car = one(result.cars, start=-1, end=1)
    reached = sum(abs(each) >= abs(car["car"]) for each in placebos)
    assert car["space_n"] == len(placebos)
    assert car["space_pvalue"] == pytest.approx((1 + reached) / (1 + len(placebos)))
    group = one(result.tests, level="all", test="synthetic_phi", start=-1, end=1)
    assert group["statistic"] == pytest.approx(car["car"])
    assert group["pvalue"] == pytest.approx(car["space_pvalue"])


def rms(event: pd.Series) -> float:
    return float(event["sigma"] * np.sqrt(event["df"] / event["n_estimation"]))


def test_a_donor_that_fits_badly_is_no_comparison(table: pd.DataFrame) -> None:
    loud = table.assign(D0=4 * table["D0"])
    plain, other = (
        one(study(each, [("e", "A", 300)], model="synthetic", donors=DONORS).cars, start=0, end=0)["space_n"]
        for each in (table, loud)
    )
    assert (plain, other) == (len(DONORS), len(DONORS) - 1)


def test_the_fit_of_the_market_model_is_beside_that_of_the_portfolio(table: pd.DataFrame) -> None:
    """On the sessions of the fit; without returns of the benchmark it is null, and the note says why."""
    table.iloc[[60, 130], table.columns.get_loc("A")] = np.nan
    rows = [("e", "A", 300), ("f", "B", 350)]
    result = study(table, rows, model="synthetic", donors=DONORS)
    market = study(table, rows, model="market")
    shown = pick(result.diagnostics, check="market_rsquared")
    np.testing.assert_allclose(shown["value"], market.events["rsquared"], rtol=RTOL)
    assert shown["note"].isna().all()
    assert "market_rsquared" not in set(market.diagnostics["check"])
    alone = one(
        study(table, rows[:1], model="synthetic", donors=DONORS, benchmark=None).diagnostics,
        check="market_rsquared",
    )
    assert np.isnan(alone["value"])
    assert alone["note"] == "no returns of a benchmark"


def test_prices_of_the_benchmark_are_read_for_its_fit(table: pd.DataFrame) -> None:
    """A benchmark without prices costs the comparison alone."""
    prices = long_prices(100 * (1 + table[["A", "MKT", *DONORS]]).cumprod())
    shown, gone = (
        priced(each, [("e", "A", 300)], model="synthetic", donors=DONORS)
        for each in (prices, prices[prices["ticker"] != "MKT"])
    )
    fit = one(pick(shown.diagnostics, check="market_rsquared"))["value"]
    market = priced(prices, [("e", "A", 300)], model="market")
    assert fit == pytest.approx(one(market.events)["rsquared"], rel=RTOL)
    assert np.isnan(one(gone.diagnostics, check="market_rsquared")["value"])
    assert one(gone.events)["status"] == "ok"
