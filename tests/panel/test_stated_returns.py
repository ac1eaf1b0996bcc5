"""Returns that a source states in place of prices: on any axis of sessions, and under every rule."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from eventstudy.panel.returns import returns_from_prices
from eventstudy.prices.series import between, series_of
from eventstudy.prices.source import PriceSeries
from eventstudy.soundness import findings
from eventstudy.soundness.cross_check import compare_series

DAYS = np.arange("2024-01-01", "2024-12-31", dtype="datetime64[D]")
WEEKDAYS = DAYS[np.is_busday(DAYS)]
ROUNDING = 1e-14  #: of 1 + r - 1, in double precision


def stated(returns: np.ndarray, sessions: np.ndarray = WEEKDAYS, **columns: np.ndarray) -> PriceSeries:
    return series_of("AAA", sessions, {"return": returns, **columns}, "memory")


@pytest.fixture
def returns() -> np.ndarray:
    return np.random.default_rng(7).normal(0, 0.01, len(WEEKDAYS))


def on_axis(series: PriceSeries, axis: np.ndarray, kind: str = "simple") -> np.ndarray:
    return returns_from_prices({"AAA": series}, {"": axis}, kind).values[:, 0]  # type: ignore[arg-type]


def test_returns_are_taken_as_they_are_whatever_the_closes_say(returns: np.ndarray) -> None:
    closes = np.linspace(100, 900, len(returns))
    series = stated(returns, close=closes)
    np.testing.assert_array_equal(on_axis(series, WEEKDAYS), returns)
    np.testing.assert_array_equal(on_axis(series, WEEKDAYS, "log"), np.log1p(returns))
    assert series.close.tolist() == closes.tolist()
    assert not series.price_index


def test_a_missing_return_leaves_the_next_one(returns: np.ndarray) -> None:
    returns[10] = np.nan
    values = on_axis(stated(returns), WEEKDAYS)
    assert np.flatnonzero(np.isnan(values)).tolist() == [10]


def test_a_row_that_is_not_there_is_a_missing_return(returns: np.ndarray) -> None:
    there = np.ones(len(returns), dtype=bool)
    there[[20, 21]] = False
    values = on_axis(stated(returns[there], WEEKDAYS[there]), WEEKDAYS)
    np.testing.assert_array_equal(values, np.where(there, returns, np.nan))


def test_sessions_that_an_axis_lacks_are_compounded(returns: np.ndarray) -> None:
    """Against the closes that the returns make, sampled on the same axis."""
    axis = np.delete(WEEKDAYS, [5, 6, 30])
    closes = 100 * np.cumprod(1 + returns)
    of_prices = series_of("AAA", WEEKDAYS, {"close": closes}, "memory")
    ours, theirs = on_axis(stated(returns), axis), on_axis(of_prices, axis)
    np.testing.assert_allclose(ours[1:], theirs[1:], rtol=0, atol=ROUNDING)
    returns[6] = np.nan
    assert np.isnan(on_axis(stated(returns), axis)[5])


def test_sessions_before_the_axis_do_not_enter_it(returns: np.ndarray) -> None:
    np.testing.assert_array_equal(on_axis(stated(returns), WEEKDAYS[50:]), returns[50:])
    later = WEEKDAYS[50:] + np.timedelta64(0, "D")
    alone = np.concatenate([[np.datetime64("2024-01-06")], later])  # a Saturday, which the series lacks
    values = on_axis(stated(returns), alone)
    assert np.isnan(values[0])


def test_a_span_is_cut_with_its_returns_and_ends_with_the_last_known_one(returns: np.ndarray) -> None:
    returns[:3] = np.nan
    returns[-2:] = np.nan
    series = stated(returns)
    assert series.sessions[[0, -1]].tolist() == [WEEKDAYS[3].item(), WEEKDAYS[-3].item()]
    part = between(series, date(2024, 3, 1), date(2024, 3, 29))
    assert part.returns is not None
    assert len(part.returns) == len(part.sessions) == 21


def test_raw_closes_beside_returns_are_no_finding(returns: np.ndarray) -> None:
    """A split in closes that nobody measures is nothing to report; a wrong return is."""
    closes = 100 * np.cumprod(1 + returns)
    closes[100:] /= 10
    series = stated(returns, close=closes, high=closes * 0.5)
    assert [found for found in findings(series, calendars=False) if found.severity != "info"] == []
    returns[100] = 9.0
    found = findings(stated(returns), calendars=False)
    assert [each.session for each in found if each.severity == "error"] == [WEEKDAYS[100].item()]


def test_returns_and_the_closes_they_come_from_agree(returns: np.ndarray) -> None:
    of_prices = series_of("AAA", WEEKDAYS, {"close": 50 * np.cumprod(1 + returns)}, "memory")
    assert compare_series(stated(returns), of_prices, ("a", "b")) == []
    returns[60] += 0.02
    assert compare_series(stated(returns), of_prices, ("a", "b")) != []


def total_returns(series: PriceSeries) -> np.ndarray:
    return (series.close[1:] + series.dividend[1:]) / series.close[:-1] - 1


def test_raw_closes_with_splits_and_dividends_make_total_returns() -> None:
    """``r_t = (C_t + D_t) S_t / C_{t-1} - 1`` by hand; a split of 5 % is one as well."""
    rng = np.random.default_rng(3)
    closes = 100 * np.cumprod(1 + rng.normal(0, 0.03, 60))
    split, dividend = np.zeros(60), np.zeros(60)
    split[20], split[40], dividend[10], dividend[40] = 4.0, 1.05, 0.7, 0.2
    ratio = np.where(split > 0, split, 1.0)
    closes /= np.cumprod(ratio)
    columns = {"close": closes, "split": split, "dividend": dividend}
    series = series_of("AAA", WEEKDAYS[:60], columns, "memory", closes="raw")
    by_hand = (closes[1:] + dividend[1:]) * ratio[1:] / closes[:-1] - 1
    np.testing.assert_allclose(total_returns(series), by_hand, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("closes", ["adjusted", "total-return-index"])
def test_closes_that_hold_all_are_not_paid_twice(closes: str) -> None:
    rng = np.random.default_rng(4)
    prices = 100 * np.cumprod(1 + rng.normal(0, 0.01, 60))
    columns = {"close": prices, "dividend": np.full(60, 0.5), "split": np.where(np.arange(60) == 30, 2.0, 0)}
    series = series_of("AAA", WEEKDAYS[:60], columns, "memory", closes=closes)  # type: ignore[arg-type]
    np.testing.assert_allclose(total_returns(series), prices[1:] / prices[:-1] - 1, rtol=0, atol=ROUNDING)
    assert series.adjusted_only and not series.price_index
