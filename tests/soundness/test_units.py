"""What is given in the place of returns: measured as stated, asked about where it looks like another unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import event_frame, long_prices, one, random_returns

import eventstudy as es
from eventstudy.errors import PriceDataError, UnknownNameError
from eventstudy.soundness.units import likely_unit
from eventstudy.study_result import EventStudyResult

ROWS = [("e", "A", 300), ("f", "B", 330)]
DESIGN = es.Design(benchmark="MKT", max_loss=1.0)


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    table = random_returns(rng, ("A", "B"))[["A", "B", "MKT"]]
    table.iloc[[50, 51, 200], 0] = np.nan
    return table


def run(table: pd.DataFrame, design: es.Design = DESIGN, **options: Any) -> EventStudyResult:
    return es.run(event_frame(ROWS, table.index), returns=table, design=design, **options)


def prices_of(returns: pd.DataFrame) -> pd.DataFrame:
    return 40.0 * (1 + returns.fillna(0.0)).cumprod()


WRONG: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "percent": lambda returns: 100 * returns,
    "basis points": lambda returns: 10_000 * returns,
    "prices or an index": prices_of,
    "gross returns": lambda returns: 1 + returns,
    "cumulative returns": lambda returns: returns.fillna(0.0).cumsum() - 0.05,
}


@pytest.mark.parametrize("unit", WRONG)
def test_another_unit_is_asked_about_and_never_measured(unit: str, returns: pd.DataFrame) -> None:
    table = WRONG[unit](returns)
    with pytest.raises(PriceDataError, match=f"looks like {unit}.*values='returns'") as asked:
        run(table)
    assert asked.value.exit_code == 4
    assert ("values='percent'" in str(asked.value)) == (unit == "percent")


@pytest.mark.parametrize("unit", ["percent", "prices or an index"])
@pytest.mark.parametrize("column", ["A", "MKT"])
def test_one_column_of_another_unit_is_named(unit: str, column: str, returns: pd.DataFrame) -> None:
    table = returns.assign(**{column: WRONG[unit](returns)[column]})
    with pytest.raises(PriceDataError, match=f"{column} looks like {unit}.*as the others are"):
        run(table)


def test_decimals_rates_and_loud_securities_are_not_asked_about(rng: np.random.Generator) -> None:
    table = random_returns(rng, ("A", "B"), tails=3)
    table[["A", "B"]] *= 3
    looks = {name: likely_unit(column.dropna().to_numpy()) for name, column in table.items()}
    assert looks == dict.fromkeys(table, "")
    assert run(table).cars["car"].notna().all()


def test_what_is_stated_is_measured(returns: pd.DataFrame) -> None:
    expected = run(returns).cars["car"]
    np.testing.assert_allclose(run(100 * returns, values="percent").cars["car"], expected, rtol=RTOL)
    np.testing.assert_allclose(run(np.log1p(returns), values="log-returns").cars["car"], expected, rtol=RTOL)
    loud = run(100 * returns, DESIGN.replace(quality="flag"), values="returns").cars
    np.testing.assert_allclose(loud["car"], 100 * expected, rtol=RTOL)


def test_prices_that_are_stated_are_those_of_a_table_of_prices(returns: pd.DataFrame) -> None:
    closes = prices_of(returns)
    closes.iloc[150, 0] = np.nan
    for kind in ("simple", "log"):
        design = DESIGN.replace(returns=kind)
        stated = run(closes, design, values="prices").cars
        frame = es.run(event_frame(ROWS, closes.index), prices=long_prices(closes), design=design).cars
        np.testing.assert_allclose(stated["car"], frame["car"], rtol=1e-9)
        assert (stated["n"] == frame["n"]).all()


def test_a_unit_that_is_none_or_of_nothing_is_refused(returns: pd.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'percent'"):
        run(returns, values="percents")
    with pytest.raises(PriceDataError, match="is said to hold percent, and all its figures are above 0"):
        es.run(event_frame(ROWS, returns.index), prices=prices_of(returns), design=DESIGN, values="percent")


@pytest.mark.parametrize("row", [100, 300])
def test_a_return_below_minus_one_is_an_error_finding(row: int, returns: pd.DataFrame) -> None:
    returns.iloc[row, 0] = -1.5
    found = run(returns)
    (finding,) = found.findings[found.findings["rule"] != "missing-session"].itertuples()
    assert (finding.ticker, finding.rule, finding.severity) == ("A", "impossible-return", "error")
    assert pd.Timestamp(finding.session) == returns.index[row]
    event = one(found.events, event_id="e")
    assert event["status"] == "skipped" and "more than everything cannot be lost" in event["reason"]
    assert one(found.events, event_id="f")["status"] == "ok"
    flagged = run(returns, DESIGN.replace(quality="flag"))
    assert (flagged.events["status"] == "ok").all() and flagged.events[
        "n_findings"
    ].max() == 1 + 3  # and holes


def test_a_total_loss_is_a_return(returns: pd.DataFrame) -> None:
    returns.iloc[300, 0] = -1.0
    found = run(returns)
    assert set(found.findings["rule"]) == {"missing-session"}  # of the holes in the table
    assert (found.events["status"] == "ok").all()


def test_an_impossible_return_of_the_benchmark_is_found(returns: pd.DataFrame) -> None:
    returns.iloc[300, 2] = -1.01
    assert (run(returns).events["status"] == "skipped").all()


@pytest.mark.parametrize("values", [None, "returns"])
def test_a_return_that_no_unit_explains_is_refused_with_its_place(values: Any, returns: pd.DataFrame) -> None:
    returns.iloc[40, 1] = 1e300
    with pytest.raises(PriceDataError, match=f"B on {returns.index[40].date()} is 1e\\+300"):
        run(returns, values=values)
