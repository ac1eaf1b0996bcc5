"""Odd inputs of prices and returns: the same figure, a finding that names it, or a typed error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OutputError, PriceDataError
from eventstudy.sessions import trading_sessions

DAYS = pd.DatetimeIndex(trading_sessions("XNYS", date(2022, 1, 3), date(2024, 12, 31)))
AT, DAY0 = 450, 500
DESIGN = es.Design(benchmark="SPY", max_loss=1.0)
EVENT = pd.DataFrame({"event_id": ["e"], "ticker": ["AAA"], "session": [DAYS[DAY0]]})
SAME = 1e-9  #: rounding of another order of sums

Change = Callable[[pd.DataFrame], pd.DataFrame]


def market() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    common = rng.normal(0, 0.01, len(DAYS))
    own = {"AAA": common + rng.normal(0, 0.012, len(DAYS)), "BBB": common + rng.normal(0, 0.015, len(DAYS))}
    return pd.DataFrame({**own, "SPY": common}, index=DAYS)


RETURNS = market()
PRICES = 100 * (1 + RETURNS).cumprod()


def long() -> pd.DataFrame:
    rows = PRICES.rename_axis("date").reset_index()
    return rows.melt("date", var_name="ticker", value_name="close")


def one(table: pd.DataFrame, place: int, value: float, column: str = "AAA") -> pd.DataFrame:
    changed = table.copy()
    changed.iloc[place, changed.columns.get_loc(column)] = value  # type: ignore[index]
    return changed


def from_there(factor: float) -> pd.DataFrame:
    return PRICES.assign(AAA=PRICES["AAA"] * np.where(np.arange(len(DAYS)) < AT, 1.0, factor))


def on_day(**columns: float) -> pd.DataFrame:
    """Return the long table with further columns that hold a value for AAA on day 0."""
    rows = long()
    here = (rows["ticker"] == "AAA") & (rows["date"] == DAYS[DAY0])
    return rows.assign(**{name: np.where(here, value, 0.0) for name, value in columns.items()})


class Odd(NamedTuple):
    """An input, and what must be said of it: words of the error, or the rule and severity of a finding.

    ``refused`` are the words of readers that do not take the figure at all.
    """

    given: dict[str, Any]
    error: str = ""
    rule: str = ""
    severity: str = "warning"
    refused: str = ""


def returns(table: pd.DataFrame, values: str | None = None) -> dict[str, Any]:
    return {"returns": table, **({"values": values} if values else {})}


WEEKS, MONTHS = (RETURNS.resample(step).sum() for step in ("W-FRI", "ME"))
GBX = np.where((long()["ticker"] == "AAA") & (long()["date"] >= DAYS[AT]), "GBX", "GBP")

ODD: dict[str, Odd] = {
    "an infinite return": Odd(
        returns(one(RETURNS, 400, np.inf)), "AAA on 2023-08-08 is infinite|AAA is .inf., not"
    ),
    "an infinite return elsewhere": Odd(
        returns(one(RETURNS, 5, -np.inf, "BBB")), "BBB on 2022-01-10 is infinite|BBB is .-inf., not"
    ),
    "1e300 as a return": Odd(
        returns(one(RETURNS, 400, 1e300)), "is no return in decimals|more than any price"
    ),
    "a tenfold return": Odd(returns(one(RETURNS, 400, 12.0)), rule="huge-return", severity="error"),
    "a return of 500 %": Odd(returns(one(RETURNS, 400, 5.0)), rule="huge-return"),
    "one return in percent": Odd(returns(one(RETURNS, 400, 0.9)), rule="huge-return"),
    "a loss of nine tenths": Odd(returns(one(RETURNS, 400, -0.9)), rule="huge-return"),
    "a loss of more than all": Odd(
        returns(one(RETURNS, 400, -1.2)), rule="impossible-return", severity="error"
    ),
    "a hole in one series": Odd(returns(one(RETURNS, 400, np.nan)), rule="missing-session"),
    "rows that are missing": Odd(returns(RETURNS.drop(DAYS[400:403])), rule="missing-session"),
    "rows without any return": Odd(
        returns(RETURNS.drop(DAYS[400:403]).reindex(DAYS)), rule="missing-session"
    ),
    "decimals stated as percent": Odd(
        returns(RETURNS, "percent"), "stated as percent and looks like decimals"
    ),
    "one column of percent in decimals": Odd(
        returns((100 * RETURNS).assign(AAA=RETURNS["AAA"]), "percent"), "AAA is stated as percent and looks"
    ),
    "prices stated as percent": Odd(returns(PRICES, "percent"), "stated as percent and looks like prices"),
    "basis points stated as percent": Odd(returns(1e4 * RETURNS, "percent"), "looks like basis points"),
    "returns stated as prices": Odd(returns(RETURNS, "prices"), "stated as prices and looks like returns"),
    "gross returns stated as prices": Odd(returns(1 + RETURNS, "prices"), "looks like gross returns"),
    "percent stated as log returns": Odd(returns(100 * RETURNS, "log-returns"), "looks like percent"),
    "prices stated as returns": Odd(returns(PRICES, "returns"), "stated as returns and looks like prices"),
    "one column in percent": Odd(returns(RETURNS.assign(BBB=100 * RETURNS["BBB"])), "BBB looks like percent"),
    "a quiet column in percent": Odd(
        returns((RETURNS / 5).assign(BBB=15 * RETURNS["BBB"])), "BBB looks like percent"
    ),
    "weekly returns": Odd(returns(WEEKS), "a row every 7 days"),
    "monthly returns": Odd(returns(MONTHS), "a row every 31 days"),
    "weekly prices": Odd({"prices": PRICES.resample("W-FRI").last()}, "a row every 7 days"),
    "monthly prices": Odd({"prices": PRICES.resample("ME").last()}, "a row every 31 days"),
    "two columns but for case, returns": Odd(
        returns(RETURNS.assign(aaa=RETURNS["BBB"])), "differ by their case"
    ),
    "two columns but for case, prices": Odd(
        {"prices": PRICES.assign(aaa=PRICES["BBB"])}, "differ by their case"
    ),
    "two tickers but for case": Odd(
        {"prices": pd.concat([long(), long().query("ticker == 'BBB'").assign(ticker="aaa")])},
        "differ by their case",
    ),
    "pence, then pounds": Odd({"prices": from_there(0.01)}, rule="unit-jump", severity="error"),
    "pounds, then pence": Odd({"prices": from_there(100.0)}, rule="unit-jump", severity="error"),
    "pounds, then pence, as values": Odd(
        returns(from_there(100.0), "prices"), rule="huge-return", severity="error"
    ),
    "dollars, then rupees": Odd({"prices": from_there(83.0)}, rule="huge-return", severity="error"),
    "rupees, then dollars": Odd({"prices": from_there(1 / 83)}, rule="huge-return"),
    "US dollars, then Hong Kong's": Odd({"prices": from_there(7.8)}, rule="unapplied-split"),
    "a currency that changes by its column": Odd({"prices": long().assign(currency=GBX)}, "on in GBX"),
    "an infinite price": Odd(
        {"prices": one(PRICES, 400, np.inf)}, rule="nonpositive-price", refused="is 'inf', not a number"
    ),
    "a price of 1e300": Odd({"prices": one(PRICES, 400, 1e300)}, "more than any price"),
    "an infinite price as a value": Odd(
        returns(one(PRICES, 400, np.inf), "prices"), "is infinite|is .inf., not a number"
    ),
    "a price of zero as a value": Odd(returns(one(PRICES, 400, 0.0), "prices"), rule="missing-session"),
    "a dividend of 1e9": Odd({"prices": on_day(dividend=1e9)}, rule="wrong-dividend", severity="error"),
    "a negative dividend": Odd({"prices": on_day(dividend=-1.0)}, rule="wrong-dividend", severity="error"),
    "a split of a million": Odd({"prices": on_day(split=1e6)}, rule="listed-split"),
    "a negative split": Odd({"prices": on_day(split=-2.0)}, rule="listed-split"),
    "an infinite split": Odd(
        {"prices": on_day(split=np.inf)}, rule="listed-split", refused="is 'inf', not a number"
    ),
}


def as_stored(table: pd.DataFrame, kind: str, folder: Path) -> Any:
    if kind == "frame":
        return table
    whole = table if "date" in table else table.rename_axis("date").reset_index()
    path = folder / f"given.{kind}"
    whole.to_csv(path, index=False) if kind == "csv" else whole.to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["frame", "csv", "parquet"])
@pytest.mark.parametrize("name", ODD)
def test_it_is_told(name: str, kind: str, tmp_path: Path) -> None:
    odd = ODD[name]
    given = {
        key: as_stored(value, kind, tmp_path) if isinstance(value, pd.DataFrame) else value
        for key, value in odd.given.items()
    }
    if odd.error:
        with pytest.raises(PriceDataError, match=odd.error):
            es.run(EVENT, design=DESIGN, **given)
        return
    try:
        found = es.run(EVENT, design=DESIGN, **given).findings
    except PriceDataError as error:
        assert odd.refused and odd.refused in str(error)
        return
    assert (odd.rule, odd.severity) in set(zip(found["rule"], found["severity"], strict=True))


@pytest.mark.parametrize("given", [returns(RETURNS), returns(100 * RETURNS, "percent"), {"prices": PRICES}])
def test_what_is_sound_is_measured_without_a_warning(given: dict[str, Any]) -> None:
    result = es.run(EVENT, design=DESIGN, **given)
    assert set(result.findings["severity"]) <= {"info"}
    expected = es.run(EVENT, returns=RETURNS, design=DESIGN).cars["car"]
    np.testing.assert_allclose(result.cars["car"], expected, atol=SAME)


def test_one_currency_in_a_column_changes_nothing() -> None:
    plain = es.run(EVENT, prices=long(), design=DESIGN).cars
    named = es.run(EVENT, prices=long().assign(currency="USD"), design=DESIGN).cars
    pd.testing.assert_frame_equal(plain, named)


def test_two_files_but_for_case_are_refused(tmp_path: Path) -> None:
    for name in ("AAA", "aaa", "SPY"):
        PRICES[[name.upper()]].rename(columns={name.upper(): "close"}).rename_axis("date").to_csv(
            tmp_path / f"{name}.csv"
        )
    result = es.run(EVENT.assign(ticker="SPY"), prices=tmp_path, design=DESIGN.replace(model="mean"))
    assert result.events["status"].iloc[0] == "ok"
    with pytest.raises(PriceDataError, match="differ by their case alone"):
        es.run(EVENT, prices=tmp_path, design=DESIGN)


@pytest.mark.parametrize("which", ["events", "prices", "returns", "actions"])
def test_inputs_of_a_run_from_python_are_never_replaced(which: str, tmp_path: Path) -> None:
    from eventstudy.results import export, load
    from eventstudy.results.outputs.ownership import Overwrite, inputs_of

    files = {name: tmp_path / f"{name}.csv" for name in ("events", "prices", "returns", "actions")}
    EVENT.to_csv(files["events"], index=False)
    PRICES.rename_axis("date").to_csv(files["prices"])
    RETURNS.rename_axis("date").to_csv(files["returns"])
    files["actions"].write_text("ticker,date,kind,value\nAAA,2023-01-03,dividend,0.001\n")
    own = {"returns": files["returns"]} if which == "returns" else {"prices": files["prices"]}
    also = {"actions": files["actions"]} if which == "actions" else {}
    result = es.run(files["events"], design=DESIGN, **own, **also)
    before = files[which].read_bytes()
    with pytest.raises(OutputError, match="is an input of the study"):
        Overwrite(force=True, inputs=inputs_of(result.manifest)).check(files[which])
    result.to_parquet(tmp_path / "saved")
    with pytest.raises(OutputError):
        result.to_parquet(files[which])
    if which in ("events", "prices"):  # tables are exported under these names
        with pytest.raises(OutputError, match="is an input of the study"):
            export(load(tmp_path / "saved"), format="csv", out=tmp_path, force=True)
    assert files[which].read_bytes() == before
