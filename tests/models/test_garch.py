"""GARCH(1,1): reference figures, the variance path, what is skipped, and processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, one, random_returns, specification, study
from scipy import stats

from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.models import estimation, garch_fits
from eventstudy.models.garch import DAY0_VARIANCE
from eventstudy.study_result import EventStudyResult

OPTIMISED = 1e-4  #: how near two optimisers of one likelihood come, in the figures that follow
LIKELIHOOD = 1e-8  #: how near they come to its maximum, which is flat
PVALUE = 1e-3  #: of p-values, whose tails magnify an error in the statistic
EXACT = 1e-10  #: two orders of the same sums


def clustered(seed: int = 11, n: int = 420) -> pd.DataFrame:
    """Return a security whose variance clusters, and a market."""
    rng = np.random.default_rng(seed)
    returns, variance, e = random_returns(rng, ("A",), n=n), 0.0004, np.empty(n)
    for session in range(n):
        e[session] = np.sqrt(variance) * rng.normal()
        variance = 0.00002 + 0.15 * e[session] ** 2 + 0.80 * variance
    return returns.assign(A=0.0003 + 1.1 * returns["MKT"] + e)


def fitted(returns: pd.DataFrame, **design: Any) -> EventStudyResult:
    return study(returns, [("e", "A", 300)], model="garch", placebo_history="estimation", **design)


def terms(result: EventStudyResult) -> pd.Series:
    return result.coefficients.set_index("term")["estimate"]


@pytest.mark.parametrize("dist", ["normal", "t"])
def test_the_reference_figures(dist: str, shared: Path) -> None:
    folder = shared / "golden/methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=True)
    for row in json.loads((folder / "models.json").read_text()):
        stated = row[f"garch_{dist}"]
        asked = {
            "garch_dist": dist,
            "benchmark": "SPY",
            "car_windows": [(each["start"], each["end"]) for each in stated["cars"]],
            "quality": "flag",
        }
        result = study(
            returns,
            [("e", row["ticker"], row["date"])],
            **{"model": "garch", "placebo_history": "estimation"} | asked,
        )
        found, known = terms(result), stated["params"]
        assert found["log-likelihood"] == pytest.approx(stated["loglik_percent"], abs=LIKELIHOOD)
        names = {"const": "alpha", "SPY": "beta", "omega": "omega", "a": "alpha1", "b": "beta1", "nu": "nu"}
        for ours, theirs in names.items():
            if theirs in known:
                assert found[ours] == pytest.approx(known[theirs], rel=OPTIMISED, abs=1e-7), ours
        for name in ("ar", "ar_se"):
            expected = np.array(stated[name], dtype=float)
            np.testing.assert_allclose(result.abnormal_returns[name], expected, rtol=OPTIMISED)
        for ours, theirs in (("car", "car"), ("car_se", "car_se"), ("statistic", "z")):
            expected = np.array([each[theirs] for each in stated["cars"]], dtype=float)
            np.testing.assert_allclose(result.cars[ours], expected, rtol=OPTIMISED)
        expected = np.array([each["p"] for each in stated["cars"]], dtype=float)
        np.testing.assert_allclose(result.cars["pvalue"], expected, rtol=PVALUE)


def test_the_variance_follows_the_sessions_up_to_the_event_window() -> None:
    """The path is written out: the gap before the window enters it, a session of the window does not."""
    returns = clustered()
    result = fitted(returns)
    found = terms(result)
    omega, a, b = (found[name] for name in ("omega", "a", "b"))
    y, market = (returns[name].to_numpy() for name in ("A", "MKT"))
    plain = np.polynomial.polynomial.polyfit(market[40:290], y[40:290], 1)
    squares = (y[40:115] - plain[0] - plain[1] * market[40:115]) ** 2
    weights = 0.94 ** np.arange(75)
    h = omega + (a + b) * (weights @ squares / weights.sum())
    e, path = y - found["const"] - found["MKT"] * market, []
    for session in range(40, 295):
        path.append(h)
        h = omega + a * e[session] ** 2 + b * h
    ahead = [h]
    for _ in range(10):
        ahead.append(omega + (a + b) * ahead[-1])
    x = np.column_stack([np.ones(len(y)), market])
    spread = np.linalg.inv(x[40:290].T @ (x[40:290] / np.array(path[:250])[:, None]))
    v = np.diag(ahead) + x[295:306] @ spread @ x[295:306].T
    np.testing.assert_allclose(result.abnormal_returns["ar_se"], np.sqrt(np.diag(v)), rtol=EXACT)
    car = one(result.cars, start=-5, end=5)
    assert car["car_se"] == pytest.approx(np.sqrt(v.sum()), rel=EXACT)
    assert found[DAY0_VARIANCE] == pytest.approx(ahead[5] / np.mean(path[:250]), rel=EXACT)
    moved = returns.copy()
    moved.iloc[293, 0] += 0.1
    assert (fitted(moved).abnormal_returns["ar_se"] > result.abnormal_returns["ar_se"]).all()
    moved.iloc[293, 0] -= 0.1
    moved.iloc[295, 0] += 0.1
    np.testing.assert_array_equal(fitted(moved).abnormal_returns["ar_se"], result.abnormal_returns["ar_se"])


def test_the_distribution_of_the_errors_is_that_of_the_statistic() -> None:
    result = fitted(clustered(), garch_dist="t", car_windows=((0, 0), (-1, 1)))
    nu = terms(result)["nu"]
    session, window = one(result.cars, start=0, end=0), one(result.cars, start=-1, end=1)
    tail = 2 * stats.t.sf(abs(session["statistic"]) * np.sqrt(nu / (nu - 2)), nu)
    assert session["pvalue"] == pytest.approx(tail, rel=EXACT)
    assert session["df"] == pytest.approx(nu)
    assert window["pvalue"] == pytest.approx(2 * stats.norm.sf(abs(window["statistic"])), rel=EXACT)
    half = stats.t.ppf(0.975, nu) / np.sqrt(nu / (nu - 2)) * session["car_se"]
    assert session["ci_high"] - session["car"] == pytest.approx(half, rel=EXACT)
    assert window["ci_high"] - window["car"] == pytest.approx(
        stats.norm.ppf(0.975) * window["car_se"], rel=EXACT
    )
    assert np.isnan(window["df"])


def test_series_with_gaps_are_skipped_and_with_few_are_not() -> None:
    few, many = clustered(), clustered()
    few.iloc[50:290:24, 0] = np.nan
    many.iloc[50:290:12, 0] = np.nan
    assert one(fitted(few).events)["status"] == "ok"
    reason = one(fitted(many).events)["reason"]
    assert reason == "8% of the estimation returns are missing: no variance path through them"


def test_a_variance_without_a_mean_is_skipped() -> None:
    """A variance that explodes through the window has ``a + b`` at its bound."""
    rng = np.random.default_rng(2)
    returns = random_returns(rng, ("A",))
    growing = 0.002 * np.exp(np.linspace(0, 4, len(returns)))
    table = returns.assign(A=returns["MKT"] + growing * rng.standard_normal(len(returns)))
    row = one(study(table, [("e", "A", 300)], model="garch", quality="flag").events)
    assert (row["status"], row["reason"]) == ("skipped", "the GARCH variance has no mean: a + b is 1")


def test_processes_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [clustered(seed) for seed in range(6)]
    series = [table[["A", "MKT"]].to_numpy().T[:, 40:290].copy() for table in tables]
    monkeypatch.setattr(garch_fits, "_kept", {})
    alone = garch_fits.garch_parameters(series, "normal")
    monkeypatch.setattr(garch_fits, "_kept", {})
    monkeypatch.setattr(garch_fits, "PARALLEL", 1)
    np.testing.assert_array_equal(garch_fits.garch_parameters(series, "normal"), alone)
    monkeypatch.setattr(garch_fits, "fitted", None)  # what was fitted is not fitted again
    np.testing.assert_array_equal(garch_fits.garch_parameters(series[::-1], "normal"), alone[::-1])


def test_progress_is_told_a_chunk_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimation, "SLOW_CHUNK", 2)
    returns, told = clustered(), list[tuple[int, int]]()
    days = event_frame([("e", "A", 300), ("f", "A", 320), ("g", "A", 340)], returns.index)
    spec = specification(days, returns=returns, design=Design(model="garch", benchmark="MKT"))
    estimation.estimate(spec, lambda done, total: told.append((done, total)))
    assert told == [(2, 3), (3, 3)]


def test_without_the_package_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch_fits, "find_spec", lambda _: None)
    with pytest.raises(DesignError, match=r"eventstudy-impact\[models\]"):
        fitted(clustered())


def test_a_loud_spell_has_a_remark() -> None:
    """Shocks just before the window raise the variance of day 0; the market model's ARCH test names garch."""
    loud = clustered()
    loud.iloc[284:295, 0] += 0.06 * np.where(np.arange(11) % 2, 1, -1)
    result = fitted(loud)
    check = one(result.diagnostics, check="day0_variance")
    assert check["value"] == pytest.approx(terms(result)[DAY0_VARIANCE])
    assert check["value"] > 2
    assert check["note"] == "day 0 falls into an unusual spell; the OLS s.e. does not know it"
    calm = one(fitted(clustered()).diagnostics, check="day0_variance")
    assert 0.5 < calm["value"] < 2
    assert pd.isna(calm["note"])
    plain = study(loud, [("e", "A", 300)], model="market").diagnostics
    assert "day0_variance" not in set(plain["check"])
    arch = one(plain, check="arch_lm")
    assert arch["pvalue"] < 0.05
    assert "the model garch" in arch["note"]
    assert one(result.diagnostics, check="arch_lm")["note"] == "5 lags"


def test_earlier_sessions_are_taken_on_request_alone() -> None:
    """With `auto` a study is compared with its left-out windows: each earlier session would be a search."""
    long = {"estimation": (-220, -11), "min_estimation": 200}
    garch, market = (
        study(clustered(n=1_200), [("e", "A", 1_100)], model=name, **long).cars
        for name in ("garch", "market")
    )
    assert set(garch["study_reference"]) == {"estimation"}
    assert set(market["study_reference"]) == {"earlier"}
