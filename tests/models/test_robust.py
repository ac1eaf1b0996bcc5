"""Huber's M-estimator: reference figures, outliers, and residuals of which none weighs less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import one, pick, random_returns, reference_studies, study

RTOL = 1e-9  #: reference figures of 12 digits, and another engine with a tight tolerance
WINDOW = {"car_windows": [(-5, 5)]}


def test_residuals_inside_the_bend_are_least_squares() -> None:
    """Residuals of one size have a scale of 1.48 times it: all weights are one."""
    returns = random_returns(np.random.default_rng(3), ("A",))
    signs = np.where(np.random.default_rng(4).random(len(returns)) < 0.5, -1.0, 1.0)
    table = returns.assign(A=1.2 * returns["MKT"] + 0.01 * signs)
    robust, plain = (study(table, [("e", "A", 300)], model=name) for name in ("robust", "market"))
    terms = robust.coefficients.set_index("term")["estimate"]
    assert terms["downweighted"] == 0
    np.testing.assert_allclose(terms[["const", "MKT"]], plain.coefficients["estimate"], rtol=1e-8)
    for name in ("ar", "ar_se"):
        np.testing.assert_allclose(
            robust.abnormal_returns[name], plain.abnormal_returns[name], rtol=1e-3, atol=1e-9
        )


def test_shocks_in_the_window_move_it_little() -> None:
    """Three shocks of 25 % on days of a rising market change beta by less than a fifth of OLS's change."""
    returns = random_returns(np.random.default_rng(3), ("A",))
    shocked = returns.copy()
    shocked.iloc[returns["MKT"].iloc[40:290].argsort()[-3:] + 40, 0] += 0.25

    def beta(table: pd.DataFrame, model: str) -> float:
        found = study(table, [("e", "A", 300)], model=model, quality="flag").coefficients
        return float(one(found, term="MKT")["estimate"])

    moves = {name: abs(beta(shocked, name) - beta(returns, name)) for name in ("robust", "market")}
    assert moves["robust"] < 0.2 * moves["market"]


def test_a_stale_series_is_refused() -> None:
    """More than half of the residuals are zero, so they have no scale."""
    returns = random_returns(np.random.default_rng(3), ("A",))
    stale = returns["MKT"].copy()
    stale.iloc[::10] += 0.01
    row = one(study(returns.assign(A=stale), [("e", "A", 300)], model="robust", quality="flag").events)
    assert row["status"] == "skipped"
    assert "residuals are zero" in row["reason"]


def test_the_reference_figures(shared: Path) -> None:
    for stated, result in reference_studies(shared, "robust"):
        terms = result.coefficients.set_index("term")
        assert terms["estimate"]["downweighted"] == stated["n_downweighted"]
        pairs = [
            (one(result.events)[["n_estimation", "df", "sigma"]], [stated[key] for key in ("M", "df", "s")]),
            (terms["estimate"][["const", "SPY"]], stated["b"]),
            (terms["std_error"][["const", "SPY"]], stated["b_se"]),
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
    assert result.cars["conformal_pvalue"].isna().all()
    assert result.cars["placebo_pvalue"].notna().all()


@pytest.mark.parametrize(("missing", "tails"), [(0.0, None), (0.1, 3.0)])
def test_statsmodels(missing: float, tails: float | None) -> None:
    """Coefficients, abnormal returns and their errors of three securities, with fat tails and holes too."""
    tickers = ("A", "B", "C")
    rng = np.random.default_rng(7)
    returns = random_returns(rng, tickers, tails=tails)
    returns.iloc[:290, :3] = returns.iloc[:290, :3].mask(rng.random((290, 3)) < missing)
    result = study(returns, [(f"e{ticker}", ticker, 300) for ticker in tickers], model="robust", **WINDOW)
    x = sm.add_constant(returns["MKT"].to_numpy())
    for ticker in tickers:
        y = returns[ticker].to_numpy()
        used = 40 + np.flatnonzero(np.isfinite(y[40:290]))
        fit = sm.RLM(y[used], x[used], sm.robust.norms.HuberT(1.345)).fit(tol=1e-14, maxiter=2_000, cov="H1")
        own = {name: pick(getattr(result, name), ticker=ticker) for name in ("coefficients", "cars")}
        terms = own["coefficients"].set_index("term")
        np.testing.assert_allclose(terms["estimate"][["const", "MKT"]], fit.params, rtol=RTOL)
        np.testing.assert_allclose(terms["std_error"][["const", "MKT"]], fit.bse, rtol=RTOL)
        assert terms["estimate"]["downweighted"] == (fit.weights < 1).sum() > 0
        s2 = (fit.resid**2).sum() / (len(used) - 2)
        ahead = x[295:306]
        covariance = s2 * np.eye(11) + ahead @ fit.cov_params() @ ahead.T
        ar, expected = pick(result.abnormal_returns, ticker=ticker), y[295:306] - ahead @ fit.params
        np.testing.assert_allclose(ar["ar"], expected, rtol=RTOL, atol=RTOL * s2**0.5)
        np.testing.assert_allclose(ar["ar_se"], np.sqrt(np.diag(covariance)), rtol=RTOL)
        assert one(own["cars"])["car"] == pytest.approx(expected.sum(), abs=RTOL * s2**0.5)
        assert one(own["cars"])["car_se"] == pytest.approx(np.sqrt(covariance.sum()), rel=RTOL)
