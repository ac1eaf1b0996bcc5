"""What is doubtful about a series is found, told once and where, and held against the events that use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from price_walks import YEARS, before, series, walk

import eventstudy as es
from eventstudy._typing import DateArray, FloatArray
from eventstudy.errors import MaxLossError, PriceDataError
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.series import series_of
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import trading_sessions
from eventstudy.soundness import FOUND_IN_READING, RULES, Bars, findings

JANUARY = trading_sessions("XNYS", date(2024, 1, 2), date(2024, 1, 31))


def made(sessions: DateArray = JANUARY, ticker: str = "AAA", /, **changes: tuple[int, float]) -> PriceSeries:
    """Return a clean series, never twice at the same close, in which one figure of a column is another."""
    level: FloatArray = 10.0 + 0.01 * (np.arange(len(sessions), dtype=np.float64) % 2)
    columns: dict[str, FloatArray] = {"open": level, "high": level + 1, "low": level - 1, "close": level}
    columns = {name: values.copy() for name, values in columns.items()} | {"dividend": np.zeros(len(level))}
    for name, (place, value) in changes.items():
        columns[name][place] = value
    return series_of(ticker, sessions, columns, "frame")


def found(prices: PriceSeries, **options: Any) -> list[tuple[str, str | None]]:
    return [
        (f.rule, None if f.session is None else f.session.isoformat()) for f in findings(prices, **options)
    ]


def severities(prices: PriceSeries, **options: Any) -> list[tuple[str, str]]:
    return [(f.rule, f.severity) for f in findings(prices, **options)]


def test_a_clean_series_has_no_findings() -> None:
    assert findings(made()) == []
    assert findings(series(walk()), market=series(walk(8), "SPY")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"close": (4, np.nan)}, [("missing-session", "2024-01-08")]),
        ({"close": (4, 0.0)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"close": (4, -3.0)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"close": (4, np.inf)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"open": (4, 0.0)}, [("nonpositive-price", "2024-01-08")]),
        ({"high": (4, 8.0)}, [("close-outside-range", "2024-01-08"), ("high-below-low", "2024-01-08")]),
        ({"close": (4, 11.5)}, [("close-outside-range", "2024-01-08")]),
        ({"close": (4, 8.5)}, [("close-outside-range", "2024-01-08")]),
        ({"close": (4, 11.000001)}, []),  # rounding
    ],
)
def test_one_wrong_figure(changes: dict[str, tuple[int, float]], expected: list[tuple[str, str]]) -> None:
    assert found(made(**changes)) == expected


def test_a_close_far_outside_its_range_is_an_error() -> None:
    near, far = made(close=(4, 11.5)), made(close=(4, 15.0))
    assert severities(near) == [("close-outside-range", "warning")]
    assert severities(far) == [("close-outside-range", "error")]


def test_holes_and_days_that_should_not_be() -> None:
    sessions = np.delete(JANUARY, [3, 4])
    sessions = np.sort(np.append(sessions, np.array(["2024-01-15", "2024-01-20"], dtype="datetime64[D]")))
    assert found(made(sessions)) == [
        ("missing-session", "2024-01-05"),
        ("missing-session", "2024-01-08"),
        ("extra-session", "2024-01-15"),  # Martin Luther King Day
        ("extra-session", "2024-01-20"),  # a Saturday
    ]
    assert found(made(close=(4, np.nan)), calendars=False) == [("missing-session", "2024-01-08")]


def test_the_exchange_is_the_tickers_own() -> None:
    tokyo = trading_sessions("XTKS", date(2024, 1, 4), date(2024, 2, 29))
    assert found(made(tokyo, "7203.T")) == []
    assert {rule for rule, _ in found(made(tokyo, "AAA"))} == {"missing-session", "extra-session"}
    assert findings(made(tokyo, "AAA"), {"AAA": "XTKS"}) == []


def test_many_of_a_kind_are_counted_in_one_finding() -> None:
    year = trading_sessions("XNYS", date(2023, 1, 3), date(2023, 12, 29))
    weekly = made(year[::5])
    (one,) = findings(weekly)
    assert (one.rule, str(one.session)) == ("missing-session", str(year[1]))
    holes = len(year[: 5 * (len(year[::5]) - 1) + 1]) - len(year[::5])
    assert f"the first of {holes} such sessions" in one.detail
    assert "where it trades seldom, take gaps: trade-to-trade" in one.detail
    clean = made(year)
    (low,) = findings(
        series_of(
            "AAA", year, {"low": np.zeros(len(year)), "close": clean.close, "dividend": 0 * clean.close}, "x"
        )
    )
    assert "low is 0 (and on 249 more sessions): taken as missing" in low.detail


class TestRowsTwiceOrOutOfOrder:
    """Found while a file or frame is read, under the same vocabulary."""

    FRAME = pd.DataFrame(
        {"date": JANUARY.astype(str), "close": made().close, "volume": 1e6 + np.arange(len(JANUARY))}
    )

    def read(self, frame: pd.DataFrame) -> PriceSeries:
        long = frame.assign(ticker="AAA")
        batch = DirectorySource(long, "frame").load(["AAA"], date(2024, 1, 1), date(2024, 12, 31))
        assert batch.failures == {}
        return batch.series["AAA"]

    def test_the_same_row_again_is_kept_once(self) -> None:
        once, again = self.read(self.FRAME), self.read(pd.concat([self.FRAME, self.FRAME.iloc[[3]]]))
        assert [(f.rule, str(f.session), f.severity) for f in again.findings] == [
            ("unsorted", "2024-01-05", "warning"),
            ("duplicate-session", "2024-01-05", "warning"),
        ]
        assert (again.close == once.close).all() and (again.sessions == once.sessions).all()

    def test_rows_that_contradict_each_other_are_no_price(self) -> None:
        other = self.FRAME.iloc[[3]].assign(close=99.0)
        read = self.read(pd.concat([self.FRAME, other]).sort_values("date"))
        (double,) = read.findings
        assert (double.rule, str(double.session)) == ("duplicate-session", "2024-01-05")
        assert double.detail == "appears twice, rows with another close: taken as missing"
        assert np.flatnonzero(np.isnan(read.close)).tolist() == [3]
        assert not np.isnan(read.volume).any()  # on which the rows agree
        assert ("missing-session", "2024-01-05") in found(read)

    def test_rows_out_of_order_are_sorted_and_told(self) -> None:
        swapped = self.FRAME.iloc[[0, 1, 3, 2, *range(4, len(self.FRAME))]]
        (one,) = self.read(swapped).findings
        assert (one.rule, str(one.session), one.severity) == ("unsorted", "2024-01-04", "warning")
        assert "rows go back in time once" in one.detail
        (habit,) = self.read(self.FRAME[::-1]).findings
        assert (habit.rule, habit.session, habit.severity) == ("unsorted", None, "info")

    def test_a_dividend_that_the_adjusted_close_does_not_know(self) -> None:
        columns = walk()
        paid = columns["dividend"].copy()
        paid[400] = 0.02 * columns["close"][399]
        factor = np.where(np.arange(len(YEARS)) < 400, 0.98, 1.0)
        agrees = series(columns | {"adj_close": columns["close"] * factor, "dividend": paid})
        assert found(agrees) == []
        for wrong in (
            {"adj_close": columns["close"], "dividend": paid},
            {"adj_close": columns["close"] * factor},
        ):
            assert found(series(columns | wrong)) == [("dividend-mismatch", str(YEARS[400]))]


class TestStaleRuns:
    def carried(self, at: int, length: int, *names: str) -> dict[str, FloatArray]:
        columns = walk()
        for name in names:
            columns[name][at : at + length] = columns[name][at - 1]
        return columns

    @pytest.mark.parametrize("length", [1, 4])
    def test_without_volume_every_unchanged_close_is_stale(self, length: int) -> None:
        columns = self.carried(300, length, "close", "open", "high", "low")
        columns["volume"][300 : 300 + length] = 0
        (one,) = findings(series(columns))
        assert (one.rule, str(one.session), one.severity) == ("stale-run", str(YEARS[300]), "warning")
        assert (f"a run of {length} sessions" in one.detail) == (length > 1)

    def test_a_bar_carried_forward_with_its_volume(self) -> None:
        columns = self.carried(300, 2, "close", "open", "high", "low", "volume")
        assert found(series(columns)) == [("stale-run", str(YEARS[300]))]

    def test_without_known_volume_only_a_long_run_is(self) -> None:
        for length, told in ((4, []), (5, [("stale-run", str(YEARS[300]))])):
            closes = {"close": self.carried(300, length, "close")["close"]}
            assert [f for f in found(series(closes)) if f[1]] == told

    def test_a_price_that_often_stands_still_may_stand_still(self) -> None:
        rng = np.random.default_rng(3)
        cents = np.round(1.0 + 0.01 * np.cumsum(rng.choice([-1, 0, 0, 0, 1], len(YEARS))), 2)
        assert (np.diff(cents) == 0).mean() > 0.5
        cents = np.where(cents < 0.2, 0.2 + 0.01 * (np.arange(len(cents)) % 2), cents)
        assert [f for f in found(series({"close": cents})) if f[0] == "stale-run"] == []


class TestJumps:
    AT = 400

    @pytest.mark.parametrize("factor", [100.0, 0.01])
    def test_a_change_of_unit_for_good_and_for_a_session(self, factor: float) -> None:
        columns = before(walk(), self.AT, factor)
        (good,) = findings(series(columns))
        assert (good.rule, str(good.session), good.severity) == ("unit-jump", str(YEARS[self.AT]), "error")
        assert "and stays there" in good.detail
        columns = walk()
        columns["close"][self.AT] *= factor
        told = {f.rule: f for f in findings(series(columns))}
        assert set(told) == {"unit-jump", "close-outside-range"}
        assert "for this session only" in told["unit-jump"].detail

    @pytest.mark.parametrize(
        ("ratio", "name"),
        [(2, "2:1"), (3, "3:1"), (10, "10:1"), (1.5, "3:2"), (0.1, "1:10"), (0.5, "1:2"), (20, "20:1")],
    )
    def test_a_split_that_was_not_applied(self, ratio: float, name: str) -> None:
        (one,) = findings(series(before(walk(), self.AT, ratio)))
        assert (one.rule, str(one.session), one.severity) == ("unapplied-split", str(YEARS[self.AT]), "error")
        assert f"ratio of a {name} split" in one.detail

    def test_closes_alone_are_a_suspicion(self) -> None:
        halved = {"close": before(walk(), self.AT, 2)["close"]}
        assert ("unapplied-split", "warning") in severities(series(halved))
        small = {"close": before(walk(), self.AT, 1.5)["close"]}
        assert severities(series(small)) == [("kind-of-series", "info")]  # news does that as well

    @pytest.mark.parametrize("evidence", ["open", "range", "volume"])
    def test_news_of_the_same_size_is_no_split(self, evidence: str) -> None:
        columns = before(walk(), self.AT, 2)
        if evidence == "open":
            columns["open"][self.AT] = columns["close"][self.AT - 1]
            columns["high"][self.AT] = columns["open"][self.AT] * 1.001
        elif evidence == "range":
            columns["high"][self.AT] *= 1.2
        else:
            columns["volume"][self.AT] *= 10
        assert found(series(columns)) == []

    def test_a_listed_split_that_a_source_did_not_apply_settles_it(self) -> None:
        columns = before(walk(), self.AT, 2)
        columns["volume"][self.AT] *= 10
        listed = np.zeros(len(YEARS))
        listed[self.AT] = 2.0
        unapplied = replace(series(columns), split=listed)
        assert severities(unapplied) == [("unapplied-split", "error")]

    def test_a_special_dividend_on_a_quiet_day(self) -> None:
        columns = before(walk(), self.AT, 1 / 0.88)
        market = series(walk(8, 0.005), "SPY")
        (one,) = findings(series(columns), market=market)
        assert (one.rule, str(one.session), one.severity) == (
            "unapplied-dividend", str(YEARS[self.AT]), "warning",
        )  # fmt: skip
        assert findings(series(columns)) == []  # without a market nobody can tell
        columns["dividend"][self.AT] = 0.12 * columns["close"][self.AT - 1]
        assert findings(series(columns), market=market) == []
        crash = series(before(walk(8, 0.005), self.AT, 1 / 0.95), "SPY")
        columns["dividend"][self.AT] = 0
        assert findings(series(columns), market=crash) == []


class TestDividendRhythm:
    def paying(self, *missing: int) -> PriceSeries:
        columns = walk()
        for n, at in enumerate(range(20, len(YEARS), 63)):
            columns["dividend"][at] = 0.0 if n in missing else 0.4
        return series(columns)

    def test_a_regular_payer_that_skips_one(self) -> None:
        assert findings(self.paying()) == []
        ((rule, session),) = found(self.paying(5))
        assert rule == "missing-dividend"
        due = YEARS[20 + 5 * 63]
        assert abs(np.datetime64(str(session)) - due) <= np.timedelta64(5, "D")

    def test_who_changes_the_rhythm_or_stops_skips_nothing(self) -> None:
        assert findings(self.paying(1, 2, 3, 4)) == []
        assert findings(self.paying(8, 9, 10, 11)) == []
        assert findings(self.paying(1, 3, 5, 7, 9)) == []  # half-yearly


class TestShiftedDates:
    def pair(self, shift: int, n: int = len(YEARS)) -> tuple[PriceSeries, PriceSeries]:
        market = walk(8, 0.01)
        own = 30 * np.exp(np.log(market["close"]) + np.cumsum(np.random.default_rng(9).normal(0, 0.01, n)))
        return series({"close": np.roll(own, shift)[1:-1]}, sessions=YEARS[1:-1]), series(market, "SPY")

    @pytest.mark.parametrize(("shift", "word"), [(0, ""), (1, "before"), (-1, "after")])
    def test_it_moves_with_the_market_of_another_session(self, shift: int, word: str) -> None:
        own, market = self.pair(shift)
        told = [f for f in findings(own, market=market) if f.rule == "date-shift"]
        assert len(told) == (5 if shift else 0)
        assert all(f"of the session {word}" in f.detail for f in told)

    def test_another_exchange_may_well_lag(self) -> None:
        own, market = self.pair(1)
        assert "date-shift" not in dict(found(own, exchanges={"SPY": "XTSE"}, market=market))


def test_what_kind_of_closes_they_are(shared: Path) -> None:
    source = DirectorySource(shared / "prices")
    assert found(source.whole("ASML")) == [("kind-of-series", None)]
    assert found(source.whole("^GSPC")) == [("kind-of-series", None)]
    assert found(source.whole("NVDA")) == []
    marks = DirectorySource(shared / "peers" / "sp500_additions" / "prices.csv").whole("Office_Depot")
    assert found(marks) == [
        ("kind-of-series", None),
        ("missing-session", "1997-03-10"),
        ("nonpositive-price", "1997-03-10"),
        ("missing-session", "1997-04-04"),
        ("nonpositive-price", "1997-04-04"),
    ]


#: What the rules say of the 28 real series, each looked at beside the prices around it: no false alarm.
KNOWN = {
    ("QQQ", "missing-dividend", "2020-09-21"),  # it paid that day; the source's dividend file lacks it
    ("^DJI", "stale-run", "2015-11-27"),  # close and volume are those of 25 November; open and range are not
    *(
        ("VRT", "stale-run", day)  # a blank-cheque company then: days on which nobody traded
        for day in (
            "2018-08-03", "2018-08-08", "2018-08-20", "2018-09-13", "2019-02-28", "2019-04-18",
            "2019-06-17", "2019-10-29", "2019-11-07", "2019-11-11", "2019-11-27",
        )
    ),
}  # fmt: skip


def test_the_findings_of_the_real_series_are_the_known_ones(shared: Path) -> None:
    source = DirectorySource(shared / "prices")
    market = source.whole("SPY")
    told = [f for name in source.tickers() for f in findings(source.whole(name), market=market)]
    dated = [f for f in told if f.session is not None]
    assert {(f.ticker, f.rule, str(f.session)) for f in dated} == KNOWN
    assert {f.severity for f in dated} == {"warning"}


#: The reference data of a peer, closes as they were traded: the splits of those days, all public record.
PEERS = {
    ("Cincinnati", "1998-05-18"), ("Qualcomm", "1999-12-31"), ("AFLAC", "1998-06-09"),
    ("Adobe_Systems", "1999-10-27"), ("Best_Buy", "1998-05-27"),
    ("Coca_Cola_Enterprises", "1997-05-13"), ("Danaher", "1998-06-01"), ("Lexmark", "1999-06-11"),
    ("Safeway", "1998-02-26"),
}  # fmt: skip


def test_unadjusted_closes_of_the_nineties_show_their_splits_and_no_crash(shared: Path) -> None:
    """Citrix, in the same file, lost 60 % on 1997-02-27 to news: no whole ratio, and no alarm."""
    source = DirectorySource(shared / "peers" / "sp500_additions" / "prices.csv")
    told = [f for name in source.tickers() for f in findings(source.whole(name))]
    jumps = [f for f in told if f.rule not in ("kind-of-series", "missing-session", "nonpositive-price")]
    assert {f.rule for f in jumps} == {"unapplied-split"}
    assert {(f.ticker, str(f.session)) for f in jumps} == PEERS


def test_without_a_calendar_the_other_rules_still_speak() -> None:
    strange = made(JANUARY, "AAA.ZZ", close=(4, 20.0))
    remark, outside = (f for f in findings(strange) if f.rule in ("no-calendar", "close-outside-range"))
    assert (remark.rule, remark.session, remark.severity) == ("no-calendar", None, "info")
    assert "no exchange goes with the suffix 'ZZ'" in remark.detail
    assert outside.rule == "close-outside-range"


def test_prices_older_than_the_calendar_are_judged_where_it_knows() -> None:
    tokyo = trading_sessions("XTKS", date(1997, 1, 6), date(1997, 1, 31))
    older = np.concatenate([np.array(["1996-12-24", "1996-12-25"], dtype="datetime64[D]"), tokyo])
    assert found(made(older, "7203.T")) == []


def test_a_rule_is_a_function_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_cheap(bars: Bars) -> Iterator[Finding]:
        yield Finding(bars.series.ticker, None, "too-cheap", "info", "I would not buy it")

    monkeypatch.setitem(RULES, "too-cheap", too_cheap)
    assert found(made()) == [("too-cheap", None)]


def test_findings_name_their_ticker_and_stay_on_one_line() -> None:
    for finding in findings(made(close=(4, -1.0), high=(6, 2.0))):
        assert finding.ticker == "AAA"
        assert finding.severity in ("info", "warning", "error")
        assert finding.detail and "\n" not in finding.detail


def test_a_series_of_one_session_or_without_a_close_is_no_trouble() -> None:
    assert findings(made(JANUARY[:1])) == []
    assert findings(made(JANUARY[:2])) == []


def test_the_page_on_prices_names_every_rule(repo: Path) -> None:
    page = (repo / "docs" / "prices.md").read_text(encoding="utf-8")
    for rule in (*RULES, *FOUND_IN_READING, "disagreement"):
        assert f"`{rule}`" in page, rule


class TestHeldAgainstFirmEvents:
    """An error in a window is the reason why a firm-event is skipped; a warning is only counted."""

    def run(self, *broken: tuple[str, int, str], **design: Any) -> es.EventStudyResult:
        closes = {name: walk(seed)["close"] for seed, name in enumerate(("AAA", "BBB", "CCC", "SPY"), 11)}
        for name, at, how in broken:
            closes[name][at] *= 100 if how == "unit" else np.nan
        frame = pd.DataFrame({"date": YEARS.astype(str)} | closes)
        days = {at: YEARS[at].astype(date) for at in (300, 600)}
        events = [
            es.Event(id=f"e{at}", when=day, tickers=("AAA", "BBB"), session=day) for at, day in days.items()
        ]
        asked = es.Design(**{"max_loss": 1.0, "window": (-2, 2), "car_windows": ((0, 0),), **design})
        return es.run(events, prices=frame, design=asked)

    def status(self, result: es.EventStudyResult) -> dict[tuple[str, str], tuple[str, int]]:
        rows = result.tables["events"].to_pylist()
        return {(r["event_id"], r["ticker"]): (r["status"], r["n_findings"]) for r in rows}

    def test_an_error_skips_what_uses_it_and_nothing_else(self) -> None:
        result = self.run(("AAA", 500, "unit"))
        assert self.status(result) == {
            ("e300", "AAA"): ("ok", 0),
            ("e300", "BBB"): ("ok", 0),
            ("e600", "AAA"): ("skipped", 1),
            ("e600", "BBB"): ("ok", 0),
        }
        (reason,) = [r["reason"] for r in result.tables["events"].to_pylist() if r["reason"]]
        assert reason.startswith(f"unit-jump in AAA on {YEARS[500]}: ")
        assert "quality: flag" in reason

    def test_an_error_in_the_benchmark_skips_all_that_it_measures(self) -> None:
        told = self.status(self.run(("SPY", 500, "unit")))
        assert [told["e600", name] for name in ("AAA", "BBB")] == [("skipped", 1)] * 2
        assert [told["e300", name] for name in ("AAA", "BBB")] == [("ok", 0)] * 2
        basket = self.status(self.run(("CCC", 500, "unit"), benchmark=["BBB", "CCC"]))
        assert basket["e600", "AAA"] == ("skipped", 1)
        alone = self.status(self.run(("SPY", 500, "unit"), model="mean"))
        assert alone["e600", "AAA"] == ("ok", 0)  # no benchmark in it

    @pytest.mark.parametrize(
        ("at", "n"),
        [(602, 1), (603, 0), (597, 1), (596, 0), (590, 0), (589, 1), (339, 1), (338, 0)],
    )
    def test_the_windows_end_where_their_prices_end(self, at: int, n: int) -> None:
        """Estimation [-260,-11] needs the close at -261, the event window [-2,2] that at -3."""
        told = self.status(self.run(("AAA", at, "unit")))
        assert told["e600", "AAA"] == ("skipped" if n else "ok", n)

    def test_flagged_it_is_measured(self) -> None:
        result = self.run(("AAA", 500, "unit"), quality="flag")
        assert self.status(result)["e600", "AAA"] == ("ok", 1)
        assert (result.findings["rule"] == "unit-jump").sum() == 1

    def test_a_warning_is_counted_and_measured(self) -> None:
        told = self.status(self.run(("AAA", 500, "hole"), ("SPY", 510, "hole")))
        assert told["e600", "AAA"] == ("ok", 2)
        assert told["e600", "BBB"] == ("ok", 1)

    def test_losses_count_against_what_is_allowed(self) -> None:
        with pytest.raises(MaxLossError, match="unit-jump in AAA"):
            self.run(("AAA", 500, "unit"), max_loss=0.2)


def test_absurd_figures_raise_nothing() -> None:
    """Seeded columns of zeros, subnormals and overflow, in any order and number; warnings are errors here."""
    rng = np.random.default_rng(5)
    odd = [1.0, 2.0, 100.0, 0.01, np.nan, 0.0, -1.0, np.inf, 1e308, 1e-320]
    names = ("open", "high", "low", "close", "adj_close", "volume", "dividend", "split")
    judged = 0
    for _ in range(60):
        days = rng.choice(YEARS, int(rng.choice([1, 2, 10, 300])))
        columns = {
            name: rng.choice(odd, len(days)) for name in names if name == "close" or rng.random() < 0.7
        }
        try:
            prices = series_of("AAA", days, columns, "frame")
        except PriceDataError:
            continue
        findings(prices, market=series(walk(), "SPY"))
        judged += 1
    assert judged > 30
