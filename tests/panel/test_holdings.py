"""Findings about benchmarks that hold the tickers of an event."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import pick, random_returns, study

HOLDS = "benchmark-holds-treated"
WEIGHTS = {"A": 0.2, "B": 0.1}
INDEX: dict[str, Any] = {"ticker": "MKT", "weights": WEIGHTS, "source": "a fund's page"}
ROWS = [("e", "A", 300), ("e", "B", 300)]


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng)


def details(result: Any, rule: str = HOLDS) -> list[str]:
    found = result.findings
    return list(found[found["rule"] == rule]["detail"])


@pytest.mark.parametrize(
    ("benchmark", "further", "words"),
    [
        (INDEX, [], "it holds A 20.0%, B 10.0%, 30.0% together at the close before e"),
        ("MKT", [INDEX], "it holds A 20.0%, B 10.0%, 30.0% together at the close before e"),
        ({**INDEX, "exclude": "self"}, [], "it holds A 20.0%, B 10.0%, 30.0% together"),
        ("A", [], "it is itself a ticker of e"),
    ],
)
def test_a_benchmark_that_holds_the_event_s_tickers_is_told(
    benchmark: Any, further: Any, words: str, returns: pd.DataFrame
) -> None:
    result = study(returns, ROWS, benchmark=benchmark, benchmarks=further)
    (detail,) = details(result)
    assert detail.startswith(words)
    if "holds" in words:
        assert "approximate weights" in detail
        assert "a fund's page" in detail


@pytest.mark.parametrize(
    ("benchmark", "further"),
    [
        ("MKT", []),
        ({**INDEX, "exclude": "event"}, []),
        ({**INDEX, "weights": {"A": 0.004, "B": 0.005}}, []),
        (["A", "B", "C"], []),
    ],
)
def test_nothing_is_told_of_one_that_does_not(benchmark: Any, further: Any, returns: pd.DataFrame) -> None:
    assert details(study(returns, ROWS, benchmark=benchmark, benchmarks=further)) == []


def test_without_itself_a_single_ticker_is_not_held(returns: pd.DataFrame) -> None:
    own = {**INDEX, "exclude": "self"}
    assert details(study(returns, [("e", "A", 300), ("f", "B", 310)], benchmark=own)) == []


def test_the_weights_that_were_used_are_told(returns: pd.DataFrame) -> None:
    used = {**INDEX, "exclude": "event", "as_of": "2019-01-04"}
    (detail,) = details(study(returns, ROWS, benchmark=used), "benchmark-weights")
    assert detail == (
        "without A 20.0%, B 10.0%, 30.0% together (approximate weights at the close of 2019-01-04, "
        "other days by drift; a fund's page)"
    )


def test_the_findings_flag_no_firm_event(returns: pd.DataFrame) -> None:
    """They are about the design, not about prices."""
    result = study(returns, ROWS, benchmark=INDEX)
    assert list(pick(result.findings, rule=HOLDS)["severity"]) == ["warning"]
    assert (result.events["n_findings"] == 0).all()
    assert (result.events["status"] == "ok").all()


def test_weights_are_estimated_where_enough_stocks_are_at_hand(rng: np.random.Generator) -> None:
    names = [f"S{number}" for number in range(12)]
    table = random_returns(rng, tickers=names)
    weights = np.array([0.25, 0.005, *[0.0745] * 10])
    table["MKT"] = table[names] @ weights + rng.normal(0, 0.002, len(table))
    events = [("e", "S0", 300), ("e", "S1", 300), *((name, name, 320) for name in names[2:])]
    (detail,) = details(study(table, events))
    assert detail.startswith("by its returns it holds S")
    alone = [("e", "S0", 300), ("e", "S1", 300)]
    (detail,) = details(study(table, alone, benchmarks=[names[2:]]))
    assert detail.startswith("by its returns it holds S0 24.5% (s.e. 0.7%) before e")
    assert "S1" not in detail
    assert details(study(table, alone)) == []  # no other stocks are at hand
