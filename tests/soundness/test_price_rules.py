"""Columns that are no closes, days that are no sessions, and files of another security."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from price_walks import YEARS, before, series, walk

import eventstudy as es
from eventstudy.errors import PriceDataError
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.soundness import findings

AT = 400


def errors(prices: PriceSeries) -> list[Finding]:
    return [found for found in findings(prices) if found.severity == "error"]


class TestDividends:
    def test_a_large_one_without_a_fall_is_an_error(self) -> None:
        columns = walk()
        columns["dividend"][AT] = 0.3 * columns["close"][AT - 1]
        (found,) = errors(series(columns))
        assert (found.rule, str(found.session)) == ("wrong-dividend", str(YEARS[AT]))

    def test_a_large_one_that_the_price_falls_by_is_a_dividend(self) -> None:
        columns = before(walk(), AT, 1 / 0.7)
        columns["dividend"][AT] = 0.3 * columns["close"][AT - 1]
        assert errors(series(columns)) == []


class TestClosesAlone:
    @pytest.mark.parametrize("ratio", [10.0, 0.1, 20.0])
    def test_a_tenfold_ratio_that_stays_is_an_error(self, ratio: float) -> None:
        (found,) = errors(series({"close": before(walk(), AT, ratio)["close"]}))
        assert (found.rule, str(found.session)) == ("unapplied-split", str(YEARS[AT]))

    def test_one_that_comes_back_is_none(self) -> None:
        close = walk()["close"]
        close[AT] /= 10
        assert [found for found in errors(series({"close": close})) if found.rule == "unapplied-split"] == []

    def test_volumes_and_returns_are_no_prices(self) -> None:
        columns = walk()
        returns = np.diff(np.log(columns["close"]), prepend=0.001)
        for wrong in (columns["volume"], returns):
            assert "no-prices" in {found.rule for found in errors(series({"close": wrong}))}
        assert errors(series({"close": columns["close"]})) == []


class TestFilledDays:
    def test_opens_in_the_place_of_closes_are_an_error(self) -> None:
        columns = walk()
        (found,) = errors(series(columns | {"close": columns["open"]}))
        assert found.rule == "no-prices" and "100% of its closes are the session's open" in found.detail
        flat = dict.fromkeys(("open", "high", "low"), columns["close"])  # a source of closes alone
        assert not errors(series(columns | flat))

    def test_a_long_run_is_an_error_on_each_of_its_sessions(self) -> None:
        close = walk()["close"]
        close[300:315] = close[299]
        found = errors(series({"close": close}))
        assert {each.rule for each in found} == {"stale-run"}
        assert [str(each.session) for each in found] == [str(day) for day in YEARS[300:315]]

    def test_calendar_days_filled_in_are_an_error(self) -> None:
        close = pd.Series(walk()["close"], index=pd.DatetimeIndex(YEARS)).resample("D").ffill()
        filled = series({"close": close.to_numpy()}, sessions=close.index.to_numpy().astype("datetime64[D]"))
        assert ("extra-session", None) in {(each.rule, each.session) for each in errors(filled)}

    def test_midnights_of_another_zone_are_named(self) -> None:
        index = pd.DatetimeIndex(YEARS).tz_localize("UTC").tz_convert("America/New_York")
        early = index.tz_localize(None).to_numpy().astype("datetime64[D]")
        (found,) = [each for each in errors(series(walk(), sessions=early)) if each.rule == "extra-session"]
        assert "from Sunday to Thursday" in found.detail and "tz_convert" in found.detail


@pytest.mark.parametrize(("by", "week"), [(-1, "Sunday to Thursday"), (1, "Tuesday to Saturday")])
def test_midnights_of_another_zone_in_returns_are_named(by: int, week: str, rng: np.random.Generator) -> None:
    index = pd.bdate_range("2020-01-01", periods=400) + pd.Timedelta(days=by)
    table = pd.DataFrame(rng.normal(0, 0.01, (400, 2)), index=index, columns=["A", "MKT"])
    for suffix, rules in (("", {"weekdays"}), (".TA", set() if by < 0 else None)):
        renamed = table.rename(columns=lambda name, end=suffix: f"{name}{end}")
        events = pd.DataFrame({"event_id": ["e"], "ticker": [f"A{suffix}"], "session": [index[350].date()]})
        design = es.Design(benchmark=f"MKT{suffix}", max_loss=1.0)
        found = es.run(events, returns=renamed, design=design).findings
        if rules is not None:  # Tel Aviv trades on Sundays, and not on Saturdays
            assert set(found["rule"]) == rules
            assert found["detail"].str.contains(week).all()


def test_returns_at_weekends_are_an_error_where_the_exchange_is_closed(rng: np.random.Generator) -> None:
    index = pd.date_range("2020-01-01", periods=500)
    table = pd.DataFrame(rng.normal(0, 0.01, (500, 2)), index=index, columns=["A", "MKT"])
    for suffix, rules in ((".L", {"weekdays"}), ("", set()), ("-USD", set())):
        renamed = table.rename(columns=lambda name, end=suffix: f"{name}{end}")
        events = pd.DataFrame({"event_id": ["e"], "ticker": [f"A{suffix}"], "session": [index[450].date()]})
        design = es.Design(benchmark=f"MKT{suffix}", max_loss=1.0)
        found = es.run(events, returns=renamed, design=design).findings
        assert set(found["rule"]) == rules
        assert (
            found["detail"].str.contains("28% of its returns are on Saturdays and Sundays, when XLON").all()
        )


class TestTheOnlyColumnOfAFile:
    def read(self, folder: Path, title: str) -> PriceSeries:
        frame = pd.DataFrame({"date": YEARS.astype(str), title: walk()["close"]})
        frame.to_csv(folder / "NVDA.csv", index=False)
        batch = DirectorySource(folder).load(["NVDA"], date(2022, 1, 1), date(2025, 1, 1))
        if batch.failures:
            raise PriceDataError("NVDA", batch.failures["NVDA"])
        return batch.series["NVDA"]

    @pytest.mark.parametrize("title", ["Price", "PX", "Adj", "NVDA", "nvda", "Schlusskurs", "value", "Close"])
    def test_is_its_closes(self, title: str, tmp_path: Path) -> None:
        np.testing.assert_allclose(self.read(tmp_path, title).close, walk()["close"])

    @pytest.mark.parametrize(
        "title", ["AMD", "^GSPC", "BRK.B", "005930.KS", "Volume", "open", "Return", "Ret"]
    )
    def test_is_none_where_it_says_so(self, title: str, tmp_path: Path) -> None:
        with pytest.raises(
            PriceDataError, match=r"not closes|prices, not returns|holds prices of .*, not of NVDA"
        ):
            self.read(tmp_path, title)
