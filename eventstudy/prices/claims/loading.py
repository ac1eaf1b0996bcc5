"""The prices that claims are held against: stored series, then single pinned bars, then fetched ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.source import PriceBatch, PriceSeries, PriceSource

BARS = "claims"  #: folder in a snapshot: bars of the sessions that claims speak of, too few for a firm-event


def load_claimed(
    source: PriceSource, tickers: Sequence[str], start: date, end: date, *, fetch: bool = True
) -> PriceBatch:
    """Load the series of claims.

    Single bars beside the pinned snapshot stand in for a series that is not stored; nothing but claims reads
    them. A source that is no cache has none.

    Parameters
    ----------
    fetch
        False: only what is at hand.
    """
    if not isinstance(source, CachedSource):
        return source.load(tickers, start, end)
    stored = PriceBatch({}, {}) if source.refresh else source.cached_only().load(tickers, start, end)
    found = dict(stored.series)
    for ticker in tickers:
        if ticker not in found and (bars := _bars(source, ticker)) is not None:
            found[ticker] = bars
    missing = [ticker for ticker in tickers if ticker not in found]
    rest = source if fetch else source.cached_only()
    fetched = rest.load(missing, start, end) if missing else PriceBatch({}, {})
    found |= fetched.series
    return replace(fetched, series={ticker: found[ticker] for ticker in tickers if ticker in found})


def _bars(source: CachedSource, ticker: str) -> PriceSeries | None:
    folder = source.snapshot_dir
    return None if folder is None or source.refresh else SeriesFolder(folder / BARS).read(ticker)
