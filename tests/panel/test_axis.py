"""Without a calendar the days of all series are the sessions, but for those of a series that differs."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one

import eventstudy as es
from eventstudy.sessions import trading_sessions

NAMES = ("SPY", "NVDA", "AMD")
DAY0 = "2024-03-06"
SPAN = date(2022, 1, 3), date(2024, 6, 28)
LISTED = pd.DataFrame({"event_id": "e", "ticker": ["NVDA", "AMD"], "session": DAY0})


@pytest.fixture(scope="module")
def closes() -> pd.DataFrame:
    index = pd.DatetimeIndex(trading_sessions("XNYS", *SPAN))
    draws = np.random.default_rng(7).normal(0.0, 0.01, (len(index), 3))
    return 100.0 * (1.0 + pd.DataFrame(draws + draws[:, :1], index, NAMES)).cumprod()


def measured(events: Any, **data: Any) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return the firm-events and their CAR on day 0 by ticker, and the findings."""
    result = es.run(events, design=es.Design(benchmark="SPY", max_loss=1.0), **data)
    cars = result.cars[(result.cars["start"] == 0) & (result.cars["end"] == 0)]
    return result.events.set_index("ticker"), cars.set_index("ticker")["car"], result.findings


def with_wrong_dates(table: pd.DataFrame, how: str) -> pd.DataFrame:
    """Return the table with the dates of AMD a day late, two days early, or filled in."""
    own = table["AMD"]
    if how == "filled in":
        own = own.resample("D").ffill()
    else:
        own = own.set_axis(own.index + pd.Timedelta(days=int(how)))
    return pd.concat([table[["SPY", "NVDA"]], own], axis=1, sort=True)


@pytest.mark.parametrize("how", ["1", "-1", "2", "-2", "filled in"])
@pytest.mark.parametrize("form", ["prices", "returns"])
def test_wrong_dates_of_one_ticker_skip_that_one_alone(closes: pd.DataFrame, how: str, form: str) -> None:
    table = closes if form == "prices" else closes.pct_change().iloc[1:]
    _, right, _ = measured(LISTED, **{form: table})
    rows, cars, findings = measured(LISTED, **{form: with_wrong_dates(table, how)})
    assert rows["status"].to_dict() == {"NVDA": "ok", "AMD": "skipped"}
    assert (rows.loc["NVDA", "n_estimation"], cars["NVDA"]) == (250, pytest.approx(right["NVDA"], rel=1e-12))
    assert rows.loc["AMD", "reason"].startswith("extra-session in AMD: on ")
    assert set(findings[findings["severity"] == "error"]["ticker"]) == {"AMD"}


def test_two_series_that_disagree_do_not_tell_which_is_wrong(closes: pd.DataFrame) -> None:
    table = with_wrong_dates(closes, "1")[["SPY", "AMD"]]
    rows, _, findings = measured(LISTED[LISTED["ticker"] == "AMD"], prices=table)
    assert rows.loc["AMD", "status"] == "skipped"
    assert "extra-session" not in set(findings["rule"])


def test_what_trades_at_weekends_is_measured_on_the_sessions_of_the_others(closes: pd.DataFrame) -> None:
    days = pd.DatetimeIndex(trading_sessions("24/7", *SPAN))
    coin = pd.Series(100.0 + np.random.default_rng(3).normal(0.0, 1.0, len(days)), days, name="BTC-USD")
    listed = pd.concat([LISTED, pd.DataFrame({"event_id": ["b"], "ticker": ["BTC-USD"], "session": [DAY0]})])
    rows, _, findings = measured(listed, prices=closes.join(coin, how="outer"))
    assert set(rows["status"]) == {"ok"} and set(rows["n_estimation"]) == {250}
    found = one(findings[findings["rule"] == "extra-session"])
    assert (found["ticker"], found["severity"]) == ("BTC-USD", "info")


def test_holidays_of_another_exchange_are_no_days_of_its_own(closes: pd.DataFrame) -> None:
    days = pd.DatetimeIndex(trading_sessions("XKRX", *SPAN))
    seoul = pd.Series(100.0 + np.random.default_rng(3).normal(0.0, 1.0, len(days)), days, name="005930.KS")
    both = closes.join(seoul, how="outer")
    result = es.run(LISTED, prices=both, design=es.Design(benchmark="SPY", benchmarks=["005930.KS"]))
    assert "extra-session" not in set(result.findings["rule"])


def test_a_benchmark_with_other_sessions_is_named_as_the_cause(closes: pd.DataFrame) -> None:
    days = pd.DatetimeIndex(trading_sessions("XTAE", *SPAN))
    teva = pd.Series(100.0 + np.random.default_rng(3).normal(0.0, 1.0, len(days)), days, name="TEVA.TA")
    event = es.Event("e", date(2024, 2, 14), tickers=("TEVA.TA",))
    rows, _, _ = measured([event], prices=closes.join(teva, how="outer"))
    assert rows.loc["TEVA.TA", "reason"].endswith(
        "(the benchmark SPY has none on 109 sessions: XNYS has other sessions than XTAE)"
    )
