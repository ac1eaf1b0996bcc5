"""Compustat's daily security file: the total return index, keys that lost zeros, and changes of currency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, read, seeded_returns, sessions, text_table, typed_table

from eventstudy.intake.layouts.compustat import COMPUSTAT
from eventstudy.intake.series import PriceReading

DAYS = sessions(40)
SPLIT, PAID = 15, 25  #: sessions of a split of 2:1 and of a dividend of 1 %


def prices(seed: int) -> Any:
    """Return closes as quoted, adjustment and total return factors, and the total returns they mean."""
    growth = 1 + np.nan_to_num(seeded_returns(["x"], len(DAYS), seed)["x"])
    close = np.round(80 * np.cumprod(growth), 4)
    adjust = np.where(np.arange(len(DAYS)) < SPLIT, 2.0, 1.0)
    quoted = close * adjust
    factor = np.where(np.arange(len(DAYS)) < PAID, 1.0, 1.01)
    total = close * factor
    return quoted, adjust, factor, np.append(np.nan, total[1:] / total[:-1] - 1)


def frame(keys: tuple[tuple[str, str], ...] = (("001690", "01"), ("012141", "01"))) -> pd.DataFrame:
    parts = []
    for at, (gvkey, iid) in enumerate(keys):
        quoted, adjust, factor, _ = prices(at)
        parts.append(
            pd.DataFrame(
                {
                    "gvkey": gvkey, "iid": iid, "datadate": DAYS.astype(str),
                    "tic": f"T{at}", "curcdd": "USD",
                    "ajexdi": adjust.astype(str), "prcstd": "3",
                    "prccd": [f"{value:.4f}" for value in quoted],
                    "trfd": ["" if value == 1 else f"{value:.8f}" for value in factor],
                    "exchg": "11",
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def reading(data: pd.DataFrame) -> PriceReading:
    found: PriceReading = read(COMPUSTAT, text_table(data))
    return found


EXPECTED = {"001690": prices(0)[3], "012141": prices(1)[3]}


def test_returns_hold_splits_and_dividends() -> None:
    found = reading(frame())
    assert_returns(found.series, EXPECTED, DAYS)
    assert found.series["001690"].closes == "total-return-index"
    assert found.series["001690"].currency == "USD"
    assert found.series["001690"].exchange == "XNYS"
    assert_returns(reading(frame().rename(columns=str.upper)).series, EXPECTED, DAYS)


def test_quotation_units_divide_prices() -> None:
    data = frame().assign(qunit="1")
    late = data.index[(data.gvkey == "001690") & (data.datadate >= str(DAYS[20]))]
    data.loc[late, "qunit"] = "100"
    data.loc[late, "prccd"] = [f"{100 * float(value):.4f}" for value in data.loc[late, "prccd"]]
    assert_returns(reading(data).series, EXPECTED, DAYS)


@pytest.mark.parametrize("status", ["3", "4", "10"])
def test_prices_of_the_day_are_kept(status: str) -> None:
    assert_returns(reading(frame().assign(prcstd=status)).series, EXPECTED, DAYS)


def test_other_prices_are_missing() -> None:
    data = frame()
    data.loc[12, "prcstd"] = "5"
    expected = EXPECTED["001690"].copy()
    expected[[12, 13]] = np.nan
    found = reading(data)
    assert_returns(found.series, {"001690": expected}, DAYS)
    assert "1 price not of the day (prcstd) missing" in found.understood.remarks


def test_what_the_file_lacks_is_told() -> None:
    found = reading(frame().drop(columns="trfd"))
    assert found.series["001690"].closes == "split-adjusted"
    assert "no dividends (no trfd)" in found.understood.remarks
    assert reading(frame().drop(columns=["trfd", "ajexdi"])).series["001690"].closes == "raw"


def test_a_key_with_several_issues_is_asked_about_and_one_with_a_single_issue_is_its_security() -> None:
    found = reading(frame((("001690", "01"), ("001690", "02W"), ("012141", "01"))))
    assert set(found.series) == {"001690.01", "001690.02W", "012141"}
    assert set(found.aliases["001690"]) == set(found.aliases["1690"]) == {"001690.01", "001690.02W"}
    assert found.aliases["1690.01"] == ("001690.01",)
    assert found.aliases["12141"] == ("012141",)
    assert found.aliases["T2"] == ("012141",)


def test_zeros_that_a_spreadsheet_dropped_are_back() -> None:
    short = reading(frame((("1690", "1"), ("1690", "2W"), ("12141", "1"))))
    assert set(short.series) == {"001690.01", "001690.02W", "012141"}
    typed = frame()
    for column in ("gvkey", "ajexdi", "prccd", "prcstd", "trfd"):
        typed[column] = pd.to_numeric(typed[column])
    typed["datadate"] = pd.to_datetime(typed.datadate).dt.date
    assert_returns(read(COMPUSTAT, typed_table(typed)).series, EXPECTED, DAYS)


def test_over_a_change_of_currency_there_is_no_return_and_the_series_says_so() -> None:
    data = frame().drop(columns="exchg").assign(isin="X", sedol="Y")
    data.loc[(data.gvkey == "012141") & (data.datadate >= str(DAYS[30])), "curcdd"] = "EUR"
    found = reading(data)
    expected = EXPECTED["012141"].copy()
    expected[30] = np.nan
    assert_returns(found.series, {"001690": EXPECTED["001690"], "012141": expected}, DAYS)
    (remark,) = found.series["012141"].remarks
    assert (remark.severity, remark.session) == ("error", str(DAYS[30]))
    assert "from USD to EUR" in remark.detail
    assert found.series["012141"].currency == "EUR"
    assert not found.series["001690"].remarks
    assert found.series["001690"].exchange == ""  # g_secd does not tell it


@pytest.mark.parametrize(
    ("changed", "exchange"),
    [
        ({}, "XNYS"),
        ({"exchg": "7"}, "XTSE"),
        ({"exchg": "", "curcdd": "CAD"}, "XNYS"),
        ({"iid": "01W"}, ""),
        ({"exchg": "", "curcdd": "EUR"}, ""),
        ({"exchg": "194"}, ""),
        ({"sedol": "0263494"}, ""),
    ],
)
def test_only_a_security_of_north_america_has_its_sessions(changed: dict[str, str], exchange: str) -> None:
    found = reading(frame().assign(**changed))
    assert {each.exchange for each in found.series.values()} == {exchange}
