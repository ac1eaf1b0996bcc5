"""Time stamps of daily rows: midnights that were converted are dates again, or an error says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from panels import one

import eventstudy as es
from eventstudy.errors import PriceDataError
from eventstudy.sessions import Stamps, session_days, trading_sessions

SPAN = date(2022, 1, 3), date(2024, 6, 28)
PUBLISHED = 5e-7  #: half a unit of the last digit of a percent with four decimals
#: exchange, ticker, benchmark, the exchange's zone
PLACES = {
    "XKRX": ("005930.KS", "^KS11", "Asia/Seoul"),
    "XTKS": ("7203.T", "^N225", "Asia/Tokyo"),
    "XASX": ("BHP.AX", "^AXJO", "Australia/Sydney"),
    "XLON": ("VOD.L", "^FTSE", "Europe/London"),
    "XETR": ("SAP.DE", "^GDAXI", "Europe/Berlin"),
    "XNYS": ("NVDA", "SPY", "America/New_York"),
    "XTAE": ("TEVA.TA", "LUMI.TA", "Asia/Jerusalem"),
    "24/7": ("BTC-USD", "ETH-USD", "UTC"),
}


def stamps(moments: pd.DatetimeIndex) -> Stamps:
    """Return the stamps of an index, by Python's own arithmetic."""
    local = [moment.replace(tzinfo=None) for moment in moments.to_pydatetime()]
    days = np.array([moment.date() for moment in local], dtype="datetime64[D]")
    clock = np.array([(each - datetime.combine(each.date(), datetime.min.time())).seconds for each in local])
    ahead = [moment.utcoffset() for moment in moments.to_pydatetime()]
    offset = np.array([np.nan if each is None else each.total_seconds() for each in ahead])
    return Stamps(days, clock.astype(np.int64), offset)


def sessions_of(exchange: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(trading_sessions(exchange, *SPAN))


@pytest.mark.parametrize("to", ["UTC", "America/New_York", "Asia/Seoul", "Australia/Sydney", "Europe/London"])
@pytest.mark.parametrize("exchange", PLACES)
def test_midnights_of_an_exchange_are_its_sessions_in_every_zone(exchange: str, to: str) -> None:
    ticker, _, zone = PLACES[exchange]
    given = stamps(sessions_of(exchange).tz_localize(zone).tz_convert(to))
    days, why = session_days(ticker, given, exchange)
    np.testing.assert_array_equal(days, trading_sessions(exchange, *SPAN))
    assert bool(why) == bool((given.days != days).any())


@pytest.mark.parametrize("exchange", [each for each in PLACES if each != "24/7"])
def test_without_a_zone_the_clock_is_utc_where_the_calendar_agrees(exchange: str) -> None:
    ticker, _, zone = PLACES[exchange]
    utc = stamps(sessions_of(exchange).tz_localize(zone).tz_convert("UTC").tz_localize(None))
    np.testing.assert_array_equal(session_days(ticker, utc, exchange)[0], trading_sessions(exchange, *SPAN))


@pytest.mark.parametrize("clock", ["16:00", "09:30", "17:00", "15:00"])
def test_a_clock_on_the_sessions_own_dates_changes_nothing(clock: str) -> None:
    at = pd.Timedelta(f"{clock}:00")
    for exchange, zone in (("XNYS", None), ("XNYS", "America/New_York"), ("XKRX", None)):
        days, why = session_days("X", stamps((sessions_of(exchange) + at).tz_localize(zone)), exchange)
        np.testing.assert_array_equal(days, trading_sessions(exchange, *SPAN))
        assert why == ""


def test_the_open_of_sydney_in_utc_is_the_day_before() -> None:
    opens = (sessions_of("XASX") + pd.Timedelta(hours=10)).tz_localize("Australia/Sydney").tz_convert("UTC")
    assert opens[0].hour == 23
    for given, says in ((opens, "the clock of Australia/Sydney"), (opens.tz_localize(None), "hours of Aus")):
        days, why = session_days("BHP.AX", stamps(given), "XASX")
        np.testing.assert_array_equal(days, trading_sessions("XASX", *SPAN))
        assert why.startswith(says)


def test_midnights_of_utc_are_dates_in_every_zone() -> None:
    for to in ("America/New_York", "America/Los_Angeles", "Asia/Seoul"):
        given = stamps(sessions_of("XNYS").tz_localize("UTC").tz_convert(to))
        np.testing.assert_array_equal(session_days("NVDA", given, "XNYS")[0], trading_sessions("XNYS", *SPAN))


@pytest.mark.parametrize(
    ("exchange", "zone", "to"),
    [
        ("XNYS", "UTC", "America/New_York"),  # 19:00 and 20:00 of the day before
        ("XNYS", "UTC", "America/Los_Angeles"),  # 16:00 and 17:00: a day early, and no close of New York
        ("XKRX", "Asia/Seoul", "America/New_York"),
        ("24/7", "Asia/Seoul", "UTC"),  # a day of Seoul is no day of UTC
    ],
)
def test_what_cannot_be_told_is_an_error_that_names_the_conversion(exchange: str, zone: str, to: str) -> None:
    given = stamps(sessions_of(exchange).tz_localize(zone).tz_convert(to).tz_localize(None))
    with pytest.raises(PriceDataError, match=r"converted to another time zone.*tz_convert"):
        session_days("X", given, exchange)


def test_a_few_rows_inside_one_week_do_not_tell() -> None:
    given = stamps(pd.DatetimeIndex(["2024-03-05 15:00", "2024-03-06 15:00"]))
    with pytest.raises(PriceDataError, match="do not tell the session"):
        session_days("005930.KS", given, "XKRX")


def test_several_rows_of_a_day_are_intraday_data() -> None:
    hourly = [day + timedelta(hours=hour) for day in sessions_of("XNYS")[:50] for hour in (15, 16, 17)]
    for zone in (None, "UTC"):
        with pytest.raises(PriceDataError, match="several times on 2022-01-03: intraday data"):
            session_days("NVDA", stamps(pd.DatetimeIndex(hourly, tz=zone)), "XNYS")


def test_a_day_of_a_crypto_currency_may_end_with_its_last_second() -> None:
    ends = sessions_of("24/7") + pd.Timedelta(seconds=86_399)
    for zone in (None, "UTC"):
        days, _ = session_days("BTC-USD", stamps(ends.tz_localize(zone)), "24/7")
        np.testing.assert_array_equal(days, trading_sessions("24/7", *SPAN))


# whole runs, in every form of input


@pytest.fixture(params=["XKRX", "XLON", "XASX"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def returns_of(place: str) -> pd.DataFrame:
    ticker, market, _ = PLACES[place]
    index = sessions_of(place)
    draws = np.random.default_rng(7).normal(0.0, 0.01, (len(index), 2))
    return pd.DataFrame({market: draws[:, 0], ticker: 1.2 * draws[:, 0] + draws[:, 1]}, index=index)


def ar0(place: str, **data: Any) -> tuple[float, set[str]]:
    ticker, market, _ = PLACES[place]
    event = es.Event("e", date(2024, 3, 6), tickers=(ticker,))
    result = es.run([event], design=es.Design(benchmark=market), **data)
    return float(one(result.cars, start=0, end=0)["car"]), set(result.findings["rule"])


def written(frame: pd.DataFrame, path: Path) -> Path:
    (frame.to_csv if path.suffix == ".csv" else frame.to_parquet)(path)
    return path


@pytest.mark.parametrize("naive", [False, True])
def test_returns_and_prices_give_the_figures_of_their_dates(place: str, naive: bool, tmp_path: Path) -> None:
    returns = returns_of(place)
    converted = returns.index.tz_localize(PLACES[place][2]).tz_convert("UTC")
    moved = returns.set_axis(converted.tz_localize(None) if naive else converted).rename_axis("date")
    right, rules = ar0(place, returns=returns)
    assert "time-stamps" not in rules
    prices = 100.0 * (1.0 + moved).cumprod()
    for data in (
        {"returns": moved},
        {"returns": written(moved, tmp_path / "returns.csv")},
        {"returns": written(moved.reset_index(), tmp_path / "returns.parquet")},
        {"prices": prices},
        {"prices": written(prices, tmp_path / "prices.csv")},
        {"prices": written(prices.reset_index(), tmp_path / "wide.parquet")},
    ):
        ar, rules = ar0(place, **data)
        assert ar == pytest.approx(right, rel=1e-9)  # the same arithmetic, from rounded prices
        assert "time-stamps" in rules


def test_moments_with_offsets_of_summer_and_winter_keep_their_dates() -> None:
    returns = returns_of("XLON").set_axis(sessions_of("XLON"))
    zone = ZoneInfo("Europe/London")
    fixed = [pd.Timestamp(day.date(), tz=zone).isoformat() for day in returns.index]
    objects = returns.set_axis(pd.Index([datetime.fromisoformat(text) for text in fixed], dtype=object))
    right, _ = ar0("XLON", returns=returns)
    assert ar0("XLON", returns=objects)[0] == right
    assert ar0("XLON", prices=100.0 * (1.0 + objects).cumprod())[0] == pytest.approx(right, rel=1e-9)


def test_a_stamped_seoul_file_of_utc_midnights(shared: Path) -> None:
    folder = shared / "cases" / "18-utc-stamped-seoul-csv"
    result = es.run(folder / "ev.csv", prices=folder / "p", benchmark="^KS11", offline=True)
    car = one(result.cars, start=0, end=0)
    assert car["car"] == pytest.approx(0.091389, abs=PUBLISHED)
    assert car["car_se"] == pytest.approx(0.010924, abs=PUBLISHED)
    told = result.findings.loc[result.findings["rule"] == "time-stamps", "detail"]
    assert told.str.contains("midnights of Asia/Seoul").all() and len(told) == 2


def test_rows_of_factors_keep_their_dates_or_are_refused(tmp_path: Path) -> None:
    from eventstudy.prices.factors.table import read_factors

    days = sessions_of("XNYS")
    close = pd.DataFrame({"MKT": 0.01}, index=(days + pd.Timedelta(hours=16)).rename("date"))
    table = read_factors(written(close, tmp_path / "f.csv"), "decimal")
    np.testing.assert_array_equal(table.sessions, days.to_numpy().astype("datetime64[D]"))
    early = close.set_axis(days.tz_localize("Asia/Seoul").tz_convert("UTC").rename("date"))
    with pytest.raises(PriceDataError, match="converted to another time zone"):
        read_factors(written(early, tmp_path / "g.csv"), "decimal")
