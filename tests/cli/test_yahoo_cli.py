"""`prices fetch` from a server that speaks Yahoo's protocol: what is said, the exit code, what is stored."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from commands import Said, said
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
    only_yahoo,
    prices,
    serving,
    wait_until,
)

from eventstudy.prices.cache.failures import failed_tickers
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.source import PriceSeries
from eventstudy.prices.yahoo.source import YahooSource

FOR_EVER = 120  #: seconds that a silent server keeps a client waiting


@dataclass(frozen=True)
class Shop:
    """Yahoo, and a cache to fetch into."""

    yahoo: Yahoo
    folder: Path

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def fetch(self, *words: str) -> Said:
        return said("prices", "fetch", *words, "--cache", self.cache, cwd=self.folder)

    def stored(self, ticker: str) -> PriceSeries:
        series = SeriesFolder(self.cache).read(ticker)
        assert series is not None
        return series

    @property
    def tickers(self) -> set[str]:
        return set(SeriesFolder(self.cache).tickers())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    hasty = partial(YahooSource, pause=0.01, timeout=1, attempts=3)
    monkeypatch.setattr("eventstudy.prices.yahoo.source.YahooSource", hasty)
    with only_yahoo() as yahoo:
        yield Shop(yahoo, tmp_path)


def closes(series: PriceSeries) -> dict[str, float]:
    return dict(zip(series.sessions.astype(str).tolist(), series.close.tolist(), strict=True))


@dataclass(frozen=True)
class Case:
    """What Yahoo does; whether it ends well, what is said; how many closes are stored, or whether a no is."""

    name: str
    script: Script
    words: str
    closes: int = 0
    noted: bool = False


GOOD = Reply(chart())
NULLS = [100.0, 101.0, None, None, *CLOSES[4:]]
CASES = [
    Case("normal", prices(GOOD), "2024-06-03 to 2024-06-14  10 sessions  yahoo", 10),
    Case("no such ticker", always(NOT_FOUND), "Yahoo does not know it", noted=True),
    Case("429 once", prices(TOO_MANY, GOOD), "10 sessions", 10),
    Case("429 for a while", prices(*[TOO_MANY] * 4, GOOD), "10 sessions", 10),
    Case("429 for ever", prices(TOO_MANY), "Yahoo refuses for now (too many requests); run again in some"),
    Case("500", prices(Reply(b"oops", 500)), "Yahoo answered something that cannot be used; try again later"),
    Case("500 once", prices(Reply(b"oops", 500), GOOD), "10 sessions", 10),
    Case("html", prices(Reply(b"<html>hello</html>")), "cannot be used; try again later, upgrade yfinance"),
    Case("truncated", prices(Reply(chart()[:500])), "cannot be used"),
    Case("empty", prices(EMPTY), "Yahoo has no prices; check the spelling", noted=True),
    Case("null bars", prices(Reply(chart(closes=NULLS))), "8 sessions", 8),
    Case("missing session", prices(Reply(chart(DAYS[:4] + DAYS[5:], CLOSES[:9]))), "9 sessions", 9),
    Case("all null", prices(Reply(chart(closes=[None] * 10))), "no finished session", noted=True),
    Case("slow once", prices(Reply(chart(), delay=2), GOOD), "10 sessions", 10),
    Case("cut", prices(Reply(chart(), cut=700)), "Yahoo did not answer; check the network, work with"),
    Case("cut once", prices(Reply(chart(), cut=700), GOOD), "10 sessions", 10),
    Case("of another", prices(Reply(chart(symbol="OTHER"))), "its answer is about OTHER; ask for that if"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_and_stored(shop: Shop, case: Case) -> None:
    ticker = f"Y-{case.name.replace(' ', '-').upper()}"  # yfinance keeps the time zones of those it knows
    shop.yahoo.scripts[ticker] = case.script
    done = shop.fetch(ticker)
    assert done.code == (0 if case.closes else 4)
    assert case.words in " ".join(done.out.split()) or case.words in done.out
    assert shop.tickers == ({ticker} if case.closes else set())
    assert failed_tickers(shop.cache) == ([ticker] if case.noted else [])
    if case.closes:
        assert done.err == ""
        assert len(shop.stored(ticker).close) == case.closes
    else:
        assert done.err.startswith(f"error: {ticker}: Yahoo ") and done.err.count("\n") == 1
        assert "1 of 1 series are missing" in done.err


def test_dividends_and_splits_are_stored(shop: Shop) -> None:
    shop.yahoo.serve("PAYS", chart(dividends={DAYS[3]: 0.25}, splits={DAYS[5]: (10, 1)}))
    assert shop.fetch("PAYS").code == 0
    series = shop.stored("PAYS")
    assert series.split is not None
    assert (series.dividend[3], series.dividend.sum(), series.split[5]) == (0.25, 0.25, 10)


def test_what_is_stored_is_not_asked_for_again(shop: Shop) -> None:
    shop.yahoo.serve("ONCE")
    first, second = shop.fetch("ONCE"), shop.fetch("ONCE")
    assert (second.code, second.out) == (0, first.out)
    assert shop.yahoo.histories("ONCE") == 1


def test_a_missing_session_is_a_hole_in_the_status(shop: Shop) -> None:
    shop.yahoo.serve("HOLED", chart(DAYS[:4] + DAYS[5:], CLOSES[:9]))
    shop.fetch("HOLED")
    status = said("prices", "status", "--cache", shop.cache, "--json", cwd=shop.folder)
    assert [entry["holes"] for entry in status.document["series"]] == [1]


def test_the_failures_are_in_the_document(shop: Shop) -> None:
    shop.yahoo.serve("FINE")
    done = shop.fetch("FINE", "NOSUCH", "--json")
    assert done.code == 4
    document, _ = json.JSONDecoder().raw_decode(done.out)
    assert document["fetched"] == ["FINE"]
    assert document["failures"]["NOSUCH"].startswith("Yahoo does not know it")


def test_todays_live_bar_is_not_stored(shop: Shop) -> None:
    now = datetime.now(UTC)
    days = [now.date() - timedelta(days=1), now.date()]
    closing, live = now + timedelta(minutes=5), now - timedelta(minutes=1)
    shop.yahoo.serve("LIVE-USD", chart(days, [10.0, 11.0], zone="UTC", closing=closing, last_trade=live))
    assert shop.fetch("LIVE-USD").code == 0
    assert closes(shop.stored("LIVE-USD")) == {str(days[0]): 10.0}


def test_what_was_refused_for_now_is_fetched_by_the_next_call(shop: Shop) -> None:
    """Yahoo has enough after ten tickers: no other is asked for, and the next call goes on from there."""
    tickers = [f"L{place}" for place in range(30)]
    for ticker in tickers:
        shop.yahoo.scripts[ticker] = lambda what, asked: (
            GOOD if len(shop.yahoo.sent) < 10 or what == "zone" else TOO_MANY
        )
    done = shop.fetch(*tickers)
    assert done.code == 4
    assert "Yahoo refuses for now" in done.err
    stored = shop.tickers
    assert 10 <= len(stored) <= 14 and stored == set(shop.yahoo.sent)
    assert f"{30 - len(stored)} of 30 series are missing" in done.err
    assert "no more requests after" in done.out
    assert failed_tickers(shop.cache) == []
    for ticker in tickers:
        shop.yahoo.serve(ticker)
    asked = sum(shop.yahoo.histories(ticker) for ticker in stored)
    assert shop.fetch(*tickers).code == 0
    assert shop.tickers == set(tickers)
    assert sum(shop.yahoo.histories(ticker) for ticker in stored) == asked


@pytest.mark.parametrize(("many", "missing"), [(24, 8), pytest.param(200, 67, marks=pytest.mark.slow)])
def test_many_tickers_of_which_a_third_fails(shop: Shop, many: int, missing: int) -> None:
    tickers = [f"M{place}" for place in range(many)]
    bad = [always(NOT_FOUND), prices(EMPTY), prices(Reply(b"oops", 500)), prices(Reply(chart(), cut=99))]
    failing = tickers[1::3]
    for ticker in tickers:
        shop.yahoo.serve(ticker)
    for place, ticker in enumerate(failing):
        shop.yahoo.scripts[ticker] = bad[place % len(bad)]
    done = shop.fetch(*tickers)
    assert done.code == 4
    assert f"{missing} of {many} series are missing" in done.err
    assert shop.tickers == set(tickers) - set(failing)
    assert set(failed_tickers(shop.cache)) == {t for place, t in enumerate(failing) if place % 4 < 2}
    assert shop.yahoo.most_at_once <= 4
    asked = len(shop.yahoo.requests)
    again = shop.fetch(*tickers)  # neither what is stored nor what is known not to be
    assert again.code == 4
    recent = {path.rsplit("/", 1)[1] for _, path in shop.yahoo.requests[asked:] if "/chart/" in path}
    assert recent == {t for place, t in enumerate(failing) if place % 4 >= 2}


@dataclass(frozen=True)
class Second:
    """What Yahoo answers when it is asked again; what is said, and which closes are stored then."""

    name: str
    body: bytes
    words: str
    closes: list[float]
    code: int = 0


HALVED = [close / 2 for close in CLOSES]
NEXT_DAY = DAYS[-1] + timedelta(days=3)
SECONDS = [
    Second("the same", chart(), "", CLOSES),
    Second(
        "split since",
        chart([*DAYS, NEXT_DAY], [*HALVED, 55.0], splits={NEXT_DAY: (2, 1)}),
        "",
        [*HALVED, 55.0],
    ),
    Second("rebased", chart(closes=HALVED), "0.5 times those stored before", HALVED),
    Second(
        "a bar revised",
        chart(closes=[*CLOSES[:4], 104.5, *CLOSES[5:]]),
        "1 figures differ from those stored before",
        [*CLOSES[:4], 104.5, *CLOSES[5:]],
    ),
    Second("shorter", chart(DAYS[3:], CLOSES[3:]), "it is shorter", CLOSES),
    Second("in another currency", chart(closes=CLOSES, currency="GBp"), "it is in GBp, the stored", CLOSES),
    Second("refused", TOO_MANY.body, "Yahoo refuses for now", CLOSES, 4),
]


@pytest.mark.parametrize("second", SECONDS, ids=lambda second: second.name)
def test_what_becomes_of_stored_prices_when_they_are_fetched_again(shop: Shop, second: Second) -> None:
    shop.yahoo.serve("AGAIN")
    shop.fetch("AGAIN")
    status = 429 if second.code else 200
    shop.yahoo.scripts["AGAIN"] = prices(Reply(second.body, status))
    done = shop.fetch("AGAIN", "--refresh")
    assert done.code == second.code
    assert second.words in done.err
    if not second.words:
        assert done.err == ""
    assert shop.stored("AGAIN").close.tolist() == second.closes
    assert shop.stored("AGAIN").origin["currency"] == "USD"
    kept = [name for name in SeriesFolder(shop.cache).beside("AGAIN") if "revised" in name]
    assert len(kept) == (second.name == "a bar revised")


PROGRAM = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import curl_cffi.requests, yahoo_server
curl_cffi.requests.Session.request = yahoo_server.redirected(sys.argv.pop(1))
from eventstudy.cli import main
sys.exit(main())
"""
SITUATIONS = {
    "in the middle": lambda place: Reply(chart(), delay=0.05),
    "while it waits for an answer": lambda place: Reply(chart(), delay=0.02 if place < 20 else FOR_EVER),
    "while it waits for the first": lambda place: Reply(chart(), delay=FOR_EVER),
    "while it sleeps before another try": lambda place: Reply(chart(), 200 if place < 20 else 500),
}


@pytest.mark.kill
@pytest.mark.skipif(os.name == "nt", reason="an interruption is sent by a signal of POSIX")
@pytest.mark.parametrize(
    "situation",
    [pytest.param(name, marks=[] if name == "in the middle" else pytest.mark.slow) for name in SITUATIONS],
)
def test_ctrl_c_ends_at_once_and_loses_nothing_fetched(tmp_path: Path, situation: str) -> None:
    """Of what was sent out whole, only what the client still had in its hands may not be stored."""
    tickers = [f"C{place}" for place in range(200)]
    enough = 0 if situation == "while it waits for the first" else 20
    with serving() as yahoo:
        for place, ticker in enumerate(tickers):
            yahoo.scripts[ticker] = prices(SITUATIONS[situation](place))
        words = ["prices", "fetch", *tickers, "--cache", str(tmp_path)]
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1] / "support"), yahoo.base, *words],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert wait_until(lambda: len(yahoo.sent) >= enough and yahoo.histories("C0") > 0, 60)
            if enough and situation != "in the middle":
                time.sleep(0.5)
            sent = set(yahoo.sent)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=FORGOTTEN)
        finally:
            child.kill()
    assert child.returncode == 130
    assert err == "interrupted; what was complete is kept\n"
    assert out == ""
    folder = SeriesFolder(tmp_path)
    assert len(sent - set(folder.tickers())) <= (4 if situation == "in the middle" else 0)
    assert all(folder.read(ticker) is not None for ticker in folder.tickers())


@pytest.mark.live
def test_the_real_yahoo_answers_as_the_server_here_does(
    tmp_path: Path, open_environment: dict[str, str]
) -> None:
    """Once over the internet, in a process without the guard; a machine without a network skips it."""
    words = ["prices", "fetch", "MSFT", "^GSPC", "VOD.L", "NOSUCHTICKER42", "--cache", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", *words],
        env=open_environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if "check the network" in done.stderr:
        pytest.skip(f"Yahoo cannot be reached from here: {done.stderr.strip()}")
    if "refuses for now" in done.stderr:
        pytest.skip(f"Yahoo refuses this machine for now: {done.stderr.strip()}")
    assert done.returncode == 4
    assert "NOSUCHTICKER42: Yahoo does not know it" in done.stderr
    folder = SeriesFolder(tmp_path)
    assert folder.tickers() == ("MSFT", "VOD.L", "^GSPC")
    microsoft, index, vodafone = (folder.read(ticker) for ticker in ("MSFT", "^GSPC", "VOD.L"))
    assert microsoft is not None and index is not None and vodafone is not None
    assert len(microsoft.sessions) > 9000 and microsoft.dividend.any()
    assert microsoft.origin["currency"] == "USD" and microsoft.origin["zone"] == NEW_YORK
    assert index.price_index and not index.dividend.any()
    assert vodafone.origin["currency"] == "GBp"
