"""CRSP's daily file in the legacy format: every trap of its codes, prices and delistings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import (
    EXACT,
    assert_returns,
    read,
    returns_of,
    seeded_returns,
    sessions,
    text_table,
    typed_table,
)

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.crsp_siz import CRSP_SIZ
from eventstudy.intake.series import PriceReading

DAYS = sessions(40)
RETURNS = seeded_returns([10107, 14593, 84788], len(DAYS))
MARKET = seeded_returns(["vwretd"], len(DAYS), seed=2)["vwretd"]


def frame(returns: dict[str, Any] | None = None) -> pd.DataFrame:
    """Return the file as it is downloaded, with strings for codes."""
    parts = []
    for at, (permno, values) in enumerate((returns or RETURNS).items()):
        price = 50 * np.cumprod(1 + np.nan_to_num(values)) * (-1 if at == 1 else 1)
        parts.append(
            pd.DataFrame(
                {
                    "PERMNO": permno,
                    "date": DAYS.astype(str),
                    "EXCHCD": 1 + 2 * (at % 2),
                    "TICKER": f"T{at}",
                    "CUSIP": f"0000000{at}",
                    "PRC": [f"{value:.5f}" for value in price],
                    "RET": ["C" if np.isnan(value) else f"{value:.6f}" for value in values],
                    "vwretd": ["" if np.isnan(value) else f"{value:.6f}" for value in MARKET],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def at(data: pd.DataFrame, permno: str, row: int) -> int:
    """Return the row of a security in the file."""
    return int(data.index[permno == data.PERMNO][row])


def reading(data: pd.DataFrame, **options: Any) -> PriceReading:
    found: PriceReading = read(CRSP_SIZ, text_table(data), **options)
    return found


def test_returns_are_those_of_the_file() -> None:
    found = reading(frame())
    assert_returns(found.series, RETURNS | {"vwretd": MARKET}, DAYS)
    assert found.understood.n_series == 3
    assert "3 of C taken as missing" in found.understood.remarks
    assert "market vwretd" in found.understood.remarks
    assert {each.exchange for each in found.series.values()} == {"XNYS"}


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("dates", ["%Y%m%d", "%d%b%Y", "%Y-%m-%d"])
def test_case_of_names_form_of_dates_and_order_of_rows_do_not_matter(case: Any, dates: str) -> None:
    data = frame()
    data["date"] = pd.to_datetime(data.date).dt.strftime(dates).str.upper()
    data = data.sample(frac=1, random_state=3).rename(columns=case)
    series = reading(data).series
    assert_returns({name.lower(): each for name, each in series.items()}, RETURNS | {"vwretd": MARKET}, DAYS)


@pytest.mark.parametrize("code", ["C", ".C", "c", "-66", "-66.0"])
def test_letters_sas_codes_and_numbers_are_missing(code: str) -> None:
    data = frame()
    data.loc[data.RET == "C", "RET"] = code
    found = reading(data)
    assert_returns(found.series, RETURNS, DAYS)
    assert found.understood.remarks[0].upper() == "3 OF C TAKEN AS MISSING"


def test_typed_columns_are_read_as_text_is() -> None:
    data = frame()
    data["PERMNO"] = data.PERMNO.astype(float)
    data["date"] = pd.to_datetime(data.date).dt.date
    data["RET"] = data.RET.replace("C", "-66.0").astype(float)
    data["PRC"] = data.PRC.astype(float)
    found = read(CRSP_SIZ, typed_table(data.drop(columns="vwretd")))
    assert_returns(found.series, RETURNS, DAYS)


def test_an_unknown_code_is_an_error_with_its_line() -> None:
    data = frame()
    data.loc[4, "RET"] = "Q?"
    with pytest.raises(FileContentError, match=r"f\.csv:6.*'Q\?'"):
        reading(data)


def test_a_return_after_a_missing_price_spans_two_sessions() -> None:
    data = frame()
    row = at(data, "14593", 20)
    data.loc[row, ["PRC", "RET"]] = ["", ""]
    found = reading(data)
    expected = RETURNS["14593"].copy()
    expected[[20, 21]] = np.nan
    assert_returns(found.series, {**RETURNS, "14593": expected}, DAYS)
    lumped = pd.Series(found.series["14593"].columns["lumped"], DAYS)
    assert lumped.dropna().to_dict() == {DAYS[21]: RETURNS["14593"][21]}
    assert "1 return over several sessions missing" in found.understood.remarks
    without_row = reading(data.drop(index=row))
    assert_returns(without_row.series, {"14593": expected}, DAYS)


def test_a_code_beside_a_price_does_not_span() -> None:
    data = frame()
    data.loc[at(data, "14593", 20), "RET"] = "B"
    expected = RETURNS["14593"].copy()
    expected[20] = np.nan
    assert_returns(reading(data).series, {"14593": expected}, DAYS)
    assert_returns(reading(data.drop(columns="PRC")).series, {"14593": expected}, DAYS)


def test_a_day_on_which_one_security_alone_has_a_row_is_no_session() -> None:
    data = frame()
    extra = data.iloc[[at(data, "10107", 3)]].assign(date="2019-01-06", RET="0.01")  # a Sunday
    found = reading(pd.concat([data, extra], ignore_index=True))
    assert_returns(found.series, {name: RETURNS[name] for name in ("14593", "84788")}, DAYS)


def delisted(code: str, dlret: str, ret: str, exchange: int = 3) -> pd.DataFrame:
    data = frame().assign(DLSTCD="", DLRET="")
    last = at(data, "10107", -1)
    data.loc[data.PERMNO == "10107", "EXCHCD"] = exchange
    data.loc[last, ["DLSTCD", "DLRET", "RET", "PRC"]] = [code, dlret, ret, "1" if ret else ""]
    return data


@pytest.mark.parametrize(
    ("code", "dlret", "ret", "exchange", "shumway", "expected"),
    [
        ("574", "-0.5", "-0.1", 3, False, 0.9 * 0.5 - 1),
        ("574", "-0.5", "", 3, False, -0.5),
        ("233", "0.02", "0.1", 1, True, 1.1 * 1.02 - 1),
        ("574", "", "-0.1", 3, False, -0.1),
        ("574", "", "-0.1", 3, True, 0.9 * 0.45 - 1),
        ("574", "S", "", 3, True, -0.55),
        ("574", ".S", "", 1, True, -0.30),
        ("584", "-55", "", 2, True, -0.30),
        ("500", "", "-0.1", 33, True, 0.9 * 0.45 - 1),
        ("585", "", "-0.1", 3, True, -0.1),
        ("331", "", "-0.1", 3, True, -0.1),
    ],
)
def test_delisting_returns(
    code: str, dlret: str, ret: str, exchange: int, shumway: bool, expected: float
) -> None:
    found = reading(delisted(code, dlret, ret, exchange), delisting="shumway" if shumway else "as-given")
    last = returns_of(found.series["10107"]).iloc[-1]
    assert last == pytest.approx(expected, abs=EXACT)
    assert_returns(found.series, {name: RETURNS[name] for name in ("14593", "84788")}, DAYS)


def test_delistings_are_told() -> None:
    assert "1 delisting return compounded" in reading(delisted("574", "-0.5", "")).understood.remarks
    as_given = reading(delisted("574", "", "-0.1")).understood.remarks
    assert "1 delisting for performance without DLRET (--delisting shumway)" in as_given
    shumway = reading(delisted("574", "", "-0.1"), delisting="shumway").understood.remarks
    assert "1 missing delisting return taken from Shumway" in shumway
    assert "no delisting returns (no DLRET)" in reading(frame()).understood.remarks


def test_a_delisting_return_on_every_row_counts_once() -> None:
    data = delisted("574", "-0.5", "")
    data.loc[data.PERMNO == "10107", ["DLSTCD", "DLRET"]] = ["574", "-0.5"]
    found = reading(data)
    expected = RETURNS["10107"].copy()
    expected[-1] = -0.5
    assert_returns(found.series, {"10107": expected}, DAYS)
    assert "DLRET repeated on the rows of a security, taken on its last" in found.understood.remarks


def test_shumway_takes_the_last_exchange_and_needs_one() -> None:
    data = delisted("574", "", "-0.1", 1)
    data.loc[at(data, "10107", -1), "EXCHCD"] = -2
    found = reading(data, delisting="shumway")
    assert returns_of(found.series["10107"]).iloc[-1] == pytest.approx(0.9 * 0.7 - 1, abs=EXACT)
    with pytest.raises(FileContentError, match="has no EXCHCD"):
        reading(data.drop(columns="EXCHCD"), delisting="shumway")


def test_returns_without_dividends_and_prices_alone_say_so() -> None:
    data = frame()
    found = reading(data.rename(columns={"RET": "RETX"}))
    assert_returns(found.series, RETURNS, DAYS)
    assert "returns without dividends" in found.understood.remarks
    split = data.drop(columns="RET").assign(CFACPR=1)
    halved = split.index[(split.PERMNO == "84788") & (split.date >= str(DAYS[10]))]
    split.loc[split.PERMNO == "84788", "CFACPR"] = 2
    split.loc[halved, "CFACPR"] = 1
    split.loc[halved, "PRC"] = (split.loc[halved, "PRC"].astype(float) / 2).astype(str)
    split.loc[at(split, "10107", 5), "PRC"] = "0"
    found = reading(split)
    prices = {name: 50 * np.cumprod(1 + np.nan_to_num(values)) for name, values in RETURNS.items()}
    for name in ("14593", "84788"):
        ratio = np.append(np.nan, prices[name][1:] / prices[name][:-1] - 1)
        np.testing.assert_allclose(returns_of(found.series[name]), ratio, atol=1e-6)  # PRC has 5 decimals
    assert returns_of(found.series["10107"]).isna().tolist()[4:8] == [False, True, True, False]
    assert found.series["84788"].closes == "split-adjusted"
    assert "no dividends (neither RET nor RETX)" in found.understood.remarks


def test_a_ticker_leads_to_the_permnos_that_bore_it_and_when() -> None:
    data = frame()
    data.loc[(data.PERMNO == "10107") & (data.date >= str(DAYS[25])), "TICKER"] = "NEW"
    data.loc[(data.PERMNO == "14593") & (data.date >= str(DAYS[30])), "TICKER"] = "T0"
    found = reading(data)
    assert found.aliases["T0"] == ("10107", "14593")
    assert found.aliases["NEW"] == ("10107",)
    assert found.aliases["00000002"] == ("84788",)
    assert found.alias_days["T0", "10107"] == (DAYS[0], DAYS[24])
    assert found.alias_days["T0", "14593"] == (DAYS[30], DAYS[-1])


def test_rows_repeated_by_distributions_are_one_and_contradictions_are_refused() -> None:
    data = frame()
    twice = pd.concat([data, data.iloc[[5]]], ignore_index=True)
    assert_returns(reading(twice).series, RETURNS, DAYS)
    twice.loc[len(data), "RET"] = "0.5"
    with pytest.raises(FileContentError, match=r"f\.csv:122: 10107 has ret .* and 0.5 on 2019-01-09"):
        reading(twice)


def test_percent_is_asked_about_and_taken_when_stated() -> None:
    data = frame()
    data["RET"] = [cell if cell == "C" else f"{100 * float(cell):.4f}" for cell in data.RET]
    with pytest.raises(FileContentError, match="--values percent"):
        reading(data)
    percent = reading(data.drop(columns="vwretd"), values="percent")
    assert_returns(percent.series, RETURNS, DAYS)


def test_a_market_with_two_figures_on_a_day_is_refused() -> None:
    data = frame()
    data.loc[5, "vwretd"] = "0.5"
    with pytest.raises(FileContentError, match=r"vwretd is .* on 2019-01-09"):
        reading(data)


def test_a_monthly_file_is_refused() -> None:
    data = frame()
    data["date"] = np.tile(pd.date_range("2015-01-31", periods=len(DAYS), freq="ME").strftime("%Y-%m-%d"), 3)
    with pytest.raises(FileContentError, match="has a row every 31 days; give the daily file"):
        reading(data)
