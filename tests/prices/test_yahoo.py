"""Yahoo through the real yfinance and real sockets, one ticker at a time and many."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from effort import FORGOTTEN
from yahoo_server import (
    CLOSES,
    DAYS,
    EMPTY,
    NEW_YORK,
    NOT_FOUND,
    TOO_MANY,
    Reply,
    Script,
    Yahoo,
    always,
    chart,
    complaint,
    only_yahoo,
    prices,
    redirected,
    stamp,
)

from eventstudy.prices.source import FailureKind, FetchFailure, PriceSeries
from eventstudy.prices.yahoo.retry import Breaker, ask_patiently
from eventstudy.prices.yahoo.source import HISTORY_FROM, YahooSource

SPAN = (date(2024, 6, 3), date(2024, 6, 14))
hasty = partial(YahooSource, pause=0.01, timeout=5, attempts=3)


@pytest.fixture
def yahoo() -> Iterator[Yahoo]:
    with only_yahoo() as yahoo:
        yield yahoo


def one(ticker: str, source: YahooSource | None = None) -> PriceSeries:
    ((name, outcome),) = (source or hasty()).fetch([ticker], *SPAN)
    assert name == ticker
    assert isinstance(outcome, PriceSeries), outcome
    return outcome


def refused(ticker: str, source: YahooSource | None = None) -> FetchFailure:
    ((name, outcome),) = (source or hasty()).fetch([ticker], *SPAN)
    assert name == ticker
    assert isinstance(outcome, FetchFailure), outcome
    return outcome


def dates(series: PriceSeries) -> list[str]:
    return series.sessions.astype(str).tolist()


def test_prices_dividends_and_splits_arrive(yahoo: Yahoo) -> None:
    yahoo.serve("AAA", chart(dividends={DAYS[3]: 0.25}, splits={DAYS[5]: (10, 1)}))
    series = one("AAA")
    assert dates(series) == [day.isoformat() for day in DAYS]
    assert series.close.tolist() == CLOSES
    assert series.high.tolist() == [close + 1 for close in CLOSES]
    assert series.volume.tolist() == [1000.0 + place for place in range(10)]
    assert series.dividend.tolist() == [0, 0, 0, 0.25, 0, 0, 0, 0, 0, 0]
    assert series.split is not None and series.split.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 0, 0]
    assert (series.source, series.adjusted_only, series.price_index) == ("yahoo", False, False)
    assert series.findings == ()
    assert series.origin["currency"] == "USD"
    assert series.origin["zone"] == NEW_YORK
    assert series.origin["library"].startswith("yfinance 1.")
    assert series.origin["asked_from"] == HISTORY_FROM.isoformat()


def test_the_prices_are_asked_for_once(yahoo: Yahoo) -> None:
    yahoo.serve("ONCE")
    one("ONCE")
    assert yahoo.histories("ONCE") == 1
    assert {path for _, path in yahoo.requests} <= {"/v8/finance/chart/ONCE", "/v1/test/getcrumb", "/"}


def test_dates_are_those_of_the_exchange(yahoo: Yahoo) -> None:
    yahoo.serve("005930.KS", chart(zone="Asia/Seoul", dividends={DAYS[2]: 361.0}))
    series = one("005930.KS")
    assert dates(series) == [day.isoformat() for day in DAYS]
    assert series.dividend[2] == 361


def test_a_null_close_is_a_gap_but_its_dividend_is_kept(yahoo: Yahoo) -> None:
    closes = [100.0, None, 102.0, None, 104.0, 105.0, 106.0, 107.0, 108.0, 109.0]
    yahoo.serve("GAP", chart(closes=closes, dividends={DAYS[3]: 0.5}))
    series = one("GAP")
    assert DAYS[1].isoformat() not in dates(series)
    assert np.isnan(series.close[2]) and series.dividend[2] == 0.5


def test_a_date_that_is_listed_twice_with_other_closes_has_none(yahoo: Yahoo) -> None:
    days = [*DAYS[:3], DAYS[2], *DAYS[3:], DAYS[3]]
    twice = [100.0, 101.0, 102.0, 112.0, *CLOSES[3:], 103.0]
    yahoo.serve("TWICE", chart(days, twice))
    series = one("TWICE")
    assert DAYS[2].isoformat() not in dates(series) or np.isnan(series.close[2])
    assert np.isfinite(np.delete(series.close, 2)).all()
    (finding,) = series.findings
    assert (finding.rule, finding.session) == ("duplicate-session", DAYS[2])


def test_the_latest_trade_beside_the_bar_of_its_day_is_no_contradiction(yahoo: Yahoo) -> None:
    yahoo.serve("TRADED", chart([*DAYS, DAYS[-1]], [*CLOSES, 109.5]))
    series = one("TRADED")
    assert (len(series.close), series.close[-1], series.findings) == (10, 109.5, ())


def test_a_midnight_that_summer_time_moved_is_no_contradiction(yahoo: Yahoo) -> None:
    days = [date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 2)]
    body = json.loads(chart(days, CLOSES[:4], zone="Europe/London"))
    stamps = [stamp(day, "Europe/London", hour=0) for day in days]
    stamps[2] -= 3600
    body["chart"]["result"][0]["timestamp"] = stamps
    yahoo.serve("GBPUSD=X", json.dumps(body).encode())
    series = one("GBPUSD=X")
    assert (series.close.tolist(), series.findings) == (CLOSES[:4], ())


def test_an_index_knows_no_dividends(yahoo: Yahoo) -> None:
    yahoo.serve("^GSPC", chart(kind="INDEX"))
    assert one("^GSPC").price_index


def test_a_ticker_may_be_written_small(yahoo: Yahoo) -> None:
    yahoo.serve("AAA")
    assert one("aaa").ticker == "aaa"


def test_pence_stay_pence_and_the_currency_is_kept(yahoo: Yahoo) -> None:
    yahoo.serve("VOD.L", chart(zone="Europe/London", currency="GBp"))
    series = one("VOD.L")
    assert series.origin["currency"] == "GBp"
    assert series.close.tolist() == CLOSES


def test_dividends_in_another_currency_are_told(yahoo: Yahoo) -> None:
    body = chart(currency="GBp", dividends={DAYS[3]: 0.25}, paid_in="USD")
    yahoo.serve("VOD.L", body)
    (finding,) = one("VOD.L").findings
    assert (finding.rule, finding.severity) == ("dividend-currency", "warning")
    assert "stated in USD, prices in GBp; nothing was converted" in finding.detail


@pytest.mark.parametrize(
    ("dividend", "gain", "fall", "cash", "words"),
    [
        (1.5, 6.5, 8.0, 8.0, "of 6.5 is added to the dividend of 1.5"),
        (8.0, 6.5, 7.5, 8.0, "of 6.5 is taken to be part of the dividend of 8; the price fell by 7.5"),
        (8.0, 6.5, 14.0, 14.5, "of 6.5 is added to the dividend of 8; the price fell by 14"),
        (0.0, 6.5, 6.0, 6.5, "of 6.5 is added to the dividend of 0"),
    ],
)
def test_a_funds_capital_gain_is_counted_once(
    yahoo: Yahoo, dividend: float, gain: float, fall: float, cash: float, words: str
) -> None:
    closes = [100.0] * 4 + [100.0 - fall] * 6
    paid = {DAYS[4]: dividend} if dividend else {}
    yahoo.serve("FUND", chart(closes=closes, kind="ETF", dividends=paid, gains={DAYS[4]: gain}))
    series = one("FUND")
    assert series.dividend.tolist() == [0, 0, 0, 0, cash, 0, 0, 0, 0, 0]
    (finding,) = series.findings
    assert (finding.rule, finding.session) == ("capital-gain", DAYS[4])
    assert words in finding.detail


CLOSE = {NEW_YORK: 16.0, "Asia/Tokyo": 15.5, "Pacific/Honolulu": 16.0}


@pytest.mark.parametrize("zone", CLOSE)
@pytest.mark.parametrize(
    ("hour", "minutes", "is_final"),
    [(None, -60, False), (None, 29, False), (None, 31, True), (13.0, -60, False), (13.0, 31, True)],
)
def test_the_bar_of_an_unfinished_session_is_dropped(
    yahoo: Yahoo, zone: str, hour: float | None, minutes: int, is_final: bool
) -> None:
    """On a half-day too, which Yahoo tells by the end of the session, wherever the exchange is."""
    today = datetime.now(ZoneInfo(zone)).date()
    days = [today - timedelta(days=1), today]
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(zone))
    closing = midnight + timedelta(hours=hour or CLOSE[zone])
    clock = (closing + timedelta(minutes=minutes)).astimezone(UTC)
    live = min(clock, closing.astimezone(UTC))
    yahoo.serve("LIVE", chart(days, [10.0, 11.0], zone=zone, closing=closing, last_trade=live))
    series = one("LIVE", hasty(now=lambda: clock))
    assert series.close.tolist() == ([10.0, 11.0] if is_final else [10.0])
    assert series.origin["asked_to"] == str(days[1] if is_final else days[0])


def test_a_session_that_ends_at_midnight_is_not_final_a_minute_later(yahoo: Yahoo) -> None:
    """Markets that never close: Yahoo ends their day a minute before the next."""
    days = [date(2024, 6, 3), date(2024, 6, 4)]
    closing = datetime(2024, 6, 4, 23, 59, tzinfo=UTC)
    body = chart(days, [10.0, 11.0], zone="UTC", closing=closing)
    yahoo.serve("BTC-USD", body)
    for minutes, last in ((2, days[0]), (40, days[1])):
        clock = closing + timedelta(minutes=minutes)
        assert one("BTC-USD", hasty(now=partial(_moment, clock))).origin["asked_to"] == str(last)


def _moment(clock: datetime) -> datetime:
    return clock


PASSING = {
    "500": Reply(b"oops", 500),
    "429": TOO_MANY,
    "html": Reply(b"<html>busy</html>"),
    "no crumb": Reply(complaint("Unauthorized", "Invalid Crumb"), 401),
    "says 500 in its own form": Reply(complaint("Internal Server Error", "try later"), 500),
    "404 from somebody else": Reply(b"<html>no such page</html>", 404),
    "cut": Reply(chart(), cut=300),
    "truncated": Reply(chart()[:400]),
    "of another": Reply(chart(symbol="OTHER")),
}


@pytest.mark.parametrize("trouble", PASSING.values(), ids=PASSING)
def test_passing_trouble_is_waited_out(yahoo: Yahoo, trouble: Reply) -> None:
    """yfinance itself tries some bad answers once more, and its memory would repeat them for ever."""
    yahoo.scripts["SICK"] = prices(trouble, trouble, Reply(chart()))
    assert len(one("SICK").close) == 10


def test_trouble_with_the_time_zone_is_waited_out_too(yahoo: Yahoo) -> None:
    def zone_fails_at_first(what: str, asked: int) -> Reply:
        fails = what == "zone" and asked <= 2
        return Reply(b"oops", 500) if fails else Reply(chart())

    yahoo.scripts["ZONELESS"] = zone_fails_at_first
    assert len(one("ZONELESS").close) == 10


NO_BARS = Reply(chart([DAYS[0]], [None]).replace(b'"timestamp"', b'"nothing"'))
NO_DAYS = Reply(complaint("Bad Request", "Data doesn't exist for startDate = 1, endDate = 2"), 400)
FAILURES: dict[str, tuple[Script, FailureKind, str, int]] = {
    "unknown": (always(NOT_FOUND), "not-found", "check the spelling, or give a file", 0),
    "gone since": (prices(NOT_FOUND), "not-found", "No data found, symbol may be delisted", 2),
    "void": (prices(EMPTY), "empty", "its answer is empty", 1),
    "void zone": (always(EMPTY), "empty", "check the spelling", 0),
    "no bars": (prices(NO_BARS), "empty", "its answer is empty", 1),
    "no days": (prices(NO_DAYS), "empty", "Data doesn't exist", 2),
    "null": (prices(Reply(chart(closes=[None] * 10))), "empty", "no finished session", 1),
    "busy": (prices(TOO_MANY), "rate-limited", "run again in some minutes (what is stored stays)", 6),
    "down": (prices(Reply(b"oops", 500)), "garbled", "HTTP 500", 6),
    "html": (prices(Reply(b"<html>")), "garbled", "try again later, upgrade yfinance", 3),
    "cut": (prices(Reply(chart(), cut=99)), "network", "did not answer; check the network", 3),
    "of another": (prices(Reply(chart(symbol="YY"))), "garbled", "its answer is about YY", 3),
    "list": (prices(Reply(b"[1, 2]")), "garbled", "cannot be used", 3),
    "uneven": (prices(Reply(chart().replace(b"100.0, ", b""))), "garbled", "cannot be used", 3),
    "text": (prices(Reply(chart().replace(b"100.0", b'"a"'))), "garbled", "cannot be used", 3),
}


@pytest.mark.parametrize("case", FAILURES)
def test_every_failure_says_what_to_do(yahoo: Yahoo, case: str) -> None:
    script, kind, words, tries = FAILURES[case]
    ticker = f"X-{case.replace(' ', '-').upper()}"  # yfinance keeps the time zones of those it knows
    yahoo.scripts[ticker] = script
    yahoo.serve("FINE")
    outcome = refused(ticker)
    assert outcome.kind == kind
    assert words in outcome.reason
    assert outcome.reason.startswith("Yahoo ")
    assert "\n" not in outcome.reason
    assert yahoo.histories(ticker) == tries
    assert one("FINE").ticker == "FINE"  # the process is none the worse


def test_nothing_asked_for_is_nothing_fetched(yahoo: Yahoo) -> None:
    batch = hasty().load([], *SPAN)
    assert (batch.series, batch.failures, yahoo.requests) == ({}, {}, [])


def test_an_unknown_ticker_costs_no_other_its_prices(yahoo: Yahoo) -> None:
    yahoo.serve("FINE")
    batch = hasty().load(["NOSUCH", "FINE"], *SPAN)
    assert list(batch.series) == ["FINE"]
    assert "check the spelling" in batch.failures["NOSUCH"]


def test_dates_without_prices_are_a_failure_of_the_batch(yahoo: Yahoo) -> None:
    yahoo.serve("FINE")
    batch = hasty().load(["FINE"], date(2020, 1, 2), date(2020, 2, 3))
    assert batch.failures["FINE"].startswith("has no prices from 2020-01-02")


@pytest.mark.parametrize("slow", [Reply(chart(), delay=9), Reply(chart(), drip=0.05)], ids=["silent", "drip"])
def test_a_slow_answer_is_not_waited_for_for_ever(yahoo: Yahoo, slow: Reply) -> None:
    """Who waits gets the prices at last, byte by byte too."""
    yahoo.scripts["SLOW"] = prices(slow)
    assert refused("SLOW", hasty(timeout=0.2, attempts=2)).kind == "network"


def test_no_try_begins_after_the_deadline(yahoo: Yahoo) -> None:
    yahoo.scripts["SLOW"] = prices(Reply(chart(), delay=9))
    refused("SLOW", hasty(timeout=0.2, attempts=50, deadline=0.3))
    assert 1 <= yahoo.histories("SLOW") <= 3


def test_once_yahoo_refuses_the_others_are_not_asked_for(yahoo: Yahoo) -> None:
    tickers = ["FIRST", *(f"T{place}" for place in range(20))]
    for ticker in tickers:
        yahoo.scripts[ticker] = always(TOO_MANY)
    outcomes = dict(hasty().fetch(tickers, *SPAN))
    assert {
        ticker: outcome.kind for ticker, outcome in outcomes.items() if isinstance(outcome, FetchFailure)
    } == (dict.fromkeys(tickers, "rate-limited"))
    assert "after FIRST" not in outcomes["FIRST"].reason  # type: ignore[union-attr]
    assert "no more requests after FIRST" in outcomes["T7"].reason  # type: ignore[union-attr]
    assert not any(yahoo.asked[ticker, "zone"] for ticker in tickers[1:])


def test_one_deaf_ticker_does_not_end_the_fetch(yahoo: Yahoo) -> None:
    tickers = ["DEAF", *(f"T{place}" for place in range(9))]
    yahoo.scripts["DEAF"] = prices(Reply(chart(), cut=99))
    for ticker in tickers[1:]:
        yahoo.serve(ticker)
    batch = hasty().load(tickers, *SPAN)
    assert list(batch.failures) == ["DEAF"]


def test_a_dead_network_is_noticed_after_a_few_tickers(yahoo: Yahoo) -> None:
    tickers = [f"T{place}" for place in range(40)]
    for ticker in tickers:
        yahoo.scripts[ticker] = always(Reply(chart(), cut=99))
    batch = hasty().load(tickers, *SPAN)
    assert all("check the network" in reason for reason in batch.failures.values())
    assert len(batch.failures) == 40
    assert len({ticker for ticker, _ in yahoo.asked}) < 12


def test_no_more_than_four_at_a_time_and_the_first_alone(yahoo: Yahoo) -> None:
    order: list[str] = []

    def patient(ticker: str) -> Script:
        def script(what: str, asked: int) -> Reply:
            order.append(ticker)
            return Reply(chart(), delay=0.02)

        return script

    tickers = [f"P{place}" for place in range(12)]
    for ticker in tickers:
        yahoo.scripts[ticker] = patient(ticker)
    batch = hasty().load(tickers, *SPAN)
    assert sorted(batch.series) == sorted(tickers)
    assert 1 < yahoo.most_at_once <= 4
    alone = order.index(next(ticker for ticker in order if ticker != "P0"))
    assert set(order[:alone]) == {"P0"} and "P0" not in order[alone:]


def test_a_fetch_that_is_left_stops_asking(yahoo: Yahoo) -> None:
    """Those that sleep before another try are woken, and none begins one."""
    tickers = ["FINE", "TOO", *(f"T{place}" for place in range(30))]
    for ticker in tickers:
        yahoo.scripts[ticker] = always(Reply(b"oops", 500))
    yahoo.serve("FINE")
    yahoo.serve("TOO")
    before = set(threading.enumerate())
    arrivals = hasty(pause=60.0).fetch(tickers, *SPAN)
    assert [next(arrivals)[0], next(arrivals)[0]] == ["FINE", "TOO"]
    time.sleep(0.2)
    arrivals.close()  # type: ignore[attr-defined]
    for thread in {thread for thread in threading.enumerate() if "(work)" in thread.name} - before:
        thread.join(FORGOTTEN)
        assert not thread.is_alive()
    asked = len(yahoo.requests)
    time.sleep(0.1)
    assert len(yahoo.requests) == asked
    assert len({ticker for ticker, _ in yahoo.asked}) < 12


def test_yfinance_is_silent_and_keeps_its_notes_in_our_folder(
    yahoo: Yahoo, own_cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        refused("QUIET")
    yahoo.serve("FINE")
    one("FINE")
    assert capfd.readouterr() == ("", "")
    assert len(logging.getLogger("yfinance").handlers) == 1  # without one, warnings would go to stderr
    assert [path.name for path in own_cache.rglob("tkr-tz.db")] == ["tkr-tz.db"]
    assert not list(own_cache.rglob("cookies*"))  # they would be unpickled


class TestWithoutANetwork:
    """Hosts that are not there: a port of this machine that nobody listens to, a name that nobody has."""

    @pytest.fixture(params=["refused", "unresolvable"])
    def nowhere(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        import curl_cffi.requests

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        host = f"http://127.0.0.1:{port}" if request.param == "refused" else "http://nobody.invalid"
        asked, send = [], redirected(host)

        def counted(session: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
            asked.append(url)
            return send(session, method, url, *args, **options)

        monkeypatch.setattr(curl_cffi.requests.Session, "request", counted)
        return asked

    def test_one_request_is_enough_for_all_tickers(self, nowhere: list[str]) -> None:
        tickers = ["FIRST", *(f"T{place}" for place in range(20))]
        outcomes = dict(YahooSource().fetch(tickers, *SPAN))
        assert len(nowhere) == 1
        first = outcomes["FIRST"]
        assert isinstance(first, FetchFailure) and first.kind == "unreachable"
        assert first.reason.startswith("Yahoo cannot be reached; check the network, work with --offline")
        assert "no more requests after FIRST" in outcomes["T19"].reason  # type: ignore[union-attr]
        assert all(len(each.reason) < 400 for each in outcomes.values() if isinstance(each, FetchFailure))


def test_a_connection_that_fails_for_a_moment_is_tried_again() -> None:
    answers: list[PriceSeries | FetchFailure] = [
        FetchFailure("not-found", "it answers"),
        FetchFailure("unreachable", "for a moment"),
        FetchFailure("empty", "it answers again"),
    ]
    breaker, told = Breaker(), iter(answers)
    settings = {"attempts": 3, "pause": 0.001, "deadline": 60, "forget": lambda: None}
    for ticker, kind in (("AAA", "not-found"), ("BBB", "empty")):
        outcome = ask_patiently(lambda _: next(told), ticker, breaker, **settings)  # type: ignore[arg-type]
        assert isinstance(outcome, FetchFailure) and outcome.kind == kind
    assert not breaker.stopped.is_set()
