"""A server on this machine that speaks Yahoo's protocol, and the way to it: only the host is swapped.

yfinance, its HTTP client and the sockets are the real ones. A request carries the host it was meant for, so
a test can tell what was asked of whom.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest

NEW_YORK = "America/New_York"
HOST_HEADER = "X-Orig-Host"
YAHOO_HOSTS = {
    "query1.finance.yahoo.com",
    "query2.finance.yahoo.com",
    "fc.yahoo.com",
    "guce.yahoo.com",
    "consent.yahoo.com",
}
CHART = "/v8/finance/chart/"
JUST_FINAL = timedelta(minutes=31)  #: after a close its bar is taken
#: Ten sessions of the New York Stock Exchange.
DAYS = [date(2024, 6, 3) + timedelta(days=step) for step in range(12) if step not in (5, 6)]
CLOSES = [100.0 + place for place in range(len(DAYS))]


@dataclass(frozen=True)
class Reply:
    """What the server sends, and how badly.

    ``delay`` seconds pass before it, ``drip`` between its bytes; after ``cut`` of them the connection closes.
    """

    body: bytes
    status: int = 200
    delay: float = 0.0
    drip: float = 0.0
    cut: int | None = None


Script = Callable[[str, int], Reply]  #: ``"zone"`` or ``"history"``, and the how manieth of them it is


def stamp(day: date, zone: str = NEW_YORK, hour: float = 9.5) -> int:
    """Return the second at which the exchange opens."""
    return int(
        (datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) + timedelta(hours=hour)).timestamp()
    )


def chart(
    days: Sequence[date] = DAYS,
    closes: Sequence[float | None] = CLOSES,
    *,
    symbol: str = "$",
    zone: str = NEW_YORK,
    kind: str = "EQUITY",
    currency: str = "USD",
    dividends: Mapping[date, float] | None = None,
    paid_in: str = "",
    gains: Mapping[date, float] | None = None,
    splits: Mapping[date, tuple[int, int]] | None = None,
    closing: datetime | None = None,
    last_trade: datetime | None = None,
) -> bytes:
    """Write what Yahoo's chart service answers, in its own form.

    The symbol ``$`` is the one that is asked for. ``closing`` is the end of the current session, by default
    so long ago that today is over; ``last_trade`` is the stamp of a last bar that is still open.
    """
    end = int((closing or datetime.now(UTC) - JUST_FINAL).timestamp())
    period = {"timezone": "EDT", "start": end - 23_400, "end": end, "gmtoffset": -14_400}
    meta = {
        "currency": currency,
        "symbol": symbol,
        "exchangeName": "NMS",
        "instrumentType": kind,
        "firstTradeDate": stamp(days[0], zone),
        "regularMarketTime": end,
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
    stamps = [stamp(day, zone) for day in days]
    if last_trade is not None:
        stamps[-1] = int(last_trade.timestamp())
    currency_of = {"currency": paid_in} if paid_in else {}
    events = {
        "dividends": {
            str(stamp(day, zone)): {"amount": amount, "date": stamp(day, zone), **currency_of}
            for day, amount in (dividends or {}).items()
        },
        "capitalGains": {
            str(stamp(day, zone)): {"amount": amount, "date": stamp(day, zone)}
            for day, amount in (gains or {}).items()
        },
        "splits": {
            str(stamp(day, zone)): {
                "date": stamp(day, zone),
                "numerator": new,
                "denominator": old,
                "splitRatio": f"{new}:{old}",
            }
            for day, (new, old) in (splits or {}).items()
        },
    }
    bars = {
        "open": closes,
        "high": [None if close is None else close + 1 for close in closes],
        "low": [None if close is None else close - 1 for close in closes],
        "close": closes,
        "volume": [None if close is None else 1000 + place for place, close in enumerate(closes)],
    }
    adjusted = [None if close is None else 0.9 * close for close in closes]  # not what is asked for
    result = {
        "meta": meta,
        "timestamp": stamps,
        "events": {name: entries for name, entries in events.items() if entries},
        "indicators": {"quote": [bars], "adjclose": [{"adjclose": adjusted}]},
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def complaint(code: str, description: str, service: str = "chart") -> bytes:
    """Write how Yahoo says that something is wrong."""
    return json.dumps(
        {service: {"result": None, "error": {"code": code, "description": description}}}
    ).encode()


NOT_FOUND = Reply(complaint("Not Found", "No data found, symbol may be delisted"), 404)
TOO_MANY = Reply(b"Too Many Requests\r\n", 429)
EMPTY = Reply(b'{"chart":{"result":[],"error":null}}')


def always(reply: Reply) -> Script:
    """Answer everything alike."""
    return lambda what, asked: reply


def prices(reply: Reply, *later: Reply) -> Script:
    """Answer the history with these in turn and for ever with the last; the time zone is no trouble."""
    replies = (reply, *later)
    return lambda what, asked: replies[min(asked, len(replies)) - 1] if what == "history" else Reply(chart())


@dataclass
class Yahoo:
    """Yahoo's hosts in one: answers by script, else with 404, and remembers what it was asked."""

    base: str = ""
    scripts: dict[str, Script] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent: list[str] = field(default_factory=list)  #: tickers whose history went out whole
    at_once: int = 0
    most_at_once: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, ticker: str, body: bytes | None = None) -> None:
        """Answer a ticker well, with these prices."""
        self.scripts[ticker] = always(Reply(body or chart()))

    def histories(self, ticker: str) -> int:
        """Return how often the prices of a ticker were asked for."""
        return self.asked[ticker, "history"]

    def strangers(self) -> set[str]:
        """Return the hosts that were asked for and are not Yahoo's."""
        with self.lock:
            return {host for host, _ in self.requests} - YAHOO_HOSTS

    def reply(self, host: str, path: str) -> tuple[str, Reply]:
        """Choose what to answer, and say for whose history."""
        url = urlsplit(path)
        with self.lock:
            self.requests.append((host, url.path))
        if url.path.startswith(CHART):
            ticker = unquote(url.path.removeprefix(CHART))
            what = "history" if "period1" in parse_qs(url.query) else "zone"
            with self.lock:
                self.asked[ticker, what] += 1
                asked = self.asked[ticker, what]
            script = self.scripts.get(ticker, always(NOT_FOUND))
            reply = script(what, asked)
            body = reply.body.replace(b'"symbol": "$"', f'"symbol": "{ticker}"'.encode())
            return ticker if what == "history" else "", replace(reply, body=body)
        if url.path == "/v1/test/getcrumb":
            return "", Reply(b"crumb")
        if host == "fc.yahoo.com":
            return "", Reply(b"")
        return "", Reply(complaint("Not Found", "No fundamentals", "quoteSummary"), 404)

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is answered at the same time."""
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self.lock:
                self.at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer takes 40 ms more
    yahoo: Yahoo

    def do_GET(self) -> None:
        with self.yahoo.counted(), contextlib.suppress(ConnectionError):  # who asked may have stopped waiting
            ticker, reply = self.yahoo.reply(self.headers.get(HOST_HEADER, ""), self.path)
            self.yahoo.closing.wait(reply.delay)
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self._send(reply)
            if ticker and reply.cut is None and reply.status == 200:
                with self.yahoo.lock:
                    self.yahoo.sent.append(ticker)

    def _send(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if not reply.drip:
            self.wfile.write(body)
        else:
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.yahoo.closing.wait(reply.drip):
                    break
        if reply.cut is not None or reply.drip:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Yahoo]:
    """Serve on a port of this machine."""
    yahoo = Yahoo()
    handler = type("Handler", (_Handler,), {"yahoo": yahoo})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked may be gone
    yahoo.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield yahoo
    finally:
        yahoo.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def redirected(base: str) -> Callable[..., Any]:
    """Return a replacement of the HTTP client's request that finds every host at ``base``."""
    import curl_cffi.requests

    original = curl_cffi.requests.Session.request

    def request(session: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        wanted = urlsplit(url)
        headers = {**(options.pop("headers", None) or {}), HOST_HEADER: wanted.netloc}
        path = wanted.path + (f"?{wanted.query}" if wanted.query else "")
        return original(session, method, base + path, *args, headers=headers, **options)

    return request


@contextlib.contextmanager
def only_yahoo() -> Iterator[Yahoo]:
    """Serve, send there all that this process asks for, and hold that it asked for nobody but Yahoo."""
    import curl_cffi.requests
    import yfinance

    with serving() as yahoo, pytest.MonkeyPatch.context() as patch:
        patch.setattr(curl_cffi.requests.Session, "request", redirected(yahoo.base))
        yield yahoo
        assert not yahoo.strangers()
    yfinance.data.YfData.cache_get.cache_clear()  # what it keeps for the length of the process
    yfinance.data.SingletonMeta._instances.clear()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, and tell whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()
