"""Time stamps of daily rows: midnights that were converted are dates again, or an error says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from exchange_days import PLACES, SPAN, sessions_of

from eventstudy.errors import PriceDataError
from eventstudy.sessions import Stamps, session_days, trading_sessions


def stamps(moments: pd.DatetimeIndex) -> Stamps:
    """Return the stamps of an index, by Python's own arithmetic."""
    local = [moment.replace(tzinfo=None) for moment in moments.to_pydatetime()]
    days = np.array([moment.date() for moment in local], dtype="datetime64[D]")
    clock = np.array([(each - datetime.combine(each.date(), datetime.min.time())).seconds for each in local])
    ahead = [moment.utcoffset() for moment in moments.to_pydatetime()]
    offset = np.array([np.nan if each is None else each.total_seconds() for each in ahead])
    return Stamps(days, clock.astype(np.int64), offset)


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


def test_written_dates_on_which_the_exchange_was_closed_are_no_sessions() -> None:
    """Midnights of Seoul in UTC are mornings of New York, on Sundays and on no Friday."""
    seoul = sessions_of("XKRX").tz_localize("Asia/Seoul")
    for zone in ("UTC", "America/New_York"):
        for exchange in ("XNYS", ""):
            with pytest.raises(PriceDataError, match=r"converted to another time zone.*name its exchange"):
                session_days("X", stamps(seoul.tz_convert(zone)), exchange)
    early = stamps((sessions_of("XNYS") + pd.Timedelta(hours=3)).tz_localize("America/New_York"))
    days, _ = session_days("X", early, "XNYS")  # nothing trades at three, but the day is clear
    np.testing.assert_array_equal(days, trading_sessions("XNYS", *SPAN))


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
