"""What a security is measured against: baskets, an index without it, and benchmarks that are not there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL, fit
from panels import BUNDLED, bundled_prices, event_frame, long_prices, one, priced, random_returns, study

import eventstudy as es
from eventstudy.panel.benchmarks import basket_return


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, missing=0.01)


def beta(result: es.EventStudyResult, ticker: str) -> float:
    terms = result.coefficients
    return float(terms[(terms["ticker"] == ticker) & (terms["term"] != "const")]["estimate"].iloc[0])


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_a_basket_is_an_equal_weighted_portfolio_that_never_holds_a_ticker_of_the_event(
    kind: str, returns: pd.DataFrame
) -> None:
    table = np.log1p(returns) if kind == "log" else returns
    rows = [("e", "A", 300), ("e", "B", 300), ("f", "D", 301)]
    result = study(table, rows, benchmark=["A", "B", "C"], returns=kind)
    for ticker, members in (("A", ["C"]), ("B", ["C"]), ("D", ["A", "B", "C"])):
        mean = returns[members].mean(axis=1, skipna=False)
        basket = np.log1p(mean) if kind == "log" else mean
        day = table.index[301 if ticker == "D" else 300]
        row = fit(table.assign(BASKET=basket), ticker, day, ("BASKET",))
        assert beta(result, ticker) == pytest.approx(row.params[1], rel=RTOL)
        assert one(result.events, ticker=ticker)["n_estimation"] == row.n < 250
    assert set(result.events["benchmark"]) == {"A+B+C"}


def test_a_basket_of_two_is_the_other_one(returns: pd.DataFrame) -> None:
    found = beta(study(returns, [("e", "A", 300)], benchmark=["A", "B"]), "A")
    assert found == pytest.approx(fit(returns, "A", returns.index[300], ("B",)).params[1], rel=RTOL)


def test_a_basket_in_an_event_list_is_read_member_by_member(returns: pd.DataFrame) -> None:
    listed = study(returns, [("e", "D", 300)], columns={"benchmark": ["A+B"]})
    assert beta(listed, "D") == beta(study(returns, [("e", "D", 300)], benchmark=["A", "B"]), "D")


def test_the_benchmark_without_the_security(returns: pd.DataFrame) -> None:
    choice = {"ticker": "MKT", "exclude_self": {"A": 0.25}}
    result = study(returns, [("e", "A", 300), ("e", "B", 300)], benchmark=choice)
    without = (returns["MKT"] - 0.25 * returns["A"]) / 0.75
    row = fit(returns.assign(W=without), "A", returns.index[300], ("W",))
    assert beta(result, "A") == pytest.approx(row.params[1], rel=RTOL)
    assert beta(result, "B") == pytest.approx(
        fit(returns, "B", returns.index[300], ("MKT",)).params[1], rel=RTOL
    )
    assert set(result.events["benchmark"]) == {"MKT ex self"}


def test_logs_are_mixed_as_simple_returns() -> None:
    simple = np.array([[0.10, -0.05], [0.02, np.nan]])
    logs = np.log1p(simple)
    np.testing.assert_allclose(basket_return(logs, "log"), [np.log1p(0.025), np.nan], rtol=RTOL)


def test_the_security_as_its_own_benchmark_is_refused_by_its_fit(returns: pd.DataFrame) -> None:
    for model in ("market", "market-adjusted", "capm"):
        result = study(returns, [("e", "A", 300), ("f", "B", 300)], benchmark="A", model=model)
        assert one(result.events, ticker="A")["status"] == "skipped"
        assert "benchmark the security itself" in one(result.events, ticker="A")["reason"]
        assert one(result.events, ticker="B")["status"] == "ok"


def test_a_benchmark_that_is_not_there_skips_only_its_events(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("f", "A", 300), ("g", "A", 300)]
    result = study(returns, rows, columns={"benchmark": ["", "NIX", "MKT+NIX"]})
    assert list(result.events["status"]) == ["ok", "skipped", "skipped"]
    assert list(result.events["reason"][1:]) == [
        "no prices for the benchmark NIX (NIX: not in the table)",
        "no prices for the benchmark MKT+NIX (NIX: not in the table)",
    ]


@pytest.mark.parametrize(
    ("benchmark", "tickers"),
    [
        (["B", "C"], {"A", "B", "C"}),
        (["A", "B", "C"], {"A", "B", "C"}),
        ({"ticker": "MKT", "exclude_self": {"A": 0.2}}, {"A", "MKT"}),
    ],
)
def test_the_prices_of_a_benchmark_are_those_of_its_members(
    benchmark: object, tickers: set[str], returns: pd.DataFrame
) -> None:
    table = 100 * (1 + returns.fillna(0.0)).cumprod()[["A", "B", "C", "MKT"]]
    found = priced(long_prices(table), [("e", "A", 300)], benchmark=benchmark).prices
    assert set(found["ticker"]) == tickers
    assert (found["source"] == "frame").all()
    for ticker in tickers:
        listed = found[found["ticker"] == ticker]
        assert len(listed) == 260 + 1 + 5 + 1
        np.testing.assert_array_equal(listed["close"], table[ticker].loc[listed["session"]])


def test_factors_are_not_listed_as_tickers(returns: pd.DataFrame) -> None:
    for model, tickers in (("ff3", {"A"}), ("capm", {"A", "MKT"}), ("factors", {"A"})):
        found = study(returns, [("e", "A", 300)], model=model, factors=("SMB", "Mom")).prices
        assert set(found["ticker"]) == tickers


def test_nvda_s_own_weight_in_the_index_shrinks_its_fall() -> None:
    """On 2025-01-27 the index fell for NVDA's sake: against the rest of it NVDA fell further."""
    prices = bundled_prices().rename(columns={"session": "date"})
    index = pd.DatetimeIndex(prices["date"].unique())
    events = event_frame([("deepseek", name, "2025-01-27") for name in BUNDLED], index)

    def day0(benchmark: object) -> pd.Series:
        asked = es.Design(model="market-adjusted", benchmark=benchmark)
        rows = es.run(events, prices=prices, design=asked).abnormal_returns
        return rows[rows["tau"] == 0].set_index("ticker")["ar"]

    with_self = day0("SPY")
    without = day0({"ticker": "SPY", "exclude_self": {"NVDA": 0.066}})
    assert without["NVDA"] < with_self["NVDA"] - 0.005
    # R_i - (R_m - w R_i)/(1 - w) = (R_i - R_m)/(1 - w)
    assert without["NVDA"] == pytest.approx(with_self["NVDA"] / (1 - 0.066), rel=RTOL)
    assert (without.drop("NVDA") == with_self.drop("NVDA")).all()


def test_nvda_s_market_model_ar_falls_further_without_itself_in_the_index() -> None:
    prices = bundled_prices().rename(columns={"session": "date"})
    index = pd.DatetimeIndex(prices["date"].unique())
    events = event_frame([("deepseek", "NVDA", "2025-01-27")], index)
    choices = ("SPY", {"ticker": "SPY", "exclude_self": {"NVDA": 0.066}})
    found = [
        one(es.run(events, prices=prices, design=es.Design(benchmark=choice)).abnormal_returns, tau=0)["ar"]
        for choice in choices
    ]
    assert found[1] < found[0] - 0.01


@pytest.mark.parametrize("none", [None, "none"])
def test_a_model_without_a_benchmark_needs_none(none: str | None, returns: pd.DataFrame) -> None:
    rows = [("e", "A", 300), ("e", "B", 300)]
    without = returns.drop(columns="MKT")
    result = study(without, rows, benchmark=none, model="mean")
    pd.testing.assert_frame_equal(result.cars, study(returns, rows, model="mean").cars)
    assert result.events["benchmark"].isna().all()
    assert result.manifest["design"]["benchmark"] is None
    with pytest.raises(es.errors.DesignError, match="the model market needs one"):
        study(without, rows, benchmark=none)
