"""Long tables of returns: units by names and figures, and what is asked about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, read, seeded_returns, sessions, text_table, typed_table

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.returns_long import RETURNS_LONG

DAYS = sessions(40)
RETURNS = seeded_returns(["ABC", "XYZ"], len(DAYS), seed=6, digits=8)
MARKET = seeded_returns(["mkt"], len(DAYS), seed=7, digits=8)["mkt"]


def frame(title: str = "ret", scale: float = 1.0) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"id": name, "date": DAYS.astype(str), title: scale * values, "mkt": scale * MARKET})
        for name, values in RETURNS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def as_text(data: pd.DataFrame) -> pd.DataFrame:
    return data.map(lambda cell: cell if isinstance(cell, str) else "" if np.isnan(cell) else f"{cell:.12g}")


@pytest.mark.parametrize("ids", ["permno", "ticker", "id", "Symbol"])
def test_decimals_are_read_from_text_and_from_typed_columns(ids: str) -> None:
    data = frame().rename(columns={"id": ids})
    for table in (text_table(as_text(data)), typed_table(data)):
        assert_returns(read(RETURNS_LONG, table).series, RETURNS | {"mkt": MARKET}, DAYS)


@pytest.mark.parametrize("title", ["logret", "log_return", "lnret", "LogReturn"])
def test_log_in_the_name_says_log_returns(title: str) -> None:
    data = frame().drop(columns="mkt")
    data = data.assign(ret=np.log1p(data.ret)).rename(columns={"ret": title})
    found = read(RETURNS_LONG, typed_table(data))
    assert_returns(found.series, RETURNS, DAYS)
    assert "log returns" in found.understood.remarks


def test_percent_is_asked_about_unless_it_is_stated_or_in_the_name() -> None:
    data = frame(scale=100).drop(columns="mkt")
    with pytest.raises(FileContentError, match=r"ret .*percent.*decimal.*--values percent.*data: \{"):
        read(RETURNS_LONG, typed_table(data))
    assert_returns(read(RETURNS_LONG, typed_table(data), values="percent").series, RETURNS, DAYS)
    named = typed_table(data.rename(columns={"ret": "ret_pct"}))
    assert_returns(read(RETURNS_LONG, named).series, RETURNS, DAYS)
    signed = as_text(data)
    signed["ret"] = [cell and f"{cell}%" for cell in signed.ret]
    assert_returns(read(RETURNS_LONG, text_table(signed)).series, RETURNS, DAYS)


def test_prices_called_returns_and_impossible_returns_are_refused() -> None:
    data = frame()
    with pytest.raises(FileContentError, match="above 0"):
        read(RETURNS_LONG, typed_table(data.assign(ret=50.0 + np.arange(len(data)))))
    data.loc[7, "ret"] = -1.5
    with pytest.raises(FileContentError, match=r"-1\.5"):
        read(RETURNS_LONG, typed_table(data))


def test_two_columns_of_returns_are_asked_about() -> None:
    data = frame().assign(RET=lambda each: each.ret / 2, logret=0.0)
    with pytest.raises(FileContentError, match=r"value may be .*--value-column"):
        read(RETURNS_LONG, typed_table(data))
    chosen = frame().assign(**{"return": 0.001}).drop(columns="mkt")
    assert_returns(read(RETURNS_LONG, typed_table(chosen), value_column="ret").series, RETURNS, DAYS)
    with pytest.raises(FileContentError, match="no column 'nothing'"):
        read(RETURNS_LONG, typed_table(chosen), value_column="nothing")


def test_a_market_with_two_figures_on_a_day_is_refused() -> None:
    data = frame()
    data.loc[9, "mkt"] = 0.3
    with pytest.raises(FileContentError, match=r"mkt is .* on 2019-01-15"):
        read(RETURNS_LONG, typed_table(data))
