"""Fetching what no file holds, storing it as it arrives, once among the processes that share a cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from eventstudy.errors import OutputError
from eventstudy.prices.cache.coverage import Coverage, as_far_as_stored, stamp_of, with_findings
from eventstudy.prices.cache.fetch_lock import PATIENCE, take_fetch_lock
from eventstudy.prices.cache.folder import SeriesFolder, covers
from eventstudy.prices.cache.refusals import LASTING, Remembered, forget, recall, remember
from eventstudy.prices.source import Finding, PriceSeries, Refused

Outcome = PriceSeries | str  #: of a ticker: its prices, or why there are none


class Provider(Protocol):
    """Where prices are fetched from when no file holds them."""

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | Refused]]:
        """Give every ticker's series with its asked-for range, or why there is none, as they arrive.

        ``tickers`` is best taken from one by one, in the caller's thread, as there is room for a request:
        from then until its outcome is given a ticker is reserved among the processes that share the cache.
        """
        ...


@dataclass(frozen=True)
class Download:
    """The tickers that one call of `load` has to fetch.

    Attributes
    ----------
    cache_dir, provider
        Where what is fetched goes, and where it comes from.
    missing
        The tickers, as they stood when they were looked at.
    start, end
        The dates that are needed.
    refresh
        Fetch even what is stored, unless another process just did.
    look
        Tells how a ticker stands now.
    began
        When the call began.
    """

    cache_dir: Path
    provider: Provider
    missing: Mapping[str, Coverage]
    start: date
    end: date
    refresh: bool
    look: Callable[[str], Coverage]
    began: datetime

    def outcomes(self) -> Iterator[tuple[str, Outcome]]:
        """Give every ticker's outcome: those that no other process is fetching first, then the others."""
        wanted = list(self.missing)
        patient_until = time.monotonic() + PATIENCE
        while wanted:
            busy: list[str] = []
            alone = time.monotonic() >= patient_until
            for outcome in self._round(wanted, busy, alone):
                patient_until = time.monotonic() + PATIENCE
                yield outcome
            if busy:  # wait for the first of them without having a turn
                patience = max(patient_until - time.monotonic(), 0.0)
                if end_turn := take_fetch_lock(self._file(busy[0]), patience):
                    end_turn()
            wanted = busy

    def _round(self, tickers: list[str], busy: list[str], alone: bool) -> Iterator[tuple[str, Outcome]]:
        """Fetch the tickers that nobody else is fetching; the others go to ``busy``."""
        turns: dict[str, Callable[[], None]] = {}
        meanwhile: dict[str, Outcome] = {}

        def reserved() -> Iterator[str]:
            for ticker in tickers:
                end_turn = _nothing if alone else take_fetch_lock(self._file(ticker))
                if end_turn is None:
                    busy.append(ticker)
                elif (news := self._news(ticker)) is not None:
                    end_turn()
                    meanwhile[ticker] = news
                else:
                    turns[ticker] = end_turn
                    yield ticker

        starts = [self.start, *(self.missing[ticker].asked_from or self.start for ticker in tickers)]
        try:
            for ticker, outcome in self.provider.fetch(reserved(), min(starts), self.end):
                settled = self._settled(ticker, outcome)
                turns.pop(ticker, _nothing)()
                yield ticker, settled
        finally:
            for end_turn in turns.values():
                end_turn()
        yield from meanwhile.items()

    def _news(self, ticker: str) -> Outcome | None:
        """Return what another process got of a ticker since it was looked at, None where none did."""
        if stamp_of(ticker, self.cache_dir) != self.missing[ticker].stamp:
            now = self.look(ticker)
            if now.covering is not None:
                return now.covering
        noted = recall(self.cache_dir, ticker)
        if noted is None or not noted.holds(self.start, self.end):
            return None
        is_new = not self.refresh or datetime.fromisoformat(noted.answered_at) >= self.began
        return noted.sentence() if is_new else None

    def _settled(self, ticker: str, outcome: PriceSeries | Refused) -> Outcome:
        """Store what was fetched, or note what was refused, and say what the ticker comes to."""
        coverage = self.missing[ticker]
        if isinstance(outcome, PriceSeries):
            return self._kept(coverage, outcome)
        if outcome.kind in LASTING:
            self._noted(ticker, outcome)
        use_stored = "; --offline uses what is stored" if coverage.partial else ""
        return f"{outcome.reason} (stored: {coverage.held}){use_stored}"

    def _kept(self, coverage: Coverage, fetched: PriceSeries) -> Outcome:
        """Store a series and return it as it will be read from now on, or what is stored in its place."""
        try:
            series = SeriesFolder(self.cache_dir).renew(fetched)
        except OutputError as error:
            return with_findings(
                fetched, [Finding(coverage.ticker, None, "not-stored", "warning", str(error))]
            )
        with suppress(OSError):  # a stored series is looked for before any note
            forget(self.cache_dir, coverage.ticker)
        refused = [found for found in series.findings if found.rule == "refused-fetch"]
        if not refused or covers(series, coverage.start, coverage.end):
            return series
        if coverage.partial is None:
            return refused[0].detail
        return as_far_as_stored(series, coverage.end, "what was fetched was refused")

    def _noted(self, ticker: str, refused: Refused) -> None:
        now = datetime.now(UTC).isoformat()
        note = Remembered(ticker, refused.kind, refused.reason, f"{self.start}", f"{self.end}", now)
        with suppress(OSError):  # it will be asked again, which is only slower
            remember(self.cache_dir, note)

    def _file(self, ticker: str) -> Path:
        return SeriesFolder(self.cache_dir).file(ticker)


def _nothing() -> None:
    """End a turn that was none."""
