"""Splits, dividends and capital gains are counted once, whatever a source did with them."""

from __future__ import annotations

import numpy as np
import pytest
from price_walks import YEARS, before, series, walk

from eventstudy._typing import FloatArray
from eventstudy.prices.series import series_of
from eventstudy.prices.source import PriceSeries

AT = 400
PAID = range(30, len(YEARS) - 40, 63)
RTOL = 1e-9  #: rounding of divisions and products
CENTS = 2e-3  #: of a return: what rounding a close near ten to the cent changes

Columns = dict[str, FloatArray]


def traded(seed: int = 7, cents: bool = True, **changes: FloatArray) -> Columns:
    """Return a walk with closes on the tick, a rhythm of dividends by which it falls, and no split."""
    columns = walk(seed)
    columns["dividend"][list(PAID)] = 0.4
    falls = 1 - columns["dividend"] / columns["close"]
    columns |= {name: np.cumprod(falls) * columns[name] for name in ("open", "high", "low", "close")}
    columns["close"] = np.round(columns["close"], 2) if cents else columns["close"]
    return columns | {"split": np.zeros(len(YEARS))} | changes


def returns(prices: PriceSeries) -> FloatArray:
    return (prices.close[1:] + prices.dividend[1:]) / prices.close[:-1] - 1


def adjusted(columns: Columns) -> FloatArray:
    """Return closes adjusted for dividends, as vendors do."""
    factor = np.ones(len(YEARS))
    factor[1:] = 1 - columns["dividend"][1:] / columns["close"][:-1]
    later: FloatArray = np.append(np.cumprod(factor[:0:-1])[::-1], 1.0)
    return columns["close"] * later


def unsplit(columns: Columns, ratio: float) -> Columns:
    """Return columns as they were traded: the split is listed, and closes before it are not divided."""
    listed = np.where(np.arange(len(YEARS)) == AT, ratio, 0.0)
    made = before(columns, AT, ratio)
    return before(made, AT, ratio, "dividend") | {"split": listed}


class TestSplits:
    @pytest.mark.parametrize("ratio", [10.0, 2.0, 1.5, 1.253, 1.1, 0.1, 0.05, 31 / 1000 + 1.0 + 0.2])
    def test_a_listed_split_that_the_closes_show_is_applied(self, ratio: float) -> None:
        columns = traded()
        read = series(unsplit(columns, ratio))
        np.testing.assert_allclose(returns(read), returns(series(columns)), rtol=RTOL, atol=RTOL)
        np.testing.assert_allclose(read.volume, columns["volume"], rtol=RTOL)
        (found,) = read.findings
        assert (found.rule, found.severity, str(found.session)) == ("listed-split", "info", str(YEARS[AT]))
        assert f"the split of {ratio:g} " in found.detail

    @pytest.mark.parametrize("ratio", [10.0, 1.1, 0.1])
    def test_a_listed_split_that_was_applied_is_left_alone(self, ratio: float) -> None:
        columns = traded()
        listed = columns | {"split": np.where(np.arange(len(YEARS)) == AT, ratio, 1.0)}
        read = series(listed)
        assert read.findings == ()
        np.testing.assert_array_equal(read.close, columns["close"])

    def test_below_the_noise_a_warning_names_the_ratio(self) -> None:
        columns = traded()
        read = series(columns | {"split": np.where(np.arange(len(YEARS)) == AT, 1.01, 0.0)})
        (found,) = read.findings
        assert (found.rule, found.severity) == ("listed-split", "warning") and "1.01" in found.detail
        np.testing.assert_array_equal(read.close, columns["close"])

    @pytest.mark.parametrize("shift", [-1, 1])
    def test_one_that_shows_a_session_beside_it_is_told(self, shift: int) -> None:
        columns = before(traded(), AT + shift, 1.3)
        columns["split"][AT] = 1.3
        (found,) = (each for each in series(columns).findings if each.rule == "listed-split")
        assert found.severity == "warning" and "a session beside it" in found.detail

    def test_without_a_list_the_adjusted_closes_tell_the_split(self) -> None:
        columns = traded()
        raw = {
            name: values
            for name, values in unsplit(columns, 10.0).items()
            if name not in ("dividend", "split")
        }
        read = series(raw | {"adj_close": adjusted(columns)})
        expected = returns(series(columns))
        np.testing.assert_allclose(returns(read), expected, rtol=RTOL, atol=1e-7)
        assert [found.rule for found in read.findings] == ["listed-split"]


class TestClosesThatHoldTheDividends:
    def test_they_are_counted_once_and_told(self) -> None:
        columns = traded()
        held = series(columns | {"close": adjusted(columns)})
        assert [(found.rule, found.severity) for found in held.findings] == [("adjusted-closes", "info")]
        assert held.adjusted_only and not held.dividend.any()
        np.testing.assert_allclose(
            held.close[1:] / held.close[:-1], adjusted(columns)[1:] / adjusted(columns)[:-1]
        )
        difference = np.abs(held.close[1:] / held.close[:-1] - 1 - returns(series(columns)))
        assert difference.max() < CENTS

    @pytest.mark.parametrize("split", [1.0, 2.0, 4.0, 10.0, 3.0])
    def test_closes_on_a_grid_of_ticks_do_not_hold_them(self, split: float) -> None:
        columns = traded()
        single = (columns["close"] / split).astype(np.float32).astype(np.float64)
        smaller = {name: columns[name] / split for name in ("open", "high", "low", "dividend")}
        read = series(columns | smaller | {"close": single})
        assert read.findings == () and read.dividend.any()

    def test_whoever_knows_says_so(self) -> None:
        columns = traded()
        columns |= {"close": adjusted(columns)}
        assert series_of("AAA", YEARS, columns, "yahoo", unadjusted=True).dividend.any()
        assert not series_of("AAA", YEARS, columns, "frame").dividend.any()


@pytest.mark.parametrize("wrong", [-0.4, np.inf, -np.inf])
def test_a_dividend_that_is_none_is_an_error_and_not_counted(wrong: float) -> None:
    columns = traded()
    columns["dividend"][AT] = wrong
    read = series(columns)
    (found,) = read.findings
    assert (found.rule, found.severity, str(found.session)) == ("wrong-dividend", "error", str(YEARS[AT]))
    assert read.dividend[AT] == 0.0


def test_a_capital_gain_listed_apart_is_counted_once() -> None:
    columns = traded()
    gain = np.where(np.arange(len(YEARS)) == AT, 3.0, 0.0)
    read = series(columns | {"gain": gain})
    assert read.dividend[AT] == 3.0 + columns["dividend"][AT]
    assert [found.rule for found in read.findings] == ["capital-gain"]
