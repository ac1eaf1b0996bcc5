"""Prices from the cache if it covers the need, else from the snapshot, else from the provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from eventstudy.errors import DesignError, OutputError, PriceDataError, UsageError
from eventstudy.prices.cache import SeriesFolder, covers
from eventstudy.prices.series import within
from eventstudy.prices.source import Finding, PriceBatch, PriceSeries, Refused
from eventstudy.prices.tickers import refusal

Progress = Callable[[str, int, int], None]  #: ticker that is done, how many are, of how many
RECENT = timedelta(days=7)  #: an end longer ago than that needs no calendar to be known as past


class Provider(Protocol):
    """Where prices are fetched from when no file holds them."""

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | Refused]]:
        """Give every ticker's series with its asked-for range, or why there is none, as they arrive."""
        ...


@dataclass(frozen=True)
class AutoSource:
    """Stored prices first, fetched ones second.

    A stored series serves when its provider was asked for the whole need, even if the security was listed
    later. Whole histories are fetched and stored as each arrives; nothing is ever written to the snapshot.
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
        series: dict[str, PriceSeries] = {}
        failures: dict[str, str] = {}
        missing: dict[str, str] = {}
        for ticker in dict.fromkeys(tickers):
            if problem := refusal(ticker):
                failures[ticker] = problem
                continue
            stored, held = self._stored(ticker, start, self._finished(ticker, end))
            if stored is None:
                missing[ticker] = held
            else:
                _cut(stored, start, end, series, failures)
        for place, (ticker, outcome) in enumerate(self._fetched(missing, start, end), start=1):
            if isinstance(outcome, str):
                failures[ticker] = outcome
            else:
                _cut(outcome, start, end, series, failures)
            if self.progress is not None:
                self.progress(ticker, place, len(missing))
        return PriceBatch({t: series[t] for t in dict.fromkeys(tickers) if t in series}, failures)

    def _stored(self, ticker: str, start: date, end: date) -> tuple[PriceSeries | None, str]:
        """Return a stored series that covers the need, or None and what the files hold instead."""
        held = []
        for folder in (self.cache_dir, self.snapshot_dir):
            if folder is None or self.refresh:
                continue
            try:
                series = SeriesFolder(folder).read(ticker)
            except PriceDataError as error:
                held.append(error.problem)
                continue
            if series is not None and covers(series, start, end):
                return series, ""
            if series is not None:
                held.append(f"{series.origin['asked_from']} to {series.origin['asked_to']} ({series.source})")
        return None, ", ".join(held) or "nothing"

    def _fetched(
        self, missing: Mapping[str, str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | str]]:
        if self.provider is None:
            for ticker, held in missing.items():
                problem = f"not stored for {start} to {end} (stored: {held})"
                yield ticker, f"{problem}; drop --offline, or run `eventstudy prices fetch {ticker}` online"
            return
        if not missing:
            return
        for ticker, outcome in self.provider.fetch(missing, start, end):
            if isinstance(outcome, Refused):
                yield ticker, f"{outcome.reason} (stored: {missing[ticker]})"
            else:
                yield ticker, self._keep(outcome)

    def _keep(self, series: PriceSeries) -> PriceSeries:
        """Store a fetched series and return it as it will be read from now on."""
        folder = SeriesFolder(self.cache_dir)
        try:
            folder.write(series)
            return folder.read(series.ticker) or series
        except (OutputError, PriceDataError) as error:
            found = Finding(series.ticker, None, "not-stored", "warning", str(error))
            return replace(series, findings=(*series.findings, found))

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


def _cut(
    whole: PriceSeries, start: date, end: date, series: dict[str, PriceSeries], failures: dict[str, str]
) -> None:
    try:
        series[whole.ticker] = within(whole, start, end)
    except PriceDataError as error:
        failures[whole.ticker] = error.reason(whole.ticker)
