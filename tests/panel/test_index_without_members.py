"""An index without the tickers of an event: weights that drift, stay or are estimated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL, fit
from panels import event_frame, one, random_returns, specification, study

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.numerics.index_weights import drifting_weights, estimated_weights, without_members
from eventstudy.panel.index_weights import place_benchmarks, weights_before_day0

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
FIVE = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")
UNTREATED = ["AAPL", "AMZN", "META", "TSLA"]


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, missing=0.01)


def slope(result: es.EventStudyResult, **labels: Any) -> float:
    terms = result.coefficients
    return float(one(terms[terms["term"] != "const"], **labels)["estimate"])


# ------------------------------------------------- against elsewhere


@pytest.fixture(scope="module")
def reference(shared: Path) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    folder = shared / "golden" / "methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col=0, parse_dates=True)
    return returns, json.loads((folder / "benchmarks.json").read_text())


def benchmark_of(name: str, weights: dict[str, float]) -> Any:
    """Return the benchmark that the reference calls by a name."""
    event = {"ticker": "SPY", "exclude": "event", "weights": weights}
    return {
        "SPY": "SPY",
        "SPY ex self": {"ticker": "SPY", "exclude_self": weights},
        "SPY ex all five (static weights)": {**event, "drift": False},
        "SPY ex all five (weights drift)": event,
        "DJI": "DJI",
        "QQQ": "QQQ",
        "basket AAPL+AMZN+META+TSLA": UNTREATED,
    }[name]


@pytest.mark.parametrize("place", range(7))
def test_abnormal_returns_by_benchmark_are_those_of_the_reference(
    place: int, reference: tuple[pd.DataFrame, list[dict[str, Any]]]
) -> None:
    returns, cases = reference
    name = cases[0]["table"][place]["benchmark"]
    rows = [(case["date"], ticker, case["date"]) for case in cases for ticker in FIVE]
    benchmark = benchmark_of(name, cases[0]["weights"])
    result = study(returns, rows, benchmark=benchmark, car_windows=((0, 0), (-1, 1)))
    for case in cases:
        expected, pair = case["table"][place], {"event_id": case["date"], "ticker": case["ticker"]}
        event = one(result.events, **pair)
        day0, three = (one(result.cars, **pair, start=start) for start in (0, -1))
        found = {
            "beta": slope(result, **pair),
            "s": event["sigma"],
            "M": event["n_estimation"],
            "ar0": day0["car"],
            "t0": day0["statistic"],
            "p0": day0["pvalue"],
            "car_m1_p1": three["car"],
            "t_m1_p1": three["statistic"],
        }
        assert found == pytest.approx({key: expected[key] for key in found}, rel=GOLDEN_RTOL), name


def test_weights_drift_as_in_the_reference(reference: tuple[pd.DataFrame, list[dict[str, Any]]]) -> None:
    returns, cases = reference
    for case in cases:
        day0 = returns.index.get_loc(case["date"])
        named = case["drift_weights_at_first_estimation_session"]
        weights = np.array([case["weights"][ticker] for ticker in named])
        drifted = drifting_weights(
            returns["SPY"].to_numpy(), returns[list(named)].to_numpy(), weights, at=day0
        )
        np.testing.assert_allclose(drifted[day0], weights, rtol=RTOL)
        # the close before the first session of the estimation window
        np.testing.assert_allclose(drifted[day0 - 260], list(named.values()), rtol=GOLDEN_RTOL)


def test_five_tickers_on_the_day_of_deepseek_against_four_benchmarks(shared: Path) -> None:
    """The index without the five says what the Dow and the untreated basket say."""
    events = pd.DataFrame({"event_id": "deepseek", "ticker": FIVE, "session": pd.Timestamp("2025-01-27")})
    weights = {"NVDA": 0.066, "MSFT": 0.062, "GOOGL": 0.040, "ORCL": 0.006, "AMD": 0.004}
    without = {"ticker": "SPY", "exclude": "event", "weights": weights, "as_of": "2025-01-24"}
    published = {  # percent, one decimal
        "SPY": {"NVDA": -13.4, "AMD": -3.1, "GOOGL": -2.5, "MSFT": -0.4},
        "^DJI": {"NVDA": -18.1, "AMD": -7.2, "GOOGL": -4.8, "MSFT": -2.7},
        "basket": {"NVDA": -17.9, "AMD": -6.8, "GOOGL": -4.6, "MSFT": -2.5},
        "without": {"NVDA": -17.5, "ORCL": -14.1, "AMD": -6.5, "GOOGL": -4.4, "MSFT": -2.3},
    }
    for name, expected in published.items():
        benchmark = {"basket": UNTREATED, "without": without}.get(name, name)
        design = es.Design(benchmark=benchmark, car_windows=((0, 0),))
        cars = es.run(events, prices=shared / "prices", design=design).cars.set_index("ticker")["car"]
        assert {ticker: round(100 * cars[ticker], 1) for ticker in expected} == expected, name


# ------------------------------------------------- by hand, and special cases


def test_weights_drift_session_by_session(rng: np.random.Generator) -> None:
    market, members = rng.normal(0, 0.01, 30), rng.normal(0, 0.02, (30, 2))
    members[7, 0] = np.nan
    weights, at = np.array([0.3, 0.1]), 12
    by_hand = np.full((31, 2), np.nan)
    by_hand[at] = weights
    factor = np.where(np.isnan(members), 1.0, (1 + members) / (1 + market)[:, None])
    for row in range(at, 30):
        by_hand[row + 1] = by_hand[row] * factor[row]
    for row in range(at - 1, -1, -1):
        by_hand[row] = by_hand[row + 1] / factor[row]
    np.testing.assert_allclose(drifting_weights(market, members, weights, at), by_hand, rtol=RTOL)


def test_an_index_is_its_members_and_the_rest(rng: np.random.Generator) -> None:
    """Shares held of three stocks: the weights drift, and what is left is the portfolio of the rest."""
    returns, values = rng.normal(0, 0.02, (60, 3)), np.array([[2.0, 1.0, 5.0]])
    values = np.vstack([values, values * np.cumprod(1 + returns, axis=0)])
    market = values[1:].sum(axis=1) / values[:-1].sum(axis=1) - 1
    share = values / values.sum(axis=1, keepdims=True)
    drifted = drifting_weights(market, returns[:, :2], share[40, :2], at=40)
    np.testing.assert_allclose(drifted, share[:, :2], rtol=RTOL)
    rest = without_members(market, returns[:, :2], drifted[:-1])
    np.testing.assert_allclose(rest, returns[:, 2], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_all_tickers_of_a_day_share_one_benchmark(kind: Any, returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("e", "B", 300), ("f", "C", 300), ("g", "D", 310)]
    weights = {"A": 0.2, "B": 0.1, "C": 0.05, "D": 0.3}
    choice = {"ticker": "MKT", "exclude": "event", "weights": weights, "drift": False}
    table = np.log1p(returns) if kind == "log" else returns
    result = study(table, rows, benchmark=choice, returns=kind)
    assert set(result.events["benchmark"]) == {"MKT ex event (fixed weights)"}
    for ticker, treated in (("A", "ABC"), ("B", "ABC"), ("C", "ABC"), ("D", "D")):
        held = sum(weights[each] for each in treated)
        rest = (returns["MKT"] - sum(weights[each] * returns[each] for each in treated)) / (1 - held)
        rest = np.log1p(rest) if kind == "log" else rest
        day = table.index[310 if ticker == "D" else 300]
        row = fit(table.assign(W=rest), ticker, day, ("W",))
        assert slope(result, ticker=ticker) == pytest.approx(row.params[1], rel=RTOL)
        assert one(result.events, ticker=ticker)["n_estimation"] == row.n


def test_weights_of_zero_are_the_index_itself(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("e", "B", 300)]
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0, "B": 0}}
    pd.testing.assert_frame_equal(study(returns, rows, benchmark=choice).cars, study(returns, rows).cars)


def test_weights_stay_where_ticker_and_index_move_alike(returns: pd.DataFrame) -> None:
    alike = returns.assign(A=returns["MKT"]).dropna(subset=["MKT"])
    rows = [("e", "A", 300), ("e", "B", 300)]
    drifting, fixed = (
        study(
            alike,
            rows,
            quality="flag",  # two series with the same returns are an error
            benchmark={"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2, "B": 0}, "drift": drift},
        )
        for drift in (True, False)
    )
    assert slope(drifting, ticker="B") == pytest.approx(slope(fixed, ticker="B"), rel=RTOL)


def test_weights_of_a_day_hold_at_its_close_and_drift_to_others(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("f", "B", 330)]
    whole = returns.fillna(0.0)
    friday = next(day for day in whole.index[280:] if day.day_name() == "Friday")
    sunday = friday + pd.Timedelta(days=2)
    row = whole.index.get_loc(friday)
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2, "B": 0.1}, "as_of": sunday.date()}
    result = study(whole, rows, benchmark=choice)
    for name, weight, day in (("A", 0.2, 300), ("B", 0.1, 330)):
        relative = ((1 + whole[name]) / (1 + whole["MKT"])).cumprod()
        before = (weight * relative / relative.iloc[row]).shift(1)
        rest = (whole["MKT"] - before * whole[name]) / (1 - before)
        expected = fit(whole.assign(W=rest), name, whole.index[day], ("W",)).params[1]
        assert slope(result, ticker=name) == pytest.approx(expected, rel=RTOL)
        spec = specification(
            event_frame(rows, whole.index), returns=whole, design=es.Design(benchmark=choice, max_loss=1)
        )
        panel = spec.panel
        placed = place_benchmarks(panel.firm_events, panel.day0, panel.first, panel.last)
        held = {
            key: value
            for each in placed
            if each
            for key, value in weights_before_day0(each, panel.matrix).items()
        }
        assert held[name] == pytest.approx(before.iloc[day], rel=RTOL)


def test_the_tickers_measured_do_not_change_what_is_taken_out(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("e", "B", 300)]
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2, "B": 0.1}}
    events = event_frame(rows, returns.index)
    design = es.Design(benchmark=choice)
    both = es.run(events, returns=returns, design=design)
    alone = es.run(events, returns=returns, design=design, tickers=["A"])
    assert len(alone.events) == 1
    assert slope(alone, ticker="A") == slope(both, ticker="A")


def test_a_ticker_without_a_weight_is_named(returns: pd.DataFrame) -> None:
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2}}
    with pytest.raises(DesignError, match=r"no weight of B in MKT.*write B: 0"):
        study(returns, [("e", "A", 300), ("e", "B", 300)], benchmark=choice)


@pytest.mark.parametrize("as_of", ["2000-01-03", "2035-01-03"])
def test_a_day_of_weights_beyond_the_prices_is_refused(as_of: str, returns: pd.DataFrame) -> None:
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2}, "as_of": as_of}
    with pytest.raises(DesignError, match=f"as_of {as_of} is not among the sessions"):
        study(returns, [("e", "A", 300)], benchmark=choice)


def test_a_treated_ticker_without_prices_leaves_no_benchmark(returns: pd.DataFrame) -> None:
    choice = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2, "NIX": 0.1}}
    result = study(returns, [("e", "A", 300), ("e", "NIX", 300), ("f", "A", 310)], benchmark=choice)
    reason = one(result.events, event_id="e", ticker="A")["reason"]
    assert reason == "no prices for the benchmark MKT ex event (NIX: not in the table)"
    assert one(result.events, event_id="f", ticker="A")["status"] == "ok"


def test_the_weights_of_an_index_are_estimated(rng: np.random.Generator) -> None:
    """An index of twelve stocks and a little noise: the weights come back within three standard errors."""
    names = [f"S{number}" for number in range(12)]
    table = random_returns(rng, tickers=names)
    weights = np.array([0.2, 0.15, *[0.065] * 10])
    table["MKT"] = table[names] @ weights + rng.normal(0, 0.002, len(table))
    rows = [("e", "S0", 300), ("e", "S1", 300)]
    choice = {"ticker": "MKT", "exclude": "event", "weights": "estimate", "stocks": names}
    result = study(table, rows, benchmark=choice)
    assert set(result.events["benchmark"]) == {"MKT ex event (estimated)"}
    window = table.iloc[300 - 260 : 300 - 11 + 1]
    found, errors = estimated_weights(window["MKT"].to_numpy(), window[names].to_numpy())
    assert (np.abs(found - weights) < 3 * errors).all()
    np.testing.assert_allclose(errors, _ols_errors(window["MKT"], window[names]), rtol=1e-9)
    rest = (table["MKT"] - table[names[:2]] @ found[:2]) / (1 - found[:2].sum())
    expected = fit(table.assign(W=rest), "S0", table.index[300], ("W",)).params[1]
    assert slope(result, ticker="S0") == pytest.approx(expected, rel=1e-9)


def _ols_errors(market: pd.Series, members: pd.DataFrame) -> np.ndarray:
    import statsmodels.api as sm

    return np.asarray(sm.OLS(market, members).fit().bse)


def test_weights_that_returns_do_not_tell_are_refused(rng: np.random.Generator) -> None:
    names = [f"S{number}" for number in range(12)]
    table = random_returns(rng, tickers=names)
    table["MKT"] = table[names].mean(axis=1) + rng.normal(0, 0.05, len(table))
    rows = [("e", "S0", 300), ("f", "S1", 310)]
    choice = {"ticker": "MKT", "exclude": "event", "weights": "estimate"}
    for stocks, words in ((names, "S0 has a standard error above 2%"), (names[:5], "8 other stocks")):
        with pytest.raises(es.errors.PriceDataError, match=words):
            study(table, rows, benchmark={**choice, "stocks": stocks})
