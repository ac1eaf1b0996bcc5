"""LSEG Workspace: total returns in percent, repeated where nothing trades, and indices without any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, read, returns_of, seeded_returns, sessions, text_table

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.lseg import LSEG

DAYS = sessions(60)
RETURNS = seeded_returns(["IBM.N", "SAPG.DE", ".SPX"], len(DAYS), seed=8, digits=8)
CLOSES = {name: np.round(1000 * np.cumprod(1 + np.nan_to_num(values)), 6) for name, values in RETURNS.items()}
INDEX = np.append(np.nan, CLOSES[".SPX"][1:] / CLOSES[".SPX"][:-1] - 1)
EXPECTED = RETURNS | {".SPX": INDEX}


def frame() -> pd.DataFrame:
    parts = []
    for name, values in RETURNS.items():
        total = ["" if np.isnan(value) or name == ".SPX" else f"{100 * value:.6f}" for value in values]
        parts.append(
            pd.DataFrame(
                {
                    "Instrument": name,
                    "Date": [f"{day}T00:00:00Z" for day in DAYS],
                    "Price Close": [f"{value:.6f}" for value in CLOSES[name]],
                    "Total Return": total,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def at(data: pd.DataFrame, name: str, row: int) -> int:
    return int(data.index[data.Instrument == name][row])


def test_total_returns_are_percent_and_indices_are_read_from_prices() -> None:
    found = read(LSEG, text_table(frame()))
    assert_returns(found.series, EXPECTED, DAYS)
    assert "prices without dividends of .SPX" in found.understood.remarks
    assert [found.series[name].exchange for name in RETURNS] == ["XNYS", "XETR", ""]


def test_fields_may_have_their_codes_for_titles() -> None:
    data = frame().rename(columns={"Price Close": "TR.PriceClose", "Total Return": "TR.TotalReturn"})
    data = data.replace("", "<NA>")
    assert_returns(read(LSEG, text_table(data)).series, EXPECTED, DAYS)


def test_a_day_without_trade_is_missing_and_so_is_the_return_over_it() -> None:
    data = frame()
    row = at(data, "IBM.N", 30)
    for title in ("Price Close", "Total Return"):
        data.loc[row, title] = data.loc[row - 1, title]
    found = read(LSEG, text_table(data))
    expected = RETURNS["IBM.N"].copy()
    expected[[30, 31]] = np.nan
    assert_returns(found.series, EXPECTED | {"IBM.N": expected}, DAYS)
    assert "1 repeated value missing" in found.understood.remarks


def test_after_a_delisting_the_repeated_value_is_no_return() -> None:
    data = frame()
    first = at(data, "SAPG.DE", 40)
    last = at(data, "SAPG.DE", -1)
    data.loc[first:last, "Price Close"] = data.loc[first - 1, "Price Close"]
    data.loc[first:last, "Total Return"] = data.loc[first - 1, "Total Return"]
    data["Instrument"] = data.Instrument.replace("SAPG.DE", "SAPG.DE^D15")
    found = read(LSEG, text_table(data))
    expected = RETURNS["SAPG.DE"].copy()
    expected[40:] = np.nan
    assert_returns(found.series, {"SAPG.DE^D15": expected, "IBM.N": RETURNS["IBM.N"]}, DAYS)
    assert found.aliases == {"SAPG.DE": ("SAPG.DE^D15",)}
    assert found.series["SAPG.DE^D15"].exchange == "XETR"


def test_a_total_return_that_is_no_price_change_in_percent_is_asked_about() -> None:
    data = frame()
    data["Total Return"] = [cell and f"{float(cell) / 100:.8f}" for cell in data["Total Return"]]
    with pytest.raises(FileContentError, match=r"\(percent\) or .* \(decimal\).*--values percent or returns"):
        read(LSEG, text_table(data))
    assert_returns(read(LSEG, text_table(data), values="returns").series, EXPECTED, DAYS)


def test_one_column_alone_is_enough() -> None:
    alone = read(LSEG, text_table(frame().drop(columns="Price Close").query("Instrument != '.SPX'")))
    assert_returns(alone.series, {name: RETURNS[name] for name in ("IBM.N", "SAPG.DE")}, DAYS)
    prices = read(LSEG, text_table(frame().drop(columns="Total Return")))
    np.testing.assert_allclose(returns_of(prices.series["IBM.N"])[1:], RETURNS["IBM.N"][1:], atol=1e-8)
    assert prices.series["IBM.N"].closes == "split-adjusted"
