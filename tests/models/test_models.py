"""Every normal-return model against another program, one firm-event at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import engine_of
from oracles import REGRESSORS, RTOL, Fitted, fit
from panels import (
    BUNDLED,
    REPOSITORY,
    bundled,
    bundled_prices,
    bundled_returns,
    bundled_unmasked,
    one,
    random_returns,
    study,
)
from scipy import stats

import eventstudy as es
from eventstudy.events.study_file import read_study
from eventstudy.models import MODELS, model_named
from eventstudy.study_result import EventStudyResult

WINDOWS = ((0, 0), (-1, 1), (0, 1), (0, 5), (-5, 5))  # the default design's
POOL = tuple(f"P{place}" for place in range(12))  #: peers and donors, which never lack a return
A, B = 0.25, 0.65  #: of the variance of the securities' noise, which clusters
OPTIMISED = 1e-4  #: how near two optimisers of one likelihood come, in the figures that follow
WEIGHED = 1e-9  #: how near RLM comes, which stops by the deviance: its H1 errors take the last step's scale


def assert_agrees(result: EventStudyResult, rows: Sequence[Fitted], rtol: float = RTOL) -> None:
    """Hold every number of every firm-event, in the order of the events, against its own regression."""
    events, cars = result.events, result.cars
    assert (events["status"] == "ok").all()
    assert len(events) == len(rows)
    np.testing.assert_array_equal(events["n_estimation"], [row.n for row in rows])
    np.testing.assert_array_equal(events["df"], [row.df for row in rows])
    sigma = np.array([row.sigma for row in rows])
    np.testing.assert_allclose(events["sigma"], sigma, rtol=rtol)
    np.testing.assert_allclose(events["rsquared"], [row.rsquared for row in rows], rtol=rtol, atol=rtol)
    assert_coefficients_agree(result, rows, rtol)
    assert_paths_agree(result, rows, sigma, rtol)
    windows = [[row.over(start, end) for start, end in WINDOWS] for row in rows]
    expected = np.array(windows).reshape(-1, 3)
    near(cars[["car", "car_se", "bhar"]], expected, np.repeat(sigma, len(WINDOWS)), rtol)
    df = [row.window_df(*window) for row in rows for window in WINDOWS]
    assert_t_agrees(cars, expected[:, 0] / expected[:, 1], df, rtol)
    used = np.concatenate([row.residuals[np.isfinite(row.residuals)] for row in rows])
    near(result.residuals["residual"], used, sigma.max(), rtol)


def assert_coefficients_agree(result: EventStudyResult, rows: Sequence[Fitted], rtol: float) -> None:
    terms = result.coefficients[result.coefficients["term"] != "sum"]  # of slopes, in a test of its own
    params, bse = (np.concatenate([getattr(row, name) for row in rows]) for name in ("params", "bse"))
    near(terms["estimate"], params, np.where(np.isfinite(bse), bse, 1.0 + np.abs(params)), rtol)
    np.testing.assert_allclose(terms["std_error"], bse, rtol=rtol)
    assert_t_agrees(terms, params / bse, np.repeat([row.df for row in rows], len(rows[0].params)), rtol)


def assert_paths_agree(result: EventStudyResult, rows: Sequence[Fitted], sigma: Any, rtol: float) -> None:
    path = result.abnormal_returns
    ar, ret, se = (np.concatenate([getattr(row, name) for row in rows]) for name in ("ar", "ret", "ar_se"))
    there, scale = np.isfinite(ar), np.repeat(sigma, len(rows[0].tau))
    near(path["ar"], ar, scale, rtol)
    near(path["ret"], np.where(there, ret, np.nan), scale)
    near(path["ret"] - path["normal_ret"], ar, scale, rtol)
    near(path["ar_se"], np.where(there, se, np.nan), scale, rtol)
    np.testing.assert_array_equal(path["sar"], path["statistic"])
    assert_t_agrees(path, ar / se, np.repeat([row.session_df for row in rows], len(rows[0].tau)), rtol)
    cumulated = np.array([row.over(row.tau[0], end)[:2] for row in rows for end in row.tau])
    near(path[["car", "car_se"]], cumulated, scale, rtol)


def assert_t_agrees(table: pd.DataFrame, t: Any, df: Any, rtol: float) -> None:
    np.testing.assert_allclose(table["statistic"], t, rtol=rtol, atol=rtol)
    # the slope of log p in t is about t: ten digits of t leave the p of a t below 50 eight
    np.testing.assert_allclose(table["pvalue"], 2 * stats.t.sf(np.abs(t), df), rtol=rtol * 100)


def near(found: Any, expected: Any, scale: Any, rtol: float = RTOL) -> None:
    """Require agreement to ``rtol`` of the values or of their noise, whichever is larger."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    unit = np.asarray(scale)[:, None] if found.ndim == 2 else scale
    np.testing.assert_allclose(found / unit, expected / unit, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_what_another_program_runs(model: str, rng: np.random.Generator) -> None:
    returns = returns_with_a_pool(rng)
    days = [265, 290, 400]
    returns.iloc[days] = returns.iloc[days].fillna(0.001)  # without a return on day 0 nothing is measured
    rows = [(f"e{day}{ticker}", ticker, day) for ticker in "ABCD" for day in days]
    pools = {"peers": POOL, "donors": POOL}
    factors = REGRESSORS[model] if model == "factors" else ()
    result = study(returns, rows, model=model, factors=factors, placebo_history="estimation", **pools)
    engine = engine_of(model)
    oracle = [engine(returns, ticker, returns.index[day]) for _, ticker, day in rows]
    assert np.isnan(np.concatenate([row.ar for row in oracle])).any(), "no event window has a gap"
    assert_agrees(result, oracle, {"garch": OPTIMISED, "robust": WEIGHED}.get(model, RTOL))


def returns_with_a_pool(rng: np.random.Generator) -> pd.DataFrame:
    """Return securities whose variance clusters and some of whose returns are missing, and peers of them."""
    returns = random_returns(rng, missing=0.03)
    securities, n = list("ABCD"), len(returns)
    variance, noise = np.ones(len(securities)), rng.normal(size=(n, len(securities)))
    for row in noise:
        row *= np.sqrt(variance)
        variance = 1 - A - B + A * row**2 + B * variance
    returns[securities] += 0.08 * noise
    own = rng.normal(0.0, 0.02, (n, len(POOL)))
    returns = returns.assign(**dict(zip(POOL, (returns[["MKT"]].to_numpy() + own).T, strict=True)))
    return returns.assign(peers=returns[list(POOL)].mean(axis=1))


def test_capm_takes_the_riskfree_return_from_the_benchmark_too(rng: np.random.Generator) -> None:
    """A security that is 1.5 x the benchmark over a strongly varying risk-free rate has a beta of 1.5."""
    returns = random_returns(rng, ("A",))
    returns["RF"] = np.linspace(0.0, 0.008, len(returns))
    noise = rng.normal(0, 1e-6, len(returns))
    returns["A"] = returns["RF"] + 1.5 * (returns["MKT"] - returns["RF"]) + noise
    slope = one(study(returns, [("e", "A", 300)], model="capm").coefficients, term="MKT")
    assert slope["estimate"] == pytest.approx(1.5, abs=1e-4)


def test_the_bundled_study_is_what_statsmodels_says() -> None:
    """Left out of each estimation window: -1 to +1 around other events, and the sessions with results."""
    result, returns = bundled(), bundled_returns()
    events = result.events
    assert len(events) == 23 * 5
    row = {day: place for place, day in enumerate(returns.index)}
    listed = {row[day] for day in events["session"]}
    results: dict[str, set[int]] = {}
    for news in read_study(REPOSITORY / "events.yaml").known or ():
        if news.kind == "results":
            results.setdefault(news.tickers[0], set()).add(row[pd.Timestamp(news.when)] + 1)
    oracle = []
    for ticker, day in zip(events["ticker"], events["session"], strict=True):
        near = {other + shift for other in listed - {row[day]} for shift in (-1, 0, 1)}
        left_out = [place - row[day] for place in near | results[ticker]]
        oracle.append(fit(returns, ticker, day, ("SPY",), benchmark="SPY", leave_out=left_out))
    assert_agrees(result, oracle)


@pytest.mark.parametrize(
    ("event_id", "ticker", "ar", "t"),
    [
        ("deepseek-selloff", "NVDA", -0.1337, -5.15),
        ("amd-openai-deal", "AMD", 0.2312, 10.10),
        ("code-red-memo", "GOOGL", -0.0004, -0.02),
    ],
)
def test_the_figures_of_the_three_core_events(event_id: str, ticker: str, ar: float, t: float) -> None:
    row = one(bundled_unmasked().abnormal_returns, event_id=event_id, ticker=ticker, tau=0)
    assert row["ar"] == pytest.approx(ar, abs=0.5e-4)  # as printed: two decimals of a percent
    assert row["statistic"] == pytest.approx(t, abs=0.5e-2)


@pytest.mark.parametrize("model", ["ff3", "carhart", "ff5", "ff5+mom", "capm"])
def test_factor_models_on_the_real_prices_and_factors(model: str, shared: Path) -> None:
    file = "ff5_daily.csv" if model.startswith("ff5") else "ff3_daily.csv"
    files = [shared / "factors" / file] + [shared / "factors" / "mom_daily.csv"] * (
        "Mom" in REGRESSORS[model]
    )
    factors = [pd.read_csv(name, index_col="date", parse_dates=True) / 100 for name in files]
    returns = bundled_returns().join(factors, how="left")
    rows = [("deepseek", ticker, "2025-01-27") for ticker in BUNDLED]
    events = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    prices = bundled_prices().rename(columns={"session": "date"})
    result = es.run(events, prices=prices, factors=files, design=es.Design(model=model))
    regressors = ("SPY",) if model == "capm" else REGRESSORS[model]
    oracle = [fit(returns, name, "2025-01-27", regressors, excess=True, benchmark="SPY") for name in BUNDLED]
    assert_agrees(result, oracle)


def test_the_drift_of_a_security_is_in_the_placebos_of_the_market_adjusted_model_too(
    rng: np.random.Generator,
) -> None:
    """Half a percent a day over the benchmark is in every placebo window, and so makes no event unusual."""
    returns = random_returns(rng, ("A", "B"))
    returns[["A", "B"]] += 0.005
    rows = [("e", "A", 300), ("e", "B", 300)]
    result = study(returns, rows, model="market-adjusted")
    for ticker in "AB":
        spread = (returns[ticker] - returns["MKT"]).to_numpy()
        placebos = np.abs(np.convolve(spread[40:290], np.ones(11), "valid"))
        row = one(result.cars, ticker=ticker, start=-5, end=5)
        rank = (1 + (placebos >= abs(row["car"])).sum()) / (1 + len(placebos))
        assert row["placebo_pvalue"] == pytest.approx(rank, rel=RTOL)
    mean = (returns["A"] + returns["B"]) / 2
    alone = one(
        study(returns.assign(P=mean), [("e", "P", 300)], model="market-adjusted").cars, start=-5, end=5
    )
    t = one(result.tests, level="event", test="portfolio_t", start=-5, end=5)
    assert t["statistic"] == pytest.approx(alone["statistic"], rel=RTOL)


def test_log_returns_take_both_sides_and_compound_the_bhar(rng: np.random.Generator) -> None:
    logs = np.log1p(random_returns(rng))
    result = study(logs, [("e", "A", 300)], returns="log")
    row = fit(logs, "A", logs.index[300], ("MKT",))
    whole = one(result.cars, start=-5, end=5)
    assert whole["car"] == pytest.approx(row.ar.sum(), rel=RTOL)
    assert whole["bhar"] == pytest.approx(np.expm1(row.ret.sum()) - np.expm1(row.normal.sum()), rel=RTOL)


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(es.EventStudyError, match="did you mean 'market'"):
        model_named("markett")


def test_terms_are_named_after_the_benchmark_and_the_factors(rng: np.random.Generator) -> None:
    returns = random_returns(rng)
    for model, names in (("market", ["const", "MKT"]), ("carhart", ["const", *REGRESSORS["carhart"]])):
        result = study(returns, [("e", "A", 300)], model=model)
        assert list(result.coefficients["term"]) == names
