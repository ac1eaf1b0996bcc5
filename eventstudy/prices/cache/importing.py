"""Carrying the user's own files into the cache, and pinning figures as a snapshot."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.refusals import forget
from eventstudy.prices.cache.stored import PINNED
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.source import PriceBatch


def import_prices(directory: Path, cache_dir: Path, *, pinned: bool = False) -> PriceBatch:
    """Store every series of a folder or table; what cannot be read is among the failures.

    The range asked for is taken to begin with the earliest series: one that begins later was not listed yet.

    Parameters
    ----------
    directory
        As `DirectorySource` reads it.
    cache_dir
        Where the files go, in place of those of the same tickers.
    pinned
        Write a snapshot: without the hour, equal byte for byte when written again, never changed afterwards.

    Raises
    ------
    PriceDataError
        No such folder or file, or a broken table of several tickers.
    OutputError
        ``cache_dir`` cannot be written to.
    """
    source = DirectorySource(directory)
    batch = source.load(source.tickers(), datetime.min.date(), datetime.max.date())
    earliest = min((str(series.sessions[0]) for series in batch.series.values()), default="")
    hour = {} if pinned else {"fetched_at": datetime.now(UTC).isoformat(timespec="seconds")}
    stored = {}
    for ticker, series in batch.series.items():
        asked = {"asked_from": earliest, "asked_to": str(series.sessions[-1])}
        provider = PINNED if pinned else series.source
        stored[ticker] = replace(series, source=provider, origin={**series.origin, **asked, **hour})
        SeriesFolder(cache_dir).write(stored[ticker])
        with suppress(OSError):  # a stored series is looked for before any note
            forget(cache_dir, ticker)
    return PriceBatch(stored, batch.failures)
