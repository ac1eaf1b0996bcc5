"""Prices from the cache if it covers the need, else from the snapshot, else from the provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventstudy.errors import DesignError, PriceDataError, UsageError
from eventstudy.prices.cache.coverage import Coverage, as_far_as_stored, coverage_of
from eventstudy.prices.cache.fetching import Download, Outcome, Provider
from eventstudy.prices.cache.refusals import recall
from eventstudy.prices.series import within
from eventstudy.prices.source import PriceBatch, PriceSeries
from eventstudy.prices.tickers import refusal

Progress = Callable[[str, int, int], None]  #: ticker that is done, how many are, of how many
RECENT = timedelta(days=7)  #: an end longer ago than that needs no calendar to be known as past


@dataclass(frozen=True)
class AutoSource:
    """Stored prices first, fetched ones second.

    A stored series serves when its provider was asked for the whole need, even if the security was listed
    later. Whole histories are fetched and stored as each arrives; nothing is ever written to the snapshot.
    Without a provider, a series that was asked for from the start of the need on serves as far as it goes.
    """

    cache_dir: Path
    snapshot_dir: Path | None = None
    provider: Provider | None = None
    refresh: bool = False
    exchanges: Mapping[str, str] = field(default_factory=dict)
    progress: Progress | None = None
    name: str = "auto"

    def __post_init__(self) -> None:
        if self.snapshot_dir is not None and self.cache_dir.resolve() == self.snapshot_dir.resolve():
            raise UsageError(f"{self.cache_dir} holds the pinned prices; give another folder with --cache")

    def cached_only(self) -> AutoSource:
        """Return this source without its provider."""
        return replace(self, provider=None, refresh=False)

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, or to the last finished session where that is earlier."""
        outcomes: dict[str, Outcome] = {}
        missing: dict[str, Coverage] = {}
        for ticker in dict.fromkeys(tickers):
            if problem := refusal(ticker):
                outcomes[ticker] = problem
                continue
            coverage = self._standing(ticker, start, end)
            if coverage.covering is not None and not self.refresh:
                outcomes[ticker] = coverage.covering
            else:
                missing[ticker] = coverage
        for place, (ticker, outcome) in enumerate(self._obtained(missing, start, end), start=1):
            outcomes[ticker] = outcome
            if self.progress is not None:
                self.progress(ticker, place, len(missing))
        return _batch(tickers, outcomes, start, end)

    def _standing(self, ticker: str, start: date, end: date) -> Coverage:
        folders = [folder for folder in (self.cache_dir, self.snapshot_dir) if folder is not None]
        return coverage_of(ticker, folders, start, self._finished(ticker, end))

    def _obtained(
        self, missing: Mapping[str, Coverage], start: date, end: date
    ) -> Iterator[tuple[str, Outcome]]:
        """Give what can be had of the tickers that no file serves."""
        wanted = {}
        for ticker, coverage in missing.items():
            settled = self._settled(coverage, start, end)
            if settled is None:
                wanted[ticker] = coverage
            else:
                yield ticker, settled
        if wanted and self.provider is not None:
            download = Download(
                self.cache_dir,
                self.provider,
                wanted,
                start,
                end,
                refresh=self.refresh,
                look=lambda ticker: self._standing(ticker, start, end),
                began=datetime.now(UTC),
            )
            yield from download.outcomes()

    def _settled(self, coverage: Coverage, start: date, end: date) -> Outcome | None:
        """Return what a ticker comes to without fetching it, None where it is to be fetched."""
        if coverage.blocked:
            return coverage.blocked
        noted = recall(self.cache_dir, coverage.ticker)
        if self.provider is not None:
            is_known = noted is not None and noted.holds(start, end) and not self.refresh
            return f"{noted.sentence()} (stored: {coverage.held})" if noted and is_known else None
        if coverage.partial is not None:
            return as_far_as_stored(coverage.partial, coverage.end, "nothing is fetched --offline")
        asked = f"; when last asked for, {noted.sentence()}" if noted else ""
        return (
            f"not stored for {start} to {end} (stored: {coverage.held}){asked}; "
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


def _batch(tickers: Sequence[str], outcomes: Mapping[str, Outcome], start: date, end: date) -> PriceBatch:
    """Cut what was found to the need, in the order in which it was asked for."""
    series: dict[str, PriceSeries] = {}
    failures: dict[str, str] = {}
    for ticker in dict.fromkeys(tickers):
        outcome = outcomes[ticker]
        if isinstance(outcome, str):
            failures[ticker] = outcome
            continue
        try:
            series[ticker] = within(outcome, start, end)
        except PriceDataError as error:
            failures[ticker] = error.reason(ticker)
    return PriceBatch(series, failures)
