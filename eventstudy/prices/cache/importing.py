"""Importing the user's own price files into the cache, or as a pinned snapshot."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from eventstudy.prices.cache.failures import forget_failure
from eventstudy.prices.cache.file_format import PINNED
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.source import PriceBatch


def import_prices(directory: Path | DirectorySource, cache_dir: Path, *, pinned: bool = False) -> PriceBatch:
    """Store every series of a folder or table; a series that cannot be read is among the failures.

    The files are taken to cover the dates from the earliest session of any of them: a series that begins
    later was listed later. ``pinned`` writes a snapshot: the same bytes whenever it is written, and never
    changed afterwards. Raises as `DirectorySource.load` and `SeriesFolder.write`.
    """
    source = directory if isinstance(directory, DirectorySource) else DirectorySource(directory)
    batch = source.load(source.tickers(), datetime.min.date(), datetime.max.date())
    earliest = min((str(series.sessions[0]) for series in batch.series.values()), default="")
    hour = {} if pinned else {"fetched_at": datetime.now(UTC).isoformat(timespec="seconds")}
    stored = {}
    for ticker, series in batch.series.items():
        asked = {"asked_from": earliest, "asked_to": str(series.sessions[-1])}
        provider = PINNED if pinned else series.source
        stored[ticker] = replace(series, source=provider, origin={**series.origin, **asked, **hour})
        SeriesFolder(cache_dir).write(stored[ticker])
        with suppress(OSError):  # a stored series takes precedence over a recorded failure
            forget_failure(cache_dir, ticker)
    return PriceBatch(stored, batch.failures)
