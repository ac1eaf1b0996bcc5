"""Daily rows with clocks: in every form of input the figures are those of the same rows with plain dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from exchange_days import PLACES, sessions_of
from panels import one

import eventstudy as es
from eventstudy.errors import PriceDataError
from eventstudy.events.inputs import read_inputs

PUBLISHED = 5e-7  #: half a unit of the last digit of a percent with four decimals
SAME = 1e-9  #: relative; the same arithmetic, from prices in place of returns
EVENT = date(2024, 3, 6)
NEW_YORK = "America/New_York"

Clock = Callable[[pd.DatetimeIndex, str], pd.DatetimeIndex]


def at(hour: int) -> Clock:
    return lambda days, zone: (days + pd.Timedelta(hours=hour)).tz_localize(zone)


def to(zone: str, hour: int = 0) -> Clock:
    return lambda days, own: at(hour)(days, own).tz_convert(zone)


def naive(clock: Clock) -> Clock:
    return lambda days, zone: clock(days, zone).tz_localize(None)


#: exchange, and the clock of its rows; whether a row has another date than its session
CLOCKS: dict[str, tuple[str, Clock, bool]] = {
    "midnights of Seoul by New York's clock": ("XKRX", to(NEW_YORK), True),
    "midnights of Seoul in UTC": ("XKRX", to("UTC"), True),
    "midnights of Seoul in UTC without a zone": ("XKRX", naive(to("UTC")), True),
    "midnights of London in UTC": ("XLON", to("UTC"), True),
    "midnights of London in UTC without a zone": ("XLON", naive(to("UTC")), True),
    "midnights of Sydney in UTC": ("XASX", to("UTC"), True),
    "opens of Sydney in UTC": ("XASX", to("UTC", 10), True),
    "closes of New York": ("XNYS", at(16), False),
    "closes of New York without a zone": ("XNYS", naive(at(16)), False),
    "closes of New York in UTC": ("XNYS", to("UTC", 16), False),
    "closes of New York by Seoul's clock": ("XNYS", to("Asia/Seoul", 16), True),
}


def returns_of(place: str) -> pd.DataFrame:
    ticker, market, _ = PLACES[place]
    index = sessions_of(place).rename("date")
    draws = np.random.default_rng(7).normal(0.0, 0.01, (len(index), 2))
    return pd.DataFrame({market: draws[:, 0], ticker: 1.2 * draws[:, 0] + draws[:, 1]}, index=index)


def written(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        frame.to_csv(path)
    else:
        frame.reset_index().to_parquet(path)
    return path


FORMS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "csv": lambda frame, folder: written(frame, folder / "a.csv"),
    "parquet": lambda frame, folder: written(frame, folder / "a.parquet"),
    "polars": lambda frame, folder: pl.from_pandas(frame.reset_index()),
    "pandas": lambda frame, folder: frame,
}


def measured(place: str, **data: Any) -> tuple[float, float, set[str]]:
    """Return the CAR of day 0, its standard error, and the rules of the findings."""
    ticker, market, _ = PLACES[place]
    event = es.Event("e", EVENT, tickers=(ticker,))
    result = es.run([event], design=es.Design(benchmark=market), **data)
    row = one(result.cars, start=0, end=0)
    return float(row["car"]), float(row["car_se"]), set(result.findings["rule"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_clocks_give_the_figures_of_plain_dates(clock: str, form: str, tmp_path: Path) -> None:
    place, moments, moved = CLOCKS[clock]
    returns = returns_of(place)
    stamped = returns.set_axis(moments(sessions_of(place), PLACES[place][2]).rename("date"))
    *right, rules = measured(place, returns=returns)
    assert "time-stamps" not in rules
    for name, table in (("returns", stamped), ("prices", 100.0 * (1.0 + stamped).cumprod())):
        *found, rules = measured(place, **{name: FORMS[form](table, tmp_path)})
        assert found == pytest.approx(right, rel=SAME)
        assert ("time-stamps" in rules) == moved


def long_of(places: dict[str, Clock]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the prices of several exchanges in one long table, with plain dates and with clocks in UTC."""
    tables = []
    for place, moments in places.items():
        prices = 100.0 * (1.0 + returns_of(place)).cumprod()
        days = sessions_of(place)
        stamps = moments(days, PLACES[place][2]).tz_convert("UTC")
        for name, values in prices.items():
            tables.append(pd.DataFrame({"day": days, "date": stamps, "ticker": name, "close": values.array}))
    table = pd.concat(tables, ignore_index=True)
    return table.drop(columns="date").rename(columns={"day": "date"}), table.drop(columns="day")


@pytest.mark.parametrize("form", FORMS)
def test_each_exchange_of_one_table_has_its_own_midnights(form: str, tmp_path: Path) -> None:
    clocks = {"XKRX": at(0), "XLON": at(0), "XASX": at(0), "XNYS": at(0), "24/7": at(0)}
    plain, stamped = (table.set_index("date") for table in long_of(clocks))
    right, found = es.read_prices(plain.reset_index()), es.read_prices(FORMS[form](stamped, tmp_path))
    for place in clocks:
        for name in PLACES[place][:2]:
            one_, other = right.whole(name), found.whole(name)
            np.testing.assert_array_equal(other.sessions, one_.sessions)
            np.testing.assert_array_equal(other.close, one_.close)
            told = {finding.rule for finding in other.findings}
            assert ("time-stamps" in told) == (place in ("XKRX", "XLON", "XASX"))
    assert measured("XLON", prices=found)[:2] == measured("XLON", prices=right)[:2]


def test_an_exchange_that_no_suffix_tells_is_the_one_that_is_named(tmp_path: Path) -> None:
    returns = returns_of("XKRX").rename(columns={"005930.KS": "005930", "^KS11": "KOSPI"})
    stamped = returns.set_axis(to("UTC")(sessions_of("XKRX"), "Asia/Seoul").rename("date"))
    file = written(100.0 * (1.0 + stamped).cumprod(), tmp_path / "prices.csv")
    event, design = es.Event("e", EVENT, tickers=("005930",)), es.Design(benchmark="KOSPI")
    right = one(es.run([event], design=design, returns=returns, exchange="XKRX").cars, start=0, end=0)
    found = es.run([event], design=design, prices=file, exchange="XKRX")
    assert one(found.cars, start=0, end=0)["car"] == pytest.approx(right["car"], rel=SAME)
    for exchange in ("XNYS", "XTKS"):  # Tokyo has Seoul's midnights, and other holidays
        try:
            other = es.run([event], design=design, prices=file, exchange=exchange)
        except PriceDataError as error:
            assert exchange == "XNYS" and "converted to another time zone" in str(error)
        else:
            assert exchange == "XTKS" and len(other.findings)


def test_the_dividends_of_a_folder_are_on_the_sessions_of_the_exchange(tmp_path: Path) -> None:
    from eventstudy.prices.files.source import DirectorySource

    days = sessions_of("XLON")
    closes = pd.DataFrame({"close": np.linspace(50, 60, len(days))})
    paid = pd.DataFrame({"ticker": "VOD.L", "ex_date": days[[120, 250, 380]], "amount": [1.0, 2.0, 3.0]})
    loaded = []
    for name, zone in (("plain", None), ("stamped", "Europe/London")):
        folder = tmp_path / name
        folder.mkdir()

        def stamps(given: Any, zone: str | None = zone) -> pd.Series:
            column = pd.Series(given).reset_index(drop=True)
            return column if zone is None else column.dt.tz_localize(zone).dt.tz_convert("UTC")

        closes.assign(date=stamps(days)).to_csv(folder / "VOD.L.csv", index=False)
        paid.assign(ex_date=stamps(paid["ex_date"])).to_csv(folder / "dividends.csv", index=False)
        loaded.append(DirectorySource(folder).whole("VOD.L"))
    np.testing.assert_array_equal(loaded[1].sessions, loaded[0].sessions)
    np.testing.assert_array_equal(loaded[1].dividend, loaded[0].dividend)
    assert np.count_nonzero(loaded[0].dividend) == 3


def test_intraday_prices_are_refused_by_name(tmp_path: Path) -> None:
    days = sessions_of("XNYS")[:80]
    hourly = pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in days for hour in (15, 16, 17)])
    for zone in (None, "UTC"):
        frame = pd.DataFrame({"close": 100.0}, index=hourly.tz_localize(zone).rename("date"))
        failed = es.read_prices(written(frame, tmp_path / "NVDA.csv")).load(["NVDA"], days[0], days[-1])
        assert "NVDA in NVDA.csv: has several times on 2022-01-03: intraday" in failed.failures["NVDA"]


def test_moments_with_offsets_of_summer_and_winter_keep_their_dates() -> None:
    returns = returns_of("XLON").set_axis(sessions_of("XLON"))
    zone = ZoneInfo("Europe/London")
    fixed = [pd.Timestamp(day.date(), tz=zone).isoformat() for day in returns.index]
    objects = returns.set_axis(pd.Index([datetime.fromisoformat(text) for text in fixed], dtype=object))
    right = measured("XLON", returns=returns)
    assert measured("XLON", returns=objects) == right
    assert measured("XLON", prices=100.0 * (1.0 + objects).cumprod())[0] == pytest.approx(right[0], rel=SAME)


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


@pytest.mark.parametrize("written_as", [int, str])
def test_seconds_since_1970_in_an_event_list_are_moments(written_as: type, tmp_path: Path) -> None:
    """The 5th of March at 16:30 in New York is after the close: the next session reacts."""
    seconds = int(datetime(2024, 3, 5, 16, 30, tzinfo=ZoneInfo(NEW_YORK)).timestamp())
    frame = pd.DataFrame({"event_id": ["e", "f"], "ticker": ["NVDA", "SAP.DE"], "when": [seconds, seconds]})
    frame["when"] = frame["when"].astype(written_as)
    frame.to_parquet(tmp_path / "events.parquet")
    found = read_inputs(tmp_path / "events.parquet", es.Design(benchmark="SPY")).firm_events()
    assert found.session.astype(str).tolist() == ["2024-03-06", "2024-03-06"]
