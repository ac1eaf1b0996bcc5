"""Prices from the cache if it covers the need, else from the snapshot, else from the provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventstudy.errors import DesignError, UsageError
from eventstudy.events.names import ticker_problem
from eventstudy.events.price_statements import Statements
from eventstudy.prices.cache.coverage import Coverage, as_far_as_stored, coverage_of
from eventstudy.prices.cache.failures import recorded_failure
from eventstudy.prices.cache.fetching import Download, Provider, SeriesOrReason
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.corporate_actions.restating import restate
from eventstudy.prices.series import batch_of
from eventstudy.prices.source import PriceBatch, Progress
from eventstudy.prices.tickers import symbol_problem

RECENT = timedelta(days=7)  #: an end longer ago than that needs no calendar to be known as past


@dataclass(frozen=True)
class CachedSource:
    """Stored prices first, fetched ones second.

    A stored series is used when it was requested for all the dates needed, even if the security was listed
    later. Whole histories are fetched, and stored as each arrives; the snapshot is never written to. Without
    a provider, a series that begins early enough is used as far as it goes. ``whole`` series are returned
    from their first session, which changes nothing about what is fetched. The actions of ``stated`` are put
    into what is returned, not into what is stored.
    """

    cache_dir: Path
    snapshot_dir: Path | None = None
    provider: Provider | None = None
    refresh: bool = False
    exchanges: Mapping[str, str] = field(default_factory=dict)
    progress: Progress | None = None
    name: str = "auto"
    whole: bool = False
    stated: Statements = field(default_factory=Statements)

    def __post_init__(self) -> None:
        if self.snapshot_dir is not None and self.cache_dir.resolve() == self.snapshot_dir.resolve():
            raise UsageError(f"{self.cache_dir} holds the pinned prices; give another folder with --cache")

    def cached_only(self) -> CachedSource:
        """Return this source without its provider."""
        return replace(self, provider=None, refresh=False)

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, or to the last finished session where that is earlier."""
        found: dict[str, SeriesOrReason] = {}
        missing: dict[str, Coverage] = {}
        for ticker in dict.fromkeys(tickers):
            if problem := ticker_problem(ticker):
                found[ticker] = problem
                continue
            coverage = self._coverage(ticker, start, end)
            if coverage.complete is not None and not self.refresh:
                found[ticker] = coverage.complete
            else:
                missing[ticker] = coverage
        for place, (ticker, series) in enumerate(self._fetched(missing, start, end), start=1):
            found[ticker] = series
            if self.progress is not None:
                self.progress(ticker, place, len(missing))
        batch = batch_of(tickers, found.__getitem__, date.min if self.whole else start, end)
        return restate(batch, self.stated)

    def stored(self) -> tuple[str, ...]:
        """Return the tickers that the cache and the snapshot hold, in order."""
        folders = [folder for folder in (self.cache_dir, self.snapshot_dir) if folder is not None]
        return tuple(sorted({name for folder in folders for name in SeriesFolder(folder).tickers()}))

    def _coverage(self, ticker: str, start: date, end: date) -> Coverage:
        folders = [folder for folder in (self.cache_dir, self.snapshot_dir) if folder is not None]
        return coverage_of(ticker, folders, start, self._finished(ticker, end))

    def _fetched(
        self, missing: Mapping[str, Coverage], start: date, end: date
    ) -> Iterator[tuple[str, SeriesOrReason]]:
        """Yield what can be had of the tickers that no file covers."""
        known = {ticker: self._without_fetching(coverage, start, end) for ticker, coverage in missing.items()}
        yield from ((ticker, found) for ticker, found in known.items() if found is not None)
        wanted = {ticker: missing[ticker] for ticker, found in known.items() if found is None}
        if wanted and self.provider is not None:
            download = Download(
                self.cache_dir,
                self.provider,
                wanted,
                start,
                end,
                refresh=self.refresh,
                look=lambda ticker: self._coverage(ticker, start, end),
                began=datetime.now(UTC),
            )
            yield from download.results()

    def _without_fetching(self, coverage: Coverage, start: date, end: date) -> SeriesOrReason | None:
        """Return what there is of a ticker without fetching it, None where it is to be fetched."""
        if coverage.blocked:
            return coverage.blocked
        failure = recorded_failure(self.cache_dir, coverage.ticker)
        if self.provider is not None and (problem := symbol_problem(coverage.ticker)):
            return f"not stored, and {problem}"
        if self.provider is not None:
            if failure is None or self.refresh or not failure.applies(start, end):
                return None
            return f"{failure.sentence()} (stored: {coverage.contents})"
        if coverage.truncated is not None:
            return as_far_as_stored(coverage.truncated, coverage.end, "nothing is fetched --offline")
        before = f"; when last requested, {failure.sentence()}" if failure else ""
        return (
            f"not stored for {start} to {end} (stored: {coverage.contents}){before}; "
            f"drop --offline, or run `eventstudy prices fetch {coverage.ticker}` online"
        )

    def _finished(self, ticker: str, end: date) -> date:
        """Return the last date up to ``end`` whose prices can be final."""
        today = datetime.now(UTC).date()
        if end < today - RECENT:
            return end
        from eventstudy.sessions import exchange_of, last_finished_session

        try:
            return min(end, last_finished_session(exchange_of(ticker, self.exchanges)))
        except DesignError:  # the provider may know more exchanges than there are calendars
            return min(end, today - timedelta(days=1))
