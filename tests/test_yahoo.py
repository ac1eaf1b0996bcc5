"""Yahoo through the real yfinance and real sockets: only the host is swapped, for one on this machine."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import curl_cffi.requests
import numpy as np
import pytest

from eventstudy.prices.auto import AutoSource
from eventstudy.prices.cache import SeriesFolder
from eventstudy.prices.source import PriceSeries
from eventstudy.prices.yahoo import HISTORY_FROM, YahooSource

NEW_YORK = "America/New_York"
SPAN = (date(2024, 6, 3), date(2024, 6, 14))
DAYS = [date(2024, 6, 3) + timedelta(days=step) for step in range(12) if step not in (5, 6)]

Answer = tuple[int, bytes]
Script = Callable[[dict[str, list[str]], int], Answer]


def stamp(day: date, zone: str, hour: float = 9.5) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int((midnight + timedelta(hours=hour)).timestamp())


def chart(
    days: list[date],
    closes: list[float | None],
    *,
    zone: str = NEW_YORK,
    kind: str = "EQUITY",
    dividends: dict[date, float] | None = None,
    splits: dict[date, tuple[int, int]] | None = None,
    closed_today_at: datetime | None = None,
) -> bytes:
    """Write what Yahoo's chart service answers, in its own form."""
    closing = int((closed_today_at or datetime(2024, 6, 14, 20, tzinfo=UTC)).timestamp())
    period = {"timezone": "EDT", "start": closing - 23_400, "end": closing, "gmtoffset": -14_400}
    meta = {
        "currency": "USD",
        "symbol": "AAA",
        "exchangeName": "NMS",
        "instrumentType": kind,
        "firstTradeDate": stamp(days[0], zone),
        "regularMarketTime": closing,
        "gmtoffset": -14_400,
        "timezone": "EDT",
        "exchangeTimezoneName": zone,
        "regularMarketPrice": closes[-1],
        "chartPreviousClose": 1.0,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": dict(period), "regular": period, "post": dict(period)},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "max"],
    }
    events: dict[str, Any] = {}
    if dividends:
        events["dividends"] = {
            str(stamp(day, zone)): {"amount": amount, "date": stamp(day, zone)}
            for day, amount in dividends.items()
        }
    if splits:
        events["splits"] = {
            str(stamp(day, zone)): {
                "date": stamp(day, zone),
                "numerator": new,
                "denominator": old,
                "splitRatio": f"{new}:{old}",
            }
            for day, (new, old) in splits.items()
        }
    bars = {
        "open": closes,
        "high": [None if close is None else close + 1 for close in closes],
        "low": [None if close is None else close - 1 for close in closes],
        "close": closes,
        "volume": [1000 + place for place in range(len(closes))],
    }
    adjusted = [None if close is None else 0.9 * close for close in closes]  # not what we ask for
    result = {
        "meta": meta,
        "timestamp": [stamp(day, zone) for day in days],
        "events": events,
        "indicators": {"quote": [bars], "adjclose": [{"adjclose": adjusted}]},
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def always(status: int, body: bytes) -> Script:
    return lambda query, asked: (status, body)


NORMAL = chart(DAYS, [100.0 + place for place in range(len(DAYS))])
MISSING = b'{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}'
EMPTY = b'{"chart":{"result":[],"error":null}}'


@dataclass
class Loopback:
    """Yahoo's hosts in one: answers by script and remembers what it was asked."""

    base: str
    scripts: dict[str, Script] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    histories: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, host: str, path: str) -> Answer:
        url = urlsplit(path)
        with self.lock:
            self.requests.append((host, url.path))
        if url.path.startswith("/v8/finance/chart/"):
            return self.history(url.path.rsplit("/", 1)[1], parse_qs(url.query))
        if url.path == "/v1/test/getcrumb":
            return 200, b"crumb"
        if host == "fc.yahoo.com":
            return 200, b""
        return 404, MISSING.replace(b"chart", b"quoteSummary")

    def history(self, ticker: str, query: dict[str, list[str]]) -> Answer:
        with self.lock:
            self.histories[ticker] += "period1" in query
            asked = self.histories[ticker]
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self.scripts[ticker](query, asked)
        finally:
            with self.lock:
                self.at_once -= 1


@pytest.fixture
def yahoo() -> Iterator[Loopback]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = loopback.answer(self.headers.get("X-Wanted-Host", ""), self.path)
            with contextlib.suppress(ConnectionError):  # who asked may have stopped waiting
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback = Loopback(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield loopback
    server.shutdown()
    server.server_close()
    thread.join()


class LoopbackSession(curl_cffi.requests.Session):
    """yfinance's own kind of session, which finds every host on this machine."""

    def __init__(self, base: str) -> None:
        super().__init__(impersonate="chrome")
        self.base = base

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        wanted = urlsplit(url)
        headers = {**(options.pop("headers", None) or {}), "X-Wanted-Host": wanted.netloc}
        path = wanted.path + (f"?{wanted.query}" if wanted.query else "")
        return super().request(method, self.base + path, *args, headers=headers, **options)


@pytest.fixture
def source(yahoo: Loopback, tmp_path: Path) -> Iterator[YahooSource]:
    import yfinance

    session = LoopbackSession(yahoo.base)
    yield YahooSource(tmp_path / "cache", session=session, pause=0.01, timeout=5, attempts=3)
    yfinance.data.YfData.cache_get.cache_clear()
    session.close()


def one(source: YahooSource, ticker: str) -> PriceSeries:
    batch = source.load([ticker], *SPAN)
    assert batch.failures == {}
    return batch.series[ticker]


def test_prices_dividends_and_splits_arrive(yahoo: Loopback, source: YahooSource) -> None:
    closes: list[float | None] = [100.0, 101, 102, 103, 104, 105, 106, 107, 108, 109]
    body = chart(DAYS, closes, dividends={DAYS[3]: 0.25}, splits={DAYS[5]: (10, 1)})
    yahoo.scripts["AAA"] = always(200, body)
    series = one(source, "AAA")
    assert series.sessions.astype(str).tolist() == [day.isoformat() for day in DAYS]
    assert series.close.tolist() == closes
    assert series.high.tolist() == [101.0 + place for place in range(10)]
    assert series.volume.tolist() == [1000.0 + place for place in range(10)]
    assert series.dividend.tolist() == [0, 0, 0, 0.25, 0, 0, 0, 0, 0, 0]
    assert series.split is not None and series.split.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 0, 0]
    assert (series.source, series.adjusted_only, series.price_index) == ("yahoo", False, False)
    assert series.origin["currency"] == "USD"
    assert series.origin["zone"] == NEW_YORK
    assert series.origin["library"].startswith("yfinance 1.")
    assert series.origin["asked_from"] == HISTORY_FROM.isoformat()


def test_only_yahoos_own_endpoints_are_asked_and_the_history_once(
    yahoo: Loopback, source: YahooSource
) -> None:
    yahoo.scripts["ONCE"] = always(200, NORMAL)
    one(source, "ONCE")
    assert yahoo.histories == {"ONCE": 1}
    hosts = {host for host, _ in yahoo.requests}
    assert hosts <= {"query1.finance.yahoo.com", "query2.finance.yahoo.com", "fc.yahoo.com"}
    assert {path for _, path in yahoo.requests} <= {"/v8/finance/chart/ONCE", "/v1/test/getcrumb", "/"}


def test_dates_are_those_of_the_exchange(yahoo: Loopback, source: YahooSource) -> None:
    body = chart(DAYS, [100.0] * 10, zone="Asia/Seoul", dividends={DAYS[2]: 361.0})
    yahoo.scripts["005930.KS"] = always(200, body)
    series = one(source, "005930.KS")
    assert series.sessions.astype(str).tolist() == [day.isoformat() for day in DAYS]
    assert series.dividend[2] == 361


def test_a_null_close_is_a_gap_but_its_dividend_is_kept(yahoo: Loopback, source: YahooSource) -> None:
    closes: list[float | None] = [100.0, None, 102.0, None, 104.0, 105.0, 106.0, 107.0, 108.0, 109.0]
    yahoo.scripts["GAP"] = always(200, chart(DAYS, closes, dividends={DAYS[3]: 0.5}))
    series = one(source, "GAP")
    assert DAYS[1].isoformat() not in series.sessions.astype(str).tolist()
    assert np.isnan(series.close[2]) and series.dividend[2] == 0.5


def test_an_index_knows_no_dividends(yahoo: Loopback, source: YahooSource) -> None:
    yahoo.scripts["%5EGSPC"] = yahoo.scripts["^GSPC"] = always(200, chart(DAYS, [1.0] * 10, kind="INDEX"))
    assert one(source, "^GSPC").price_index


@pytest.mark.parametrize(("minutes", "is_final"), [(-60, False), (29, False), (31, True)])
def test_the_bar_of_an_unfinished_session_is_dropped(
    yahoo: Loopback, source: YahooSource, minutes: int, is_final: bool
) -> None:
    today = datetime.now(ZoneInfo(NEW_YORK)).date()
    days = [today - timedelta(days=1), today]
    close = datetime(today.year, today.month, today.day, 16, tzinfo=ZoneInfo(NEW_YORK))
    yahoo.scripts["LIVE"] = always(200, chart(days, [10.0, 11.0], closed_today_at=close))
    clock = close + timedelta(minutes=minutes)
    ticking = YahooSource(source.cache_dir, session=source.session, now=lambda: clock.astimezone(UTC))
    (series,) = ticking.load(["LIVE"], days[0], days[1]).series.values()
    assert series.close.tolist() == ([10.0, 11.0] if is_final else [10.0])
    assert series.origin["asked_to"] == str(days[1] if is_final else days[0])


def later(*answers: Answer) -> Script:
    """Answer a history with these in turn, and then with the last."""
    return lambda query, asked: answers[min(asked, len(answers)) - 1] if asked else (200, NORMAL)


@pytest.mark.parametrize(
    "trouble", [(500, b"oops"), (429, b"Too Many Requests"), (200, b"<html>busy</html>")]
)
def test_passing_trouble_is_waited_out(yahoo: Loopback, source: YahooSource, trouble: Answer) -> None:
    """yfinance itself tries each bad answer once more, and its memory would repeat it for ever."""
    yahoo.scripts["SICK"] = later(trouble, trouble, (200, NORMAL))
    assert len(one(source, "SICK").close) == 10


def test_trouble_with_the_time_zone_is_waited_out_too(yahoo: Loopback, source: YahooSource) -> None:
    seen = Counter[str]()

    def zone_fails_at_first(query: dict[str, list[str]], asked: int) -> Answer:
        seen["range" if "range" in query else "history"] += 1
        return (500, b"oops") if "range" in query and seen["range"] <= 2 else (200, NORMAL)

    yahoo.scripts["ZONELESS"] = zone_fails_at_first
    assert len(one(source, "ZONELESS").close) == 10


FAILURES = [
    ("GONE", 404, MISSING, "and the spelling", 2),
    ("VOID", 200, EMPTY, "Yahoo has no prices of it", 1),
    ("BUSY", 429, b"Too Many Requests", "Yahoo refuses for now (too many requests); wait some minutes", 6),
    ("DOWN", 500, b"oops", "Yahoo answered something unexpected; try again later, upgrade yfinance", 6),
    ("HTML", 200, b"<html>", "Yahoo answered something unexpected", 3),
]


@pytest.mark.parametrize(
    ("ticker", "status", "body", "words", "tries"), FAILURES, ids=[f[0] for f in FAILURES]
)
def test_every_failure_says_what_to_do(
    yahoo: Loopback, source: YahooSource, ticker: str, status: int, body: bytes, words: str, tries: int
) -> None:
    yahoo.scripts[ticker] = lambda query, asked: (status, body) if "period1" in query else (200, NORMAL)
    yahoo.scripts["FINE"] = always(200, NORMAL)
    batch = source.load([ticker], *SPAN)
    assert batch.series == {}
    assert words in batch.failures[ticker]
    assert ticker not in batch.failures[ticker].split("(")[0]
    assert "\n" not in batch.failures[ticker]
    assert 1 <= yahoo.histories[ticker] <= tries
    assert source.load(["FINE"], *SPAN).failures == {}  # the process is none the worse


def test_nothing_asked_for_is_nothing_fetched(yahoo: Loopback, source: YahooSource) -> None:
    batch = source.load([], *SPAN)
    assert (batch.series, batch.failures, yahoo.requests) == ({}, {}, [])


def test_an_unknown_ticker_costs_no_other_its_prices(yahoo: Loopback, source: YahooSource) -> None:
    yahoo.scripts["NOSUCH"] = always(404, MISSING)
    yahoo.scripts["FINE"] = always(200, NORMAL)
    batch = source.load(["NOSUCH", "FINE"], *SPAN)
    assert list(batch.series) == ["FINE"]
    assert "check the spelling" in batch.failures["NOSUCH"]


def test_a_slow_answer_is_not_waited_for_for_ever(yahoo: Loopback, source: YahooSource) -> None:
    def slow(query: dict[str, list[str]], asked: int) -> Answer:
        time.sleep(0.6)
        return 200, NORMAL

    yahoo.scripts["SLOW"] = slow
    hasty = YahooSource(source.cache_dir, session=source.session, timeout=0.2, attempts=2, pause=0.01)
    begin = time.perf_counter()
    assert "Yahoo cannot be reached" in hasty.load(["SLOW"], *SPAN).failures["SLOW"]
    assert time.perf_counter() - begin < 10


def test_once_yahoo_refuses_the_others_are_not_asked_for(yahoo: Loopback, source: YahooSource) -> None:
    tickers = ["FIRST", *(f"T{place}" for place in range(20))]
    for ticker in tickers:
        yahoo.scripts[ticker] = always(429, b"Too Many Requests")
    batch = source.load(tickers, *SPAN)
    assert "refuses for now" in batch.failures["FIRST"]
    assert all("not asked for" in batch.failures[ticker] for ticker in tickers[1:])
    assert not any(yahoo.histories[ticker] for ticker in tickers[1:])


def test_no_more_than_four_at_a_time_and_the_first_alone(yahoo: Loopback, source: YahooSource) -> None:
    order: list[str] = []

    def patient(ticker: str) -> Script:
        def script(query: dict[str, list[str]], asked: int) -> Answer:
            order.append(ticker)
            time.sleep(0.02)
            return 200, NORMAL

        return script

    tickers = [f"P{place}" for place in range(12)]
    for ticker in tickers:
        yahoo.scripts[ticker] = patient(ticker)
    batch = source.load(tickers, *SPAN)
    assert sorted(batch.series) == sorted(tickers)
    assert yahoo.most_at_once <= 4
    alone = order.index(next(ticker for ticker in order if ticker != "P0"))
    assert set(order[:alone]) == {"P0"} and "P0" not in order[alone:]


def test_what_is_fetched_is_stored_and_then_read_without_yahoo(yahoo: Loopback, source: YahooSource) -> None:
    yahoo.scripts["AAA"] = always(200, chart(DAYS, [100.0] * 10, dividends={DAYS[3]: 0.25}))
    auto = AutoSource(source.cache_dir, provider=source)
    fetched = auto.load(["AAA"], *SPAN).series["AAA"]
    again = auto.cached_only().load(["AAA"], *SPAN).series["AAA"]
    assert yahoo.histories["AAA"] == 1
    assert again.origin == fetched.origin
    np.testing.assert_array_equal(again.close, fetched.close)
    assert SeriesFolder(source.cache_dir).tickers() == ("AAA",)
    early = auto.load(["AAA"], date(1991, 1, 2), SPAN[1])  # before its first bar, but asked for
    assert early.failures == {}
    assert yahoo.histories["AAA"] == 1


def test_yfinance_is_silent_and_keeps_its_notes_in_our_folder(
    yahoo: Loopback, source: YahooSource, capfd: pytest.CaptureFixture[str]
) -> None:
    yahoo.scripts["QUIET"] = always(404, MISSING)
    for _ in range(2):
        source.load(["QUIET"], *SPAN)
    assert capfd.readouterr() == ("", "")
    assert len(logging.getLogger("yfinance").handlers) == 1  # without one, warnings would go to stderr
    import yfinance

    assert str(source.cache_dir) in yfinance.cache._TzDBManager.get_location()
