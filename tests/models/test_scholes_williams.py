"""Scholes and Williams' beta: its parts, late trading, and benchmarks that it cannot be used with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from panels import one, pick, random_returns, reference_studies, study

RTOL = 1e-9  #: two orders of the same sums, and reference figures of 12 digits


def test_a_security_that_reacts_a_day_late_shows_its_beta() -> None:
    """Half of the market's return reaches the price a session later: least squares sees half of beta."""
    rng = np.random.default_rng(5)
    returns = random_returns(rng, ("A",), n=2_000)
    market = returns["MKT"]
    late = 0.7 * market + 0.7 * market.shift(1, fill_value=0.0) + rng.normal(0, 0.005, len(market))
    table, long = returns.assign(A=late), {"estimation": (-1_800, -11)}
    found = study(table, [("e", "A", 1_900)], model="scholes-williams", **long).coefficients
    plain = study(table, [("e", "A", 1_900)], model="market", **long).coefficients
    assert abs(one(found, term="MKT")["estimate"] - 1.4) < 0.1 < abs(one(plain, term="MKT")["estimate"] - 1.4)


def test_the_parts_of_beta() -> None:
    returns = random_returns(np.random.default_rng(3), ("A",))
    found = study(returns, [("e", "A", 300)], model="scholes-williams").coefficients.set_index("term")
    market = returns["MKT"]
    past = pd.DataFrame(
        {"A": returns["A"], "b-": market.shift(1), "b0": market, "b+": market.shift(-1)}
    ).iloc[41:289]
    slopes = {lag: past["A"].cov(past[lag]) / past[lag].var() for lag in ("b-", "b0", "b+")}
    rho = past["b0"].corr(past["b-"])
    expected = slopes | {"rho": rho, "OLS beta": slopes["b0"], "MKT": sum(slopes.values()) / (1 + 2 * rho)}
    for term, value in expected.items():
        assert found.loc[term, "estimate"] == pytest.approx(value, rel=RTOL), term


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_the_forecast_error_is_that_of_instrumental_variables(missing: float) -> None:
    """C by linearmodels' IV2SLS, the slopes by statsmodels' OLS; for several securities, with holes too."""
    tickers = ("A", "B", "C")
    returns = random_returns(np.random.default_rng(9), tickers, missing=missing)
    returns["MKT"] += 0.3 * returns["MKT"].shift(1, fill_value=0.0)
    rows, windows = [(f"e{ticker}", ticker, 300) for ticker in tickers], {"car_windows": [(-2, 2)]}
    result = study(returns, rows, model="scholes-williams", **windows)
    market = returns["MKT"]
    around = pd.concat([market.shift(1), market, market.shift(-1)], axis=1).to_numpy()
    ahead = np.column_stack([np.ones(11), market.iloc[295:306]])
    for ticker in tickers:
        y = returns[ticker].to_numpy()
        used = 41 + np.flatnonzero(np.isfinite(y[41:289]))
        lag, now, lead = around[used].T
        slopes = [sm.OLS(y[used], sm.add_constant(each)).fit().params[1] for each in (lag, now, lead)]
        beta = sum(slopes) / (1 + 2 * np.corrcoef(now, lag)[0, 1])
        b = np.array([y[used].mean() - beta * now.mean(), beta])
        s2 = ((y[used] - b[0] - beta * now) ** 2).sum() / (len(used) - 2)
        instrument = around[used].sum(axis=1)
        fit = IV2SLS(y[used], np.ones(len(used)), now, instrument).fit(cov_type="unadjusted", debiased=True)
        covariance = s2 * (np.eye(11) + ahead @ (fit.cov.to_numpy() / fit.s2) @ ahead.T)
        terms = pick(result.coefficients, ticker=ticker).set_index("term")["estimate"]
        np.testing.assert_allclose(terms[["const", "MKT"]], b, rtol=RTOL)
        ar, there = pick(result.abnormal_returns, ticker=ticker), np.isfinite(y[295:306])
        np.testing.assert_allclose(ar["ar"], y[295:306] - ahead @ b, rtol=RTOL, atol=RTOL * s2**0.5)
        np.testing.assert_allclose(ar["ar_se"][there], np.sqrt(np.diag(covariance))[there], rtol=RTOL)
        if there[3:8].all():
            error = np.sqrt(covariance[3:8, 3:8].sum())
            assert one(result.cars, ticker=ticker)["car_se"] == pytest.approx(error, rel=RTOL)


def test_a_benchmark_that_reverses_is_refused() -> None:
    returns = random_returns(np.random.default_rng(3), ("A",))
    turns = np.where(np.arange(len(returns)) % 2, 1.0, -1.0)
    returns["MKT"] = 0.01 * turns + np.random.default_rng(4).normal(0, 0.003, len(returns))
    row = one(study(returns, [("e", "A", 300)], model="scholes-williams").events)
    assert row["status"] == "skipped"
    assert "1 + 2 rho is -0." in row["reason"]


def test_neighbours_come_from_inside_the_window() -> None:
    """Neither the session before the window nor the one after it changes a figure."""
    returns = random_returns(np.random.default_rng(6), ("A",))
    moved = returns.copy()
    moved.iloc[[39, 290], moved.columns.get_loc("MKT")] += 0.1
    figures = [
        study(table, [("e", "A", 300)], model="scholes-williams").coefficients["estimate"]
        for table in (returns, moved)
    ]
    pd.testing.assert_series_equal(*figures)


def test_the_reference_figures(shared: Path) -> None:
    for stated, result in reference_studies(shared, "scholes-williams"):
        terms = result.coefficients.set_index("term")
        estimates = ("const", "SPY", "b-", "b0", "b+", "rho")
        keys = ("beta_minus", "beta_zero", "beta_plus", "rho_m")
        pairs = [
            (one(result.events)[["n_estimation", "df", "sigma"]], [stated[key] for key in ("M", "df", "s")]),
            (terms["estimate"][list(estimates)], [*stated["b"], *(stated[key] for key in keys)]),
            (terms["std_error"]["SPY"], stated["beta_se"]),
            *((result.abnormal_returns[name], stated[name]) for name in ("ar", "ar_se")),
            *(
                (result.cars[ours], [each[theirs] for each in stated["cars"]])
                for ours, theirs in (
                    ("car", "car"),
                    ("car_se", "car_se"),
                    ("statistic", "t"),
                    ("pvalue", "p"),
                )
            ),
        ]
        for found, known in pairs:
            np.testing.assert_allclose(
                np.asarray(found, dtype=float), np.array(known, dtype=float), rtol=RTOL
            )
