"""Datastream: codes, data types, failures, and prices that stand still where nothing trades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, grid_table, read, sessions

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.datastream import DATASTREAM
from eventstudy.intake.table import Table
from eventstudy.sessions import trading_sessions

WEEKDAYS = pd.bdate_range("2019-01-02", periods=60).to_numpy().astype("datetime64[D]")
DAYS = sessions(60)
DAYS = DAYS[np.isin(DAYS, WEEKDAYS)]
CODES = ("U:IBM", "@AAPL", "TOTMKUS")


def levels(codes: tuple[str, ...] = CODES, days: Any = DAYS) -> dict[str, Any]:
    """Return levels at the sessions, and the last one repeated on the other weekdays."""
    rng = np.random.default_rng(9)
    found = {}
    for code in codes:
        series = pd.Series(np.round(100 * np.cumprod(1 + rng.normal(0, 0.02, len(days))), 2), days)
        found[code] = series.reindex(WEEKDAYS).ffill().to_numpy().copy()
    return found


def returns(series: Any, days: Any = DAYS) -> Any:
    at_sessions = pd.Series(series, WEEKDAYS).loc[days].to_numpy()
    return np.append(np.nan, at_sessions[1:] / at_sessions[:-1] - 1)


def table(found: dict[str, Any], kind: str = "RI", ending: str = " - TOT RETURN IND", **names: str) -> Table:
    titles = [names.get(code.strip("@U:"), f"FIRM {at}{ending}") for at, code in enumerate(found)]
    rows = [
        ["Name", *titles],
        ["Code", *(f"{code}({kind})" for code in found)],
        ["CURRENCY", *["U$"] * len(found)],
    ]
    for at, day in enumerate(WEEKDAYS):
        rows.append([str(day), *("" if np.isnan(each[at]) else f"{each[at]:.2f}" for each in found.values())])
    return grid_table(rows, 3)


EXPECTED = {code: returns(series) for code, series in levels().items()}


def test_holidays_are_dropped_and_codes_are_ids() -> None:
    assert len(WEEKDAYS) > len(DAYS)
    found = read(DATASTREAM, table(levels()))
    assert_returns(found.series, EXPECTED, DAYS)
    for series in found.series.values():
        assert series.sessions.tolist() == DAYS.tolist()
        assert (series.closes, series.currency) == ("total-return-index", "USD")
    assert [found.series[code].exchange for code in CODES] == ["XNYS", "XNYS", ""]
    assert found.aliases["U:IBM(RI)"] == ("U:IBM",)
    assert f"{len(WEEKDAYS) - len(DAYS)} padded days left out" in found.understood.remarks


def test_a_single_series_of_a_known_exchange_loses_its_holidays_too() -> None:
    alone = {"U:IBM": levels()["U:IBM"]}
    assert read(DATASTREAM, table(alone)).series["U:IBM"].sessions.tolist() == DAYS.tolist()
    unknown = {"905113": levels()["U:IBM"]}
    found = read(DATASTREAM, table(unknown), exchange="XNYS")
    assert found.series["905113"].sessions.tolist() == DAYS.tolist()


def test_markets_with_different_holidays_lose_their_own() -> None:
    german = trading_sessions("XETR", WEEKDAYS[0].item(), WEEKDAYS[-1].item())
    found = levels(("U:IBM", "@AAPL")) | levels(("D:SAP", "D:BMW"), german)
    series = read(DATASTREAM, table(found)).series
    assert german.tolist() != DAYS.tolist()
    assert series["D:SAP"].sessions.tolist() == german.tolist()
    assert series["D:SAP"].exchange == "XETR"
    assert series["U:IBM"].sessions.tolist() == DAYS.tolist()
    assert_returns(series, {code: returns(found[code], german) for code in ("D:SAP", "D:BMW")}, german)


def test_a_market_that_the_code_does_not_tell_closes_where_all_of_it_stands_still() -> None:
    open_days = WEEKDAYS[np.arange(len(WEEKDAYS)) % 20 != 7]
    found = levels(("XX:ONE", "XX:TWO"), open_days) | levels(("U:IBM",))
    series = read(DATASTREAM, table(found)).series
    assert series["XX:ONE"].sessions.tolist() == open_days.tolist()
    assert series["U:IBM"].sessions.tolist() == DAYS.tolist()


def test_an_unchanged_price_on_a_session_is_a_return_of_nought() -> None:
    found = levels()
    at = int(np.flatnonzero(DAYS[30] == WEEKDAYS)[0])
    found["U:IBM"][at] = found["U:IBM"][at - 1]
    series = read(DATASTREAM, table(found)).series
    assert_returns(series, {"U:IBM": returns(found["U:IBM"])}, DAYS)
    assert pd.Series(series["U:IBM"].columns["close"]).pct_change().eq(0).sum() == 1


@pytest.mark.parametrize(("tail", "dead"), [(20, False), (2, True)])
def test_a_constant_tail_is_missing(tail: int, dead: bool) -> None:
    found = levels()
    found["@AAPL"][-tail:] = found["@AAPL"][-tail - 1]
    names = {"AAPL": "FIRM DEAD - DELIST.04/03/19 - TOT RETURN IND"} if dead else {}
    series = read(DATASTREAM, table(found, **names)).series
    assert series["@AAPL"].sessions[-1] == WEEKDAYS[-tail - 1]
    assert_returns(series, {code: EXPECTED[code] for code in ("U:IBM", "TOTMKUS")}, DAYS)


def test_failures_are_left_out_and_counted() -> None:
    whole = table(levels())
    failed = ["$$ER: 0904,NO DATA AVAILABLE", *[""] * (len(WEEKDAYS) - 1)]
    rows = [
        [*(headers[place] for headers in whole.headers), *whole.columns[place].to_pylist()]
        for place in range(len(CODES) + 1)
    ]
    rows.insert(2, ["#ERROR", "905113(RI)", "", *failed])
    rows.append(["FIRM 8 - TOT RETURN IND", "U:NONE(RI)", "U$", *failed])
    found = read(DATASTREAM, grid_table([list(row) for row in zip(*rows, strict=True)], 3))
    assert_returns(found.series, EXPECTED, DAYS)
    assert set(found.series) == set(CODES)
    assert "2 #ERROR columns left out" in found.understood.remarks


def test_prices_say_that_they_hold_no_dividends_and_the_index_is_preferred() -> None:
    found = read(DATASTREAM, table(levels(), "P", ""))
    assert "no dividends in P" in found.understood.remarks
    assert found.series["U:IBM"].closes == "split-adjusted"
    prices, index = levels(), levels(("U:IBM",))["U:IBM"] * 1.5
    both = table({"U:IBM": prices["U:IBM"]}, "P", "")
    ri = table({"U:IBM": index})
    joined = Table(
        both.name, (*both.columns, ri.columns[1]),
        tuple((*one, other[1]) for one, other in zip(both.headers, ri.headers, strict=True)),
    )  # fmt: skip
    assert read(DATASTREAM, joined).series["U:IBM"].columns["close"][0] == pytest.approx(index[0], abs=0.01)
    chosen = read(DATASTREAM, joined, value_column="P")
    assert chosen.series["U:IBM"].columns["close"][0] == prices["U:IBM"][0]
    with pytest.raises(FileContentError, match="has no column MV"):
        read(DATASTREAM, joined, value_column="MV")


def test_unpadded_types_keep_every_row() -> None:
    found = levels()
    found["U:IBM"] = pd.Series(found["U:IBM"], WEEKDAYS).loc[DAYS].reindex(WEEKDAYS).to_numpy()
    series = read(DATASTREAM, table({"U:IBM": found["U:IBM"]}, "P#S", "")).series["U:IBM"]
    known = np.isfinite(series.columns["close"])
    assert series.sessions[known].tolist() == DAYS.tolist()


def test_the_data_type_may_stand_in_the_name_alone() -> None:
    rows = [["Name", "IBM - TOT RETURN IND", "SAP - PRICE INDEX"], ["Code", "U:IBM", "D:SAP"]]
    rows += [[str(day), f"{100 + at}", f"{200 + at % 7}"] for at, day in enumerate(WEEKDAYS)]
    found = read(DATASTREAM, grid_table(rows, 2))
    assert found.series["U:IBM"].closes == "total-return-index"
    assert "no dividends in PI" in found.understood.remarks
