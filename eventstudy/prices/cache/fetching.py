"""Fetching what no file holds, and storing it as it arrives, once among the processes that share a cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from eventstudy.errors import OutputError
from eventstudy.prices.cache import failures
from eventstudy.prices.cache.coverage import Coverage, as_far_as_stored, stamp_of
from eventstudy.prices.cache.folder import SeriesFolder, covers
from eventstudy.prices.cache.locked_files import FETCH_TIMEOUT, take_fetch_lock
from eventstudy.prices.source import FetchFailure, PriceSeries

SeriesOrReason = PriceSeries | str  #: the prices of a ticker, or why there are none


class Provider(Protocol):
    """Where prices are fetched from when no file holds them."""

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        """Yield the series of every ticker with its requested range, or why there is none, as they arrive.

        ``tickers`` is best read one by one, in the caller's thread, as there is room for a request: from then
        until its result is yielded a ticker is reserved among the processes that share the cache.
        """
        ...


@dataclass(frozen=True)
class Download:
    """The tickers that one call of `load` has to fetch.

    ``missing`` are the tickers, with what the files held when the call ``began``; ``look`` returns what they
    hold now. ``start`` and ``end`` are the dates needed. ``refresh`` fetches even what is stored, unless
    another process has just fetched it.
    """

    cache_dir: Path
    provider: Provider
    missing: Mapping[str, Coverage]
    start: date
    end: date
    refresh: bool
    look: Callable[[str], Coverage]
    began: datetime

    def results(self) -> Iterator[tuple[str, SeriesOrReason]]:
        """Yield every ticker's result: first those that no other process is fetching, then the others."""
        wanted = list(self.missing)
        wait_until = time.monotonic() + FETCH_TIMEOUT
        while wanted:
            busy: list[str] = []
            without_locks = time.monotonic() >= wait_until
            for result in self._round(wanted, busy, without_locks):
                wait_until = time.monotonic() + FETCH_TIMEOUT
                yield result
            if busy:  # wait for the first of them, holding no lock
                left = max(wait_until - time.monotonic(), 0.0)
                if release := take_fetch_lock(self._file(busy[0]), left):
                    release()
            wanted = busy

    def _round(
        self, tickers: list[str], busy: list[str], without_locks: bool
    ) -> Iterator[tuple[str, SeriesOrReason]]:
        """Fetch the tickers that no other process is fetching; add the others to ``busy``."""
        locks: dict[str, Callable[[], None]] = {}
        by_others: dict[str, SeriesOrReason] = {}

        def reserved() -> Iterator[str]:
            for ticker in tickers:
                release = _nothing if without_locks else take_fetch_lock(self._file(ticker))
                if release is None:
                    busy.append(ticker)
                elif (found := self._fetched_by_others(ticker)) is not None:
                    release()
                    by_others[ticker] = found
                else:
                    locks[ticker] = release
                    yield ticker

        starts = [self.start, *(self.missing[ticker].asked_from or self.start for ticker in tickers)]
        try:
            for ticker, fetched in self.provider.fetch(reserved(), min(starts), self.end):
                result = self._stored(ticker, fetched)
                locks.pop(ticker, _nothing)()
                yield ticker, result
        finally:
            for release in locks.values():
                release()
        yield from by_others.items()

    def _fetched_by_others(self, ticker: str) -> SeriesOrReason | None:
        """Return what another process fetched of a ticker since the call began, None where none did."""
        if stamp_of(ticker, self.cache_dir) != self.missing[ticker].stamp:
            now = self.look(ticker)
            if now.complete is not None:
                return now.complete
        failure = failures.recorded_failure(self.cache_dir, ticker)
        if failure is None or not failure.applies(self.start, self.end):
            return None
        is_new = not self.refresh or datetime.fromisoformat(failure.answered_at) >= self.began
        return failure.sentence() if is_new else None

    def _stored(self, ticker: str, fetched: PriceSeries | FetchFailure) -> SeriesOrReason:
        """Store what was fetched, or record why it was not, and return the result for the ticker."""
        coverage = self.missing[ticker]
        if isinstance(fetched, PriceSeries):
            return self._stored_series(coverage, fetched)
        if fetched.kind in failures.LASTING:
            asked = f"{self.start}", f"{self.end}", datetime.now(UTC).isoformat()
            failure = failures.RecordedFailure(ticker, fetched.kind, fetched.reason, *asked)
            with suppress(OSError):  # the provider is asked again, which is only slower
                failures.record_failure(self.cache_dir, failure)
        use_stored = "; --offline uses what is stored" if coverage.truncated else ""
        return f"{fetched.reason} (stored: {coverage.contents}){use_stored}"

    def _stored_series(self, coverage: Coverage, fetched: PriceSeries) -> SeriesOrReason:
        """Store a series and return it as it will be read from now on, or what is stored in its place."""
        try:
            series = SeriesFolder(self.cache_dir).renew(fetched)
        except OutputError as error:
            return fetched.with_findings(fetched.finding("not-stored", "warning", str(error)))
        with suppress(OSError):  # a stored series takes precedence over a recorded failure
            failures.forget_failure(self.cache_dir, coverage.ticker)
        refused = [found for found in series.findings if found.rule == "refused-fetch"]
        if not refused or covers(series, coverage.start, coverage.end):
            return series
        if coverage.truncated is None:
            return refused[0].detail
        return as_far_as_stored(series, coverage.end, "what was fetched was refused")

    def _file(self, ticker: str) -> Path:
        return SeriesFolder(self.cache_dir).file(ticker)


def _nothing() -> None:
    """Release no lock."""
