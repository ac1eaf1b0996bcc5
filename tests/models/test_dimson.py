"""Dimson's model: the sum of the slopes and its error, other lags, and securities that trade late."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import one, random_returns, study

RTOL = 1e-9  #: two orders of the same sums


def test_the_sum_of_the_slopes_and_its_error() -> None:
    returns = random_returns(np.random.default_rng(3), ("A",))
    found = study(returns, [("e", "A", 300)], model="dimson").coefficients.set_index("term")
    market = returns["MKT"]
    x = pd.concat([market.shift(1), market, market.shift(-1)], axis=1).iloc[40:290]
    fit = sm.OLS(returns["A"].iloc[40:290].to_numpy(), sm.add_constant(x.to_numpy())).fit()
    total = fit.t_test([0, 1, 1, 1])
    assert found.loc["sum", "estimate"] == pytest.approx(float(total.effect[0]), rel=RTOL)
    assert found.loc["sum", "std_error"] == pytest.approx(float(total.sd[0, 0]), rel=RTOL)


@pytest.mark.parametrize(("lags", "leads"), [(2, 2), (1, 0), (0, 1)])
def test_other_lags_and_leads(lags: int, leads: int) -> None:
    returns = random_returns(np.random.default_rng(4), ("A",))
    result = study(returns, [("e", "A", 300)], model="dimson", lags=lags, leads=leads)
    shifted = [returns["MKT"].shift(-j) for j in range(-lags, leads + 1)]
    x = sm.add_constant(pd.concat(shifted, axis=1).to_numpy())
    fit = sm.OLS(returns["A"].iloc[40:290].to_numpy(), x[40:290]).fit()
    ar = one(result.abnormal_returns, tau=0)["ar"]
    assert ar == pytest.approx(float(returns["A"].iloc[300] - x[300] @ fit.params), rel=RTOL)
    assert one(result.events)["df"] == 250 - 2 - lags - leads


def test_a_security_that_reacts_a_day_late_shows_its_beta() -> None:
    """Half of the market's return reaches the price a session later: least squares sees half of beta."""
    rng = np.random.default_rng(5)
    returns = random_returns(rng, ("A",), n=2_000)
    market = returns["MKT"]
    late = 0.7 * market + 0.7 * market.shift(1, fill_value=0.0) + rng.normal(0, 0.005, len(market))
    long = {"estimation": (-1_800, -11)}
    found = study(returns.assign(A=late), [("e", "A", 1_900)], model="dimson", **long).coefficients
    plain = study(returns.assign(A=late), [("e", "A", 1_900)], model="market", **long).coefficients
    assert abs(one(found, term="sum")["estimate"] - 1.4) < 0.1 < abs(one(plain, term="MKT")["estimate"] - 1.4)


@pytest.mark.skipif(
    not (Path(__file__).resolve().parents[3] / "shared" / "golden").is_dir(), reason="no reference data"
)
def test_the_reference_figures() -> None:
    import json

    folder = Path(__file__).resolve().parents[3] / "shared" / "golden" / "methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col=0, parse_dates=True)
    for row in json.loads((folder / "models.json").read_text()):
        event = [("e", row["ticker"], pd.Timestamp(row["date"]))]
        for name, lags, leads in (("1_1", 1, 1), ("2_2", 2, 2), ("1_0", 1, 0)):
            stated = row[f"dimson_{name}"]
            asked = {"model": "dimson", "lags": lags, "leads": leads}
            result = study(returns, event, **asked, benchmark="SPY", quality="flag")
            known = np.array(stated["ar"], dtype=float)
            np.testing.assert_allclose(result.abnormal_returns["ar"], known, rtol=RTOL)
            np.testing.assert_allclose(
                result.abnormal_returns["ar_se"], np.array(stated["ar_se"], dtype=float), rtol=RTOL
            )
            total = result.coefficients.set_index("term").loc["sum"]
            assert total["estimate"] == pytest.approx(stated["beta_sum"], rel=RTOL)
            assert total["std_error"] == pytest.approx(stated["beta_sum_se"], rel=RTOL)
