"""Huber's M-estimator: reference figures, outliers, and residuals of which none weighs less."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panels import one, random_returns, study

RTOL = 1e-9  #: reference figures of 12 digits


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
    folder = shared / "golden/methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=True)
    for row in json.loads((folder / "models.json").read_text()):
        stated = row["robust"]
        windows = [(each["start"], each["end"]) for each in stated["cars"]]
        result = study(
            returns,
            [("e", row["ticker"], row["date"])],
            **{"model": "robust", "benchmark": "SPY", "quality": "flag", "car_windows": windows},
        )
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


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_missing_returns_are_left_out(missing: float) -> None:
    returns = random_returns(np.random.default_rng(7), ("A",), missing=missing)
    kept = returns.iloc[40:290].dropna(subset=["A"])
    import statsmodels.api as sm

    model = sm.RLM(kept["A"].to_numpy(), sm.add_constant(kept["MKT"].to_numpy()), sm.robust.norms.HuberT())
    fit = model.fit(tol=1e-14, maxiter=2_000, cov="H1")
    day0 = returns.index[300 + int(returns["A"].iloc[300:].notna().argmax())]
    at = returns.index.get_loc(day0)
    assert at == 300 or missing
    found = study(returns, [("e", "A", 300)], model="robust").coefficients.set_index("term")
    np.testing.assert_allclose(found["estimate"][["const", "MKT"]], fit.params, rtol=RTOL)
    np.testing.assert_allclose(found["std_error"][["const", "MKT"]], fit.bse, rtol=RTOL)
