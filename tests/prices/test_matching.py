"""A benchmark from abroad is remarked on; baskets and ex-self benchmarks work from every source of prices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import fuzzing
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import eventstudy as es
from eventstudy.prices.source import PriceSeries
from eventstudy.soundness.foreign_benchmarks import foreign_benchmarks


def quoted(ticker: str, currency: str = "") -> PriceSeries:
    series: PriceSeries = fuzzing.stored_series()
    return replace(series, ticker=ticker, origin={"currency": currency} if currency else {})


def remarks(*series: PriceSeries, exchanges: dict[str, str] | None = None) -> list[tuple[str, str]]:
    held = {each.ticker: each for each in series}
    pairs = [(series[0].ticker, each.ticker) for each in series] * 2
    return [(found.ticker, found.rule) for found in foreign_benchmarks(pairs, held, exchanges or {})]


def test_another_calendar_and_another_currency_are_two_remarks() -> None:
    assert remarks(quoted("005930.KS", "KRW"), quoted("SPY", "USD")) == [
        ("005930.KS", "benchmark-calendar"),
        ("005930.KS", "benchmark-currency"),
    ]
    assert remarks(quoted("VOD.L", "GBp"), quoted("^FTSE", "GBP")) == [("VOD.L", "benchmark-currency")]
    assert remarks(quoted("NVDA", "USD"), quoted("SPY", "USD"), quoted("AMD", "USD")) == []


def test_a_remark_names_its_remedy() -> None:
    held = {each.ticker: each for each in (quoted("005930.KS", "KRW"), quoted("SPY", "USD"))}
    calendar, currency = foreign_benchmarks([("005930.KS", "SPY")], held)
    assert "--model dimson or scholes-williams, with --leads 0" in calendar.detail
    assert "take a local index" in calendar.detail and "take a local index" in currency.detail


def test_what_is_not_known_is_not_remarked_on() -> None:
    assert remarks(quoted("NVDA"), quoted("SPY", "USD")) == []
    assert remarks(quoted("AAA.XYZ", "USD"), quoted("SPY", "USD")) == []
    assert list(foreign_benchmarks([("NVDA", "SPY")], {"NVDA": quoted("NVDA")})) == []
    overruled = remarks(quoted("SAP", "EUR"), quoted("DAX", "EUR"), exchanges={"SAP": "XETR", "DAX": "XETR"})
    assert overruled == []


def closes() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    third = {"INTC": 30 * np.cumprod(1 + rng.normal(0, 0.015, 60))}
    return {**fuzzing.closes(), **third}


def wide(folder: Path) -> Any:
    (folder / "prices.csv").write_bytes(fuzzing._csv(closes()))
    return folder / "prices.csv"


def stooq(folder: Path) -> Any:
    for name, values in closes().items():
        columns = {f"<{figure}>": values for figure in ("OPEN", "HIGH", "LOW", "CLOSE")}
        told = {"<TICKER>": f"{name}.US", "<PER>": "D"}
        text = fuzzing._csv(columns, day="%Y%m%d", **told).replace(b"Date", b"<DATE>", 1)
        (folder / f"{name.lower()}.us.txt").write_bytes(text)
    return folder


def parquet_uri(folder: Path) -> Any:
    for name, values in closes().items():
        pq.write_table(pa.table({"date": fuzzing.sessions(), "close": values}), folder / f"{name}.parquet")
    return folder.as_uri()


def frame(_: Path) -> Any:
    return pd.DataFrame(closes(), index=pd.DatetimeIndex(fuzzing.sessions()))


BENCHMARKS: dict[str, Any] = {
    "basket": ["SPY", "AMD", "INTC"],
    "ex self": {"ticker": "SPY", "exclude_self": {"NVDA": 0.07, "AMD": 0.02}},
}


@pytest.mark.parametrize("make", [wide, stooq, parquet_uri, frame])
@pytest.mark.parametrize("name", BENCHMARKS)
def test_baskets_and_ex_self_from_every_source(tmp_path: Path, make: Any, name: str) -> None:
    (tmp_path / "events.yaml").write_bytes(fuzzing.STUDY)
    (tmp_path / "prices").mkdir()
    design = es.Design(
        benchmark=BENCHMARKS[name],
        estimation=(-30, -6),
        window=(-2, 2),
        car_windows=((0, 0),),
        min_estimation=0.6,
    )
    result = es.run(tmp_path / "events.yaml", prices=make(tmp_path / "prices"), design=design, offline=True)
    rows = {
        (row["event_id"], row["ticker"], row["tau"]): row
        for row in result.tables["abnormal_returns"].to_pylist()
        if row["event_id"] != "second"  # which has a benchmark of its own
    }
    coefficients = {
        (row["event_id"], row["ticker"], row["term"] == "const"): row["estimate"]
        for row in result.tables["coefficients"].to_pylist()
    }
    prices = {
        ticker: np.array([float(f"{close:.6g}") for close in values]) for ticker, values in closes().items()
    }
    returns = {ticker: close[1:] / close[:-1] - 1 for ticker, close in prices.items()}
    days = fuzzing.sessions()[1:]
    assert len(rows) == 20
    for (event, ticker, _), row in rows.items():
        at = days.index(row["session"])
        if name == "basket":
            treated = {other for first, other, _ in rows if first == event}
            others = [returns[member][at] for member in BENCHMARKS[name] if member not in treated]
            market = float(np.mean(others))
        else:
            weight = BENCHMARKS[name]["exclude_self"][ticker]
            market = float((returns["SPY"][at] - weight * returns[ticker][at]) / (1 - weight))
        terms = [coefficients[event, ticker, is_const] for is_const in (True, False)]
        assert row["normal_ret"] == pytest.approx(terms[0] + terms[1] * market, abs=1e-5)
    assert result.tables["findings"].filter(pa.compute.field("rule") == "benchmark-calendar").num_rows == 0
