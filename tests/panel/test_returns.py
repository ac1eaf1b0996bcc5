"""Total returns from prices: ex-dates, gaps, lumped returns, other exchanges, and tables of returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import BUNDLED, bundled, bundled_returns, pick

from eventstudy.errors import PriceDataError
from eventstudy.panel.returns import (
    ReturnMatrix,
    from_simple,
    returns_from_frame,
    returns_from_prices,
    to_simple,
    union_axis,
)
from eventstudy.prices.source import PriceSeries

DAYS = np.array(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], dtype="datetime64[D]")


def series(closes: Any, dividends: Any = None, days: Any = DAYS, ticker: str = "A") -> PriceSeries:
    close = np.array(closes, dtype=float)
    cash = np.zeros(len(close)) if dividends is None else np.array(dividends, dtype=float)
    return PriceSeries(ticker, np.asarray(days), close, close, close, close, close, cash, "test")


def column(prices: PriceSeries, axis: Any = DAYS, kind: Any = "simple") -> ReturnMatrix:
    return returns_from_prices({prices.ticker: prices}, {"X": np.asarray(axis)}, kind)


def test_a_return_is_price_and_dividend_over_the_price_before() -> None:
    found = column(series([100, 102, 99, 99, 110], [0, 0, 2, 0, 1]))
    np.testing.assert_allclose(found.values[1:, 0], [0.02, 101 / 102 - 1, 0.0, 111 / 99 - 1], rtol=RTOL)
    assert np.isnan(found.values[0, 0])
    logs = column(series([100, 102, 99, 99, 110], [0, 0, 2, 0, 1]), kind="log")
    np.testing.assert_allclose(logs.values, np.log1p(found.values), rtol=RTOL)


def test_a_missing_price_makes_two_returns_missing() -> None:
    found = column(series([100, 102, np.nan, 104, 106]))
    np.testing.assert_array_equal(np.isnan(found.values[:, 0]), [True, False, True, True, False])
    absent = column(series([100, 102, 104, 106], days=DAYS[[0, 1, 3, 4]]))
    np.testing.assert_array_equal(found.values, absent.values)
    for bad in (0.0, -104.0):
        np.testing.assert_array_equal(column(series([100, 102, bad, 104, 106])).values, found.values)


def test_the_lumped_return_spans_the_gap_with_its_dividends() -> None:
    found = column(series([100, 102, np.nan, 104, 106], [0, 0, 3, 1, 0]))
    np.testing.assert_allclose(found.lumped[3, 0], (104 + 3 + 1) / 102 - 1, rtol=RTOL)
    np.testing.assert_array_equal(found.span[:, 0], [1, 1, 1, 2, 1])
    assert np.isnan(found.lumped[2, 0])
    assert found.lumped[4, 0] == found.values[4, 0]


def test_an_ex_date_that_is_no_session_goes_to_the_next_one() -> None:
    """The axis leaves out the 3rd; the dividend of that day is earned by whoever holds over it."""
    axis = DAYS[[0, 1, 3, 4]]
    found = column(series([100, 102, 103, 104, 106], [0, 0, 2, 0, 0]), axis)
    np.testing.assert_allclose(found.values[2, 0], (104 + 2) / 102 - 1, rtol=RTOL)
    before = column(series([100, 102, 103, 104, 106], [5, 0, 0, 0, 0]), DAYS[1:])
    np.testing.assert_allclose(before.values[1, 0], 103 / 102 - 1, rtol=RTOL)
    last = column(series([100, 102, 103, 104, 106], [0, 0, 0, 0, 9]), DAYS[:4])
    np.testing.assert_allclose(last.values[-1, 0], 104 / 103 - 1, rtol=RTOL)


def test_a_series_of_another_exchange_is_sampled_on_the_security_s_sessions() -> None:
    """Where the benchmark's exchange is open on the 3rd alone, its return to the 4th covers both days."""
    home, away = DAYS[[0, 1, 3, 4]], DAYS[[0, 1, 2, 3]]
    prices = {
        "A": series([50, 51, 52, 53], days=home),
        "B": series([100, 101, 110, 111], days=away, ticker="B"),
    }
    found = returns_from_prices(prices, {"HOME": home, "AWAY": away}, "simple")
    assert found.blocks == {"HOME": (0, 3), "AWAY": (4, 7)}
    b = found.columns["B"]
    np.testing.assert_allclose(found.values[1:3, b], [0.01, 111 / 101 - 1], rtol=RTOL)
    assert np.isnan(found.values[3, b])
    np.testing.assert_allclose(found.values[5:8, b], [0.01, 110 / 101 - 1, 111 / 110 - 1], rtol=RTOL)
    np.testing.assert_array_equal(np.isnan(found.values[4:, 0]), [True, False, True, True])


def test_a_wiped_out_security_has_no_log_return() -> None:
    np.testing.assert_array_equal(from_simple(np.array([-1.0, -2.0]), "log"), [np.nan, np.nan])
    np.testing.assert_allclose(to_simple(from_simple(np.array([-0.9, 0.4]), "log"), "log"), [-0.9, 0.4])


def test_the_union_of_dates_is_the_axis_of_tables_without_a_calendar() -> None:
    both = union_axis([series([1, 2], days=DAYS[:2]), series([1, 2], days=DAYS[1:3])])
    np.testing.assert_array_equal(both, DAYS[:3])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"A": [0.1, 0.2]}, index=["x", "y"]), "index is not dates"),
        (pd.DataFrame({"A": [0.1, 0.2]}, index=pd.DatetimeIndex(["2024-01-02"] * 2)), "2024-01-02 repeats"),
        (
            pd.DataFrame({"A": [0.1, 0.2]}, index=pd.DatetimeIndex(["2024-01-03", "2024-01-02"])),
            "out of order",
        ),
        (
            pd.DataFrame({"A": ["x", "y"]}, index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"])),
            "not numeric",
        ),
        *(
            (
                pd.DataFrame({"A": values}, index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"])),
                "the column A is not numeric",
            )
            for values in (
                [True, False],
                [True, None],
                ["0.1", "0.2"],
                pd.to_datetime(["2024-01-02", "2024-01-03"]),
            )
        ),
        (pd.DataFrame({"A": []}, index=pd.DatetimeIndex([])), "no rows"),
        (
            pd.DataFrame([[0.1, 0.2]], columns=["A", "A"], index=pd.DatetimeIndex(["2024-01-02"])),
            "same name",
        ),
    ],
)
def test_a_table_of_returns_that_cannot_be_used_says_why(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(PriceDataError, match=message):
        returns_from_frame(frame, "simple")


def test_infinite_returns_of_a_table_are_refused_with_their_place() -> None:
    frame = pd.DataFrame({"A": [np.inf, 0.1]}, index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    with pytest.raises(PriceDataError, match="A on 2024-01-02 is infinite"):
        returns_from_frame(frame, "simple")


def test_the_bundled_returns_are_total_returns_of_the_pinned_prices() -> None:
    for ticker in (*BUNDLED, "SPY"):
        rows = pick(bundled().prices, ticker=ticker).set_index("session")["ret"].iloc[1:]  # the base price
        expected = bundled_returns().loc[rows.index, ticker]
        np.testing.assert_allclose(rows, expected, rtol=RTOL, atol=RTOL * 0.01)
    paid = pick(bundled().prices, ticker="MSFT").query("dividend > 0").iloc[0]
    price = pick(bundled().prices, ticker="MSFT").set_index("session")["close"]
    before = price[price.index < paid["session"]].iloc[-1]
    assert paid["ret"] == pytest.approx((paid["close"] + paid["dividend"]) / before - 1, rel=RTOL)
    assert paid["ret"] > paid["close"] / before - 1


def test_no_split_passes_for_a_crash() -> None:
    """NVDA split 10:1 on 2024-06-10, inside the estimation windows of nine months of events."""
    returns = pick(bundled().prices, ticker="NVDA").set_index("session")["ret"]
    assert returns.loc["2024-06-10"] == pytest.approx(0.0075, abs=1e-3)
    assert returns.min() > -0.2
    residuals = pick(bundled().residuals, ticker="NVDA", event_id="deepseek-selloff").set_index("session")
    assert abs(residuals.loc["2024-06-10", "residual"]) < 0.02
