"""Daily prices from Yahoo Finance by way of yfinance, one ticker at a time.

``Ticker.history`` raises where ``yfinance.download`` would return a column of NaN; every ticker ends as a
series or as a sentence that says what to do. Whole histories are asked for: one request brings thirty years.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.errors import PriceDataError
from eventstudy.prices.series import series_of, within
from eventstudy.prices.source import PriceBatch, PriceSeries, Refusal, Refused

if TYPE_CHECKING:
    import pandas as pd

HISTORY_FROM = date(
    1990, 1, 1
)  #: asked for even where a study needs less, so that the next one is served too
FINAL_AFTER = timedelta(minutes=30)  #: a bar is final that long after the close
COLUMNS = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
    "dividend": "Dividends",
    "split": "Stock Splits",
}
OWN_FILES = "or give a file of prices with --prices DIR"
REASONS: dict[Refusal, str] = {
    "not-found": f"does not know it (delisted names vanish there); check the spelling, {OWN_FILES}",
    "empty": f"has no prices of it; check the dates and the spelling, {OWN_FILES}",
    "rate-limited": "refuses for now (too many requests); run again in some minutes, what is stored stays",
    "network": f"cannot be reached; check the network, work with --offline, {OWN_FILES}",
    "garbled": f"answered something unexpected; try again later, upgrade yfinance, {OWN_FILES}",
}
FINAL: tuple[Refusal, ...] = ("not-found", "empty")  #: of which another try would say the same


def _present() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class YahooSource:
    """Prices from Yahoo.

    Parameters
    ----------
    cache_dir
        Folder for yfinance's own notes (time zones, a cookie); series are stored by `AutoSource`.
    session
        An HTTP session of curl_cffi or requests to use instead of yfinance's own.
    threads, attempts, pause, timeout
        Requests at a time, tries per ticker, longest first pause between tries and wait for an answer, in
        seconds.
    now
        The clock, by which the bar of an unfinished session is told.
    """

    cache_dir: Path
    session: Any = None
    threads: int = 4
    attempts: int = 4
    pause: float = 2.0
    timeout: float = 20.0
    now: Callable[[], datetime] = _present
    name: str = "yahoo"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, fetched anew; what cannot be had is among the failures."""
        series: dict[str, PriceSeries] = {}
        failures: dict[str, str] = {}
        for ticker, outcome in self.fetch(dict.fromkeys(tickers), start, end):
            if isinstance(outcome, Refused):
                failures[ticker] = outcome.reason
                continue
            try:
                series[ticker] = within(outcome, start, end)
            except PriceDataError as error:
                failures[ticker] = error.reason(ticker)
        return PriceBatch(series, failures)

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | Refused]]:
        """Give every ticker's whole history, or why there is none, as they arrive.

        The first ticker goes alone: it finds out whether Yahoo answers at all. Once Yahoo refuses or cannot
        be reached, the tickers still waiting are not asked for.
        """
        names = list(tickers)
        closed = threading.Event()
        client = _client(self.cache_dir)
        for first in names[:1]:
            yield first, self._one(client, first, start, closed)
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            jobs = {pool.submit(self._one, client, ticker, start, closed): ticker for ticker in names[1:]}
            try:
                for job in as_completed(jobs):
                    yield jobs[job], job.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, client: Any, ticker: str, start: date, closed: threading.Event) -> PriceSeries | Refused:
        import tenacity

        if closed.is_set():
            reason = f"not asked for, after Yahoo failed on another ticker; run again later, {OWN_FILES}"
            return Refused("rate-limited", reason)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: _kind(error) not in FINAL),
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=tenacity.wait_random_exponential(multiplier=self.pause, max=60),
            before_sleep=lambda _: client.data.YfData.cache_get.cache_clear(),  # it keeps failures too
            reraise=True,
        )
        try:
            return retrying(self._history, client, ticker, min(start, HISTORY_FROM))
        except PriceDataError as error:
            return Refused("empty", f"Yahoo {REASONS['empty']} ({error.problem})")
        except Exception as error:  # yfinance passes on whatever curl, json, sqlite or pandas raise
            kind = _kind(error)
            if kind in ("rate-limited", "network"):
                closed.set()
            return Refused(kind, f"Yahoo {REASONS[kind]} ({type(error).__name__}: {_line(error)})")

    def _history(self, client: Any, ticker: str, start: date) -> PriceSeries:
        security = client.Ticker(ticker, session=self.session)
        fetched_at = self.now()
        tomorrow = fetched_at.date() + timedelta(
            days=2
        )  # exclusive, and past in no zone: not from its memory
        frame = security.history(
            start=start, end=tomorrow, auto_adjust=False, actions=True, timeout=self.timeout
        )
        meta = security.history_metadata  # lazy: asking for all of it would send another request
        final = _final_day(meta, fetched_at)
        series = _series(ticker, frame, final)
        origin = {
            **series.origin,
            "library": f"yfinance {client.__version__}",
            "asked_from": start.isoformat(),
            "asked_to": final.isoformat(),
            "fetched_at": fetched_at.isoformat(timespec="seconds"),
            "currency": str(meta.get("currency") or ""),
            "zone": str(meta.get("exchangeTimezoneName") or ""),
        }
        return replace(series, origin=origin, price_index=meta.get("instrumentType") == "INDEX")


def _client(cache_dir: Path) -> Any:
    """Return yfinance, told to raise its errors, to say nothing, and to keep its notes in our folder."""
    import yfinance
    from pandas.errors import Pandas4Warning

    warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
    if not (logger := logging.getLogger("yfinance")).handlers:
        logger.addHandler(logging.NullHandler())  # else what it logs would go to stderr
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(cache_dir / ".yahoo"))
    return yfinance


def _series(ticker: str, frame: pd.DataFrame, final: date) -> PriceSeries:
    """Return the finished sessions that have a close or a dividend."""
    sessions = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")  # type: ignore[attr-defined]
    columns = {ours: frame[theirs].to_numpy(dtype=np.float64) for ours, theirs in COLUMNS.items()}
    kept = (sessions <= np.datetime64(final)) & (~np.isnan(columns["close"]) | (columns["dividend"] > 0))
    if not kept.any():
        raise PriceDataError(ticker, "its history holds no finished session")
    return series_of(
        ticker, sessions[kept], {name: values[kept] for name, values in columns.items()}, "yahoo"
    )


def _final_day(meta: Mapping[str, Any], now: datetime) -> date:
    """Return the last local date whose bar is final: today's is half an hour after the close."""
    close = meta.get("currentTradingPeriod", {}).get("regular", {}).get("end")
    if close is None:
        return now.date() - timedelta(days=1)
    today: date = now.astimezone(close.tzinfo).date()
    is_final = close.date() == today and now >= close + FINAL_AFTER
    return today if is_final else today - timedelta(days=1)


def _kind(error: BaseException) -> Refusal:
    """Return what a failure means."""
    from yfinance.exceptions import YFPricesMissingError, YFRateLimitError, YFTickerMissingError

    status = getattr(getattr(error, "response", None), "status_code", 0)  # 0: there was no answer
    if isinstance(error, YFRateLimitError) or status == 429:
        return "rate-limited"
    if isinstance(error, YFPricesMissingError | PriceDataError):
        return "empty"
    if isinstance(error, YFTickerMissingError) or status == 404:
        return "not-found"
    if isinstance(error, OSError) and not status:
        return "network"
    return "garbled"


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
