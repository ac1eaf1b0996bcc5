"""Factors are asked about where their unit is in doubt, and judged by the rules of all returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, long_prices, one, random_returns

import eventstudy as es
from eventstudy.errors import PriceDataError
from eventstudy.prices.factors.table import read_factors
from eventstudy.soundness.units import ask_factor_unit
from eventstudy.study_result import EventStudyResult

THREE = ["Mkt-RF", "SMB", "HML", "RF"]
DESIGN = es.Design(model="ff3", benchmark=None, max_loss=1.0)
RTOL = 1e-9  #: of figures that differ by the rounding of percent and of closes


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B"))


def run(
    returns: pd.DataFrame, factors: pd.DataFrame, folder: Path, *, as_prices: bool = False
) -> EventStudyResult:
    file = folder / "factors.csv"
    factors.rename_axis("date").to_csv(file)
    events = event_frame([("e", "A", 300), ("f", "B", 330)], returns.index)
    closes = 40.0 * (1 + returns[["A", "B"]]).cumprod()
    if as_prices:
        return es.run(events, prices=long_prices(closes), factors=file, design=DESIGN)
    return es.run(events, returns=returns[["A", "B"]], factors=file, design=DESIGN)


def in_percent(returns: pd.DataFrame) -> pd.DataFrame:
    return 100 * returns[THREE]


@pytest.mark.parametrize("as_prices", [False, True])
def test_a_factor_file_goes_with_returns_as_with_prices(
    as_prices: bool, returns: pd.DataFrame, tmp_path: Path
) -> None:
    events = event_frame([("e", "A", 300), ("f", "B", 330)], returns.index)
    together = es.run(events, returns=returns, design=DESIGN)
    apart = run(returns, in_percent(returns), tmp_path, as_prices=as_prices)
    np.testing.assert_allclose(apart.cars["car"], together.cars["car"], rtol=RTOL)
    assert apart.findings.query("severity != 'info'").empty


WRONG: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "a column in basis points": (lambda f: f.assign(SMB=100 * f["SMB"]), "SMB"),
    "a column in decimals": (lambda f: f.assign(HML=f["HML"] / 100), "HML is of another scale"),
    "the rate of a year": (lambda f: f.assign(RF=252 * f["RF"]), "RF is .* a session"),
    "gross": (lambda f: 100 + f, "factors.csv|looks like"),
    "an index": (lambda f: f.assign(SMB=100 * (1 + f["SMB"] / 100).cumprod()), "SMB"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_another_unit_is_asked_about(wrong: str, returns: pd.DataFrame, tmp_path: Path) -> None:
    change, words = WRONG[wrong]
    with pytest.raises(PriceDataError, match=words) as asked:
        run(returns, change(in_percent(returns)), tmp_path)
    assert asked.value.exit_code == 4 and "unit" in str(asked.value)


def test_factors_that_end_early_are_the_reason(returns: pd.DataFrame, tmp_path: Path) -> None:
    found = run(returns, in_percent(returns).iloc[:300], tmp_path, as_prices=True)
    end = returns.index[299].date()
    assert (found.events["reason"] == f"the factors end on {end}, before day 0").all()
    both = run(returns, in_percent(returns).iloc[:310], tmp_path, as_prices=True)
    assert one(both.events, event_id="e")["status"] == "ok"
    assert one(both.events, event_id="f")["status"] == "skipped"


@pytest.mark.parametrize("as_prices", [False, True])
def test_factors_a_session_off_are_told_once(as_prices: bool, returns: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("A", "B"):
        returns[name] += returns["Mkt-RF"]  # so that both move with the market beyond doubt
    late = in_percent(returns).shift(1).dropna()
    found = run(returns, late, tmp_path, as_prices=as_prices)
    shifts = found.findings.query("rule == 'date-shift'")
    assert shifts[["ticker", "severity"]].to_numpy().tolist() == [["Mkt-RF", "error"]]
    assert (found.events["status"] == "skipped").all()


def test_ken_frenchs_factors_are_in_no_doubt(shared: Path) -> None:
    files = [
        path for path in sorted((shared / "factors").rglob("*")) if path.suffix.lower() in (".csv", ".zip")
    ]
    judged = 0
    for file in files:
        try:
            table = read_factors(file)
        except PriceDataError:
            continue  # another layout, which reading refuses
        ask_factor_unit(table.names, table.values)
        judged += 1
    assert judged
