"""The table of benchmarks: every event against each benchmark that is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, pick, random_returns, study

import eventstudy as es
from eventstudy.design import OTHER_TICKERS
from eventstudy.inference.benchmark_choice import MOST_TICKERS

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-12  #: the same calculation in another order of firm-events
FIVE = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")
FIGURES = ("car", "car_se", "statistic", "pvalue", "placebo_pvalue")


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, missing=0.01)


def test_the_table_holds_every_row_of_the_reference(shared: Path) -> None:
    folder = shared / "golden" / "methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col=0, parse_dates=True)
    cases: list[dict[str, Any]] = json.loads((folder / "benchmarks.json").read_text())
    rows = [(case["date"], ticker, case["date"]) for case in cases for ticker in FIVE]
    event = {"ticker": "SPY", "exclude": "event", "weights": cases[0]["weights"]}
    untreated = ["AAPL", "AMZN", "META", "TSLA"]
    further = [event, {**event, "drift": False}, "DJI", "QQQ", untreated]
    windows = ((0, 0), (-1, 1))
    table = study(returns, rows, benchmark="SPY", benchmarks=further, car_windows=windows).benchmarks
    names = {
        "SPY": "SPY",
        "SPY ex all five (static weights)": "SPY ex event (fixed weights)",
        "SPY ex all five (weights drift)": "SPY ex event",
        "DJI": "DJI",
        "QQQ": "QQQ",
        "basket AAPL+AMZN+META+TSLA": "AAPL+AMZN+META+TSLA",
    }
    assert set(table["benchmark"]) == {*names.values(), "SPY ex self"}
    for case in cases:
        for line in case["table"]:
            if line["benchmark"] not in names:  # without itself by weights that do not drift
                continue
            pair = {"event_id": case["date"], "ticker": case["ticker"], "benchmark": names[line["benchmark"]]}
            day0, three = (pick(table, **pair, start=start).iloc[0] for start in (0, -1))
            found = {
                "beta": day0["beta"],
                "M": day0["n_estimation"],
                "ar0": day0["car"],
                "t0": day0["statistic"],
                "p0": day0["pvalue"],
                "car_m1_p1": three["car"],
                "t_m1_p1": three["statistic"],
            }
            assert found == pytest.approx({key: line[key] for key in found}, rel=GOLDEN_RTOL), pair
            assert day0["given"] == (line["benchmark"] == "SPY")


@pytest.mark.parametrize("model", ["market", "market-adjusted", "capm"])
def test_each_row_is_a_study_against_that_benchmark(model: str, returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("e", "B", 300), ("f", "C", 330)]
    weights = {"A": 0.2, "B": 0.1, "C": 0.05}
    event = {"ticker": "MKT", "exclude": "event", "weights": weights}
    asked: dict[str, Any] = {"model": model, "car_windows": ((0, 0), (-1, 1))}
    table = study(returns, rows, benchmarks=["D", event], **asked).benchmarks
    again = {
        "MKT": "MKT",
        "D": "D",
        "MKT ex event": event,
        "MKT ex self": {**event, "exclude": "self"},
    }
    assert list(dict.fromkeys(table["benchmark"])) == ["MKT", "MKT ex self", "MKT ex event", "D"]
    for name, benchmark in again.items():
        own = study(returns, rows, benchmark=benchmark, **asked)
        part = pick(table, benchmark=name).reset_index(drop=True)
        for figure in FIGURES:
            np.testing.assert_allclose(part[figure], own.cars[figure], rtol=RTOL)
        assert list(part["n_estimation"]) == list(np.repeat(own.events["n_estimation"], 2))
        if model == "market-adjusted":
            assert part["beta"].isna().all()
        else:
            slopes = own.coefficients[own.coefficients["term"] == str(es.Benchmark.parse(benchmark))]
            np.testing.assert_allclose(part["beta"], np.repeat(slopes["estimate"], 2), rtol=RTOL)


def test_the_tickers_outside_an_event_are_a_basket(rng: np.random.Generator) -> None:
    names = [f"S{number}" for number in range(5)]
    table = random_returns(rng, tickers=names)
    rows = [("e", "S0", 300), ("e", "S1", 300), *(("f", name, 330) for name in names[1:])]
    found = study(table, rows).benchmarks
    basket = pick(found, benchmark=OTHER_TICKERS)
    assert set(basket["event_id"]) == {"e"}  # one ticker alone is outside f
    own = study(table, rows, benchmark=names).cars
    np.testing.assert_allclose(basket["car"], pick(own, event_id="e")["car"], rtol=RTOL)


def test_what_is_not_there_says_why(returns: pd.DataFrame) -> None:
    event = {"ticker": "MKT", "exclude": "event", "weights": {"A": 0.2}}
    rows = [("e", "A", 300), ("f", "B", 300 - 1)]
    table = study(returns, rows, benchmarks=["NIX", event], car_windows=((0, 0),)).benchmarks
    notes = {(row["event_id"], row["benchmark"]): row["note"] for _, row in table.iterrows()}
    assert notes["e", "NIX"] == "no prices for the benchmark NIX (NIX: not in the table)"
    assert notes["f", "MKT ex event"].startswith("no weight of B in MKT")
    assert pd.isna(notes["e", "MKT ex event"])
    assert pick(table, benchmark="NIX")["car"].isna().all()


def test_large_events_and_models_without_a_benchmark_are_left_out(rng: np.random.Generator) -> None:
    names = [f"S{number}" for number in range(MOST_TICKERS + 1)]
    table = random_returns(rng, tickers=names)
    rows = [*(("e", name, 300) for name in names), ("f", "S0", 330), ("g", "S2", 331)]
    assert set(study(table, rows, benchmarks=["S1"]).benchmarks["event_id"]) == {"f", "g"}
    assert study(table, rows, model="mean").benchmarks.empty


def test_the_limit_of_firm_events(returns: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.inference.benchmark_choice.MOST_FIRM_EVENTS", 1)
    assert study(returns, [("e", "A", 300), ("f", "B", 300)]).benchmarks.empty


def test_further_benchmarks_change_nothing_else(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("f", "B", 310)]
    events = event_frame(rows, returns.index)
    design = es.Design(benchmark="MKT", max_loss=1.0)
    plain = es.run(events, returns=returns, design=design)
    more = es.run(events, returns=returns, design=design.replace(benchmarks=["C", ["C", "D"]]))
    for name in ("events", "cars", "tests", "comparisons"):
        pd.testing.assert_frame_equal(plain.frame(name), more.frame(name))
