"""Daily prices from Yahoo Finance through yfinance, one ticker at a time.

``Ticker.history`` raises where ``yfinance.download`` would return a column of NaN. Whole histories are
requested: one request brings thirty years.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from eventstudy.prices.series import batch_of, series_of
from eventstudy.prices.source import FetchFailure, PriceBatch, PriceSeries
from eventstudy.prices.yahoo import bars
from eventstudy.prices.yahoo.answers import YahooSession, dividend_currencies, fetch_failure
from eventstudy.prices.yahoo.retry import Breaker, ask_patiently, in_threads

HISTORY_FROM = date(1990, 1, 1)  #: requested even where a study needs less, for the next study


def _present() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class YahooSource:
    """Prices from Yahoo.

    ``session`` is an HTTP session of curl_cffi or requests to use instead of yfinance's own. ``threads``
    requests are made at a time, with ``attempts`` tries per ticker. In seconds, ``pause`` is the first wait
    between tries, ``timeout`` that for an answer, and ``deadline`` the time after which there is no new try.
    ``now`` is the clock that tells whether a session has finished.
    """

    session: Any = None
    threads: int = 4
    attempts: int = 4
    pause: float = 2.0
    timeout: float = 20.0
    deadline: float = 90.0
    now: Callable[[], datetime] = _present
    name: str = "yahoo"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, fetched anew."""
        found = dict(self.fetch(dict.fromkeys(tickers), start, end))
        return batch_of(found, lambda ticker: _series_or_reason(found[ticker]), start, end)

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        """Yield every ticker's whole history, or why there is none, as they arrive.

        The first ticker is requested alone: it shows whether Yahoo answers, and yfinance opens its files.
        Once Yahoo refuses or cannot be reached, the remaining tickers are not requested. An interruption is
        raised after the histories that have arrived by then.
        """
        names = iter(tickers)
        first = list(islice(names, 1))
        if not first:
            return
        client = _client()
        line = YahooSession(self.session or client._http.new_session(), self.timeout)
        breaker = Breaker()
        ask = partial(
            ask_patiently,
            partial(self._once, client, line, min(start, HISTORY_FROM)),
            breaker=breaker,
            attempts=self.attempts,
            pause=self.pause,
            deadline=self.deadline,
            forget=client.data.YfData.cache_get.cache_clear,  # it keeps failures too
        )
        try:
            yield from in_threads(first, ask, 1)
            yield from in_threads(names, ask, self.threads)
        finally:
            breaker.stopped.set()

    def _once(self, client: Any, line: YahooSession, start: date, ticker: str) -> PriceSeries | FetchFailure:
        line.begin()
        try:
            return self._history(client, line, start, ticker)
        except Exception as error:  # yfinance raises errors of curl, json, sqlite and pandas
            return line.refused(error)

    def _history(
        self, client: Any, line: YahooSession, start: date, ticker: str
    ) -> PriceSeries | FetchFailure:
        security = client.Ticker(ticker, session=line.session)
        fetched_at = self.now()
        tomorrow = fetched_at.date() + timedelta(days=2)  # past in no zone: not from yfinance's memory
        frame = security.history(
            start=start, end=tomorrow, auto_adjust=False, actions=True, timeout=self.timeout
        )
        meta = security.history_metadata  # lazy: asking for all of it would send another request
        if (symbol := str(meta.get("symbol"))) != ticker.upper():
            return fetch_failure("garbled", f"its answer is about {symbol}; ask for that if it is meant")
        final = bars.final_day(meta, fetched_at)
        sessions, columns = bars.finished_bars(frame, final)
        if np.isnan(columns["close"]).all():
            return fetch_failure("empty", "its history holds no finished session with a close")
        currency, result = str(meta.get("currency") or ""), line.result()
        found = bars.drop_contradictions(ticker, sessions, columns, result, str(meta["exchangeTimezoneName"]))
        found += bars.foreign_dividends(ticker, currency, dividend_currencies(result))
        series = series_of(ticker, sessions, columns, self.name, unadjusted=True)
        origin = {
            **series.origin,
            "library": f"yfinance {client.__version__}",
            "asked_from": start.isoformat(),
            "asked_to": final.isoformat(),
            "fetched_at": fetched_at.isoformat(timespec="seconds"),
            "currency": currency,
            "zone": str(meta.get("exchangeTimezoneName") or ""),
        }
        return replace(
            series,
            origin=origin,
            price_index=meta.get("instrumentType") == "INDEX",
            findings=(*series.findings, *found),
        )


def _series_or_reason(outcome: PriceSeries | FetchFailure) -> PriceSeries | str:
    return outcome.reason if isinstance(outcome, FetchFailure) else outcome


def _client() -> Any:
    """Return yfinance, set to raise its errors, to print nothing, and to keep its files in the user's cache.

    No cookies are kept there: yfinance unpickles them, which must not happen to a file from somebody else.
    """
    import platformdirs
    import yfinance
    from pandas.errors import Pandas4Warning

    warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
    if not (logger := logging.getLogger("yfinance")).handlers:
        logger.addHandler(logging.NullHandler())  # else what it logs would go to stderr
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(platformdirs.user_cache_path("eventstudy") / "yfinance"))
    with contextlib.suppress(AttributeError):  # no public way
        yfinance.cache._CookieCacheManager._Cookie_cache = yfinance.cache._CookieCacheDummy()
    return yfinance
