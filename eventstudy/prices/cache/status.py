"""Listing and clearing the cache: its stored series and recorded failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from eventstudy.errors import DesignError, OutputError, PriceDataError
from eventstudy.prices.cache.failures import failed_tickers, failure_file, forget_failure, recorded_failure
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.series import calendar_of, holes
from eventstudy.prices.source import PriceSeries


@dataclass(frozen=True)
class PriceStatus:
    """A stored series, or a recorded failure.

    ``holes`` counts sessions of its exchange without a close (None without a calendar), ``age_days`` the days
    since it was fetched (None for a snapshot). ``problem`` is why a file cannot be used, or why the provider
    has no prices; the figures are then empty. ``beside`` names damaged and revised files that were set aside.
    """

    ticker: str
    source: str
    file: Path
    first: date | None = None
    last: date | None = None
    rows: int = 0
    holes: int | None = None
    asked_from: date | None = None
    asked_to: date | None = None
    fetched_at: datetime | None = None
    age_days: float | None = None
    sha256: str = ""
    problem: str = ""
    beside: tuple[str, ...] = ()


def price_status(
    cache_dir: Path,
    snapshot_dir: Path | None = None,
    tickers: Sequence[str] | None = None,
    exchanges: Mapping[str, str] = MappingProxyType({}),
) -> list[PriceStatus]:
    """Return the state of all stored series, or those of ``tickers``: cache, snapshot, recorded failures."""
    folders = {"cache": cache_dir, **({"snapshot": snapshot_dir} if snapshot_dir else {})}
    stored = [
        _status(SeriesFolder(path), ticker, name, exchanges)
        for name, path in folders.items()
        for ticker in SeriesFolder(path).tickers()
        if tickers is None or ticker in tickers
    ]
    failed = [_failed(cache_dir, ticker) for ticker in failed_tickers(cache_dir)]
    return stored + [entry for entry in failed if entry and (tickers is None or entry.ticker in tickers)]


def clear(cache_dir: Path, tickers: Sequence[str] | None = None) -> list[str]:
    """Remove stored series and recorded failures, all or those of ``tickers``, and return their tickers.

    Files that were set aside stay. An OutputError names the first file that is pinned, not ours, or cannot be
    removed, after the others were removed.
    """
    folder = SeriesFolder(cache_dir)
    removed, errors = [], []
    for ticker in dict.fromkeys(
        (*folder.tickers(), *failed_tickers(cache_dir)) if tickers is None else tickers
    ):
        try:
            had = [folder.remove(ticker), _forgotten(cache_dir, ticker)]
        except OutputError as error:
            errors.append(error)
        else:
            removed += [ticker] if any(had) else []
    if errors:
        raise errors[0]
    return removed


def _status(folder: SeriesFolder, ticker: str, name: str, exchanges: Mapping[str, str]) -> PriceStatus:
    file = folder.file(ticker)
    try:
        series = folder.read(ticker)
    except PriceDataError as error:
        return PriceStatus(ticker, name, file, problem=f"{error.problem}; {error.remedy}")
    if series is None:
        return PriceStatus(ticker, name, file, problem="was removed meanwhile")
    origin = series.origin
    fetched = datetime.fromisoformat(origin["fetched_at"]) if "fetched_at" in origin else None
    return PriceStatus(
        ticker,
        name,
        file,
        first=series.sessions[0].astype(date),
        last=series.sessions[-1].astype(date),
        rows=len(series.sessions),
        holes=_holes(series, exchanges),
        asked_from=date.fromisoformat(origin["asked_from"]),
        asked_to=date.fromisoformat(origin["asked_to"]),
        fetched_at=fetched,
        age_days=(datetime.now(UTC) - fetched).total_seconds() / 86_400 if fetched else None,
        sha256=origin["sha256"],
        beside=folder.beside(ticker),
    )


def _failed(cache_dir: Path, ticker: str) -> PriceStatus | None:
    failure = recorded_failure(cache_dir, ticker)
    if failure is None or failure.until < datetime.now(UTC):
        return None
    return PriceStatus(
        ticker,
        "cache",
        failure_file(cache_dir, ticker),
        asked_from=date.fromisoformat(failure.asked_from),
        asked_to=date.fromisoformat(failure.asked_to),
        problem=failure.sentence(),
    )


def _forgotten(cache_dir: Path, ticker: str) -> bool:
    try:
        return forget_failure(cache_dir, ticker)
    except OSError as error:
        raise OutputError(failure_file(cache_dir, ticker), f"cannot be removed ({error.strerror})") from None


def _holes(series: PriceSeries, exchanges: Mapping[str, str]) -> int | None:
    try:
        return len(holes(series, calendar_of(series, exchanges)))
    except DesignError:  # a ticker may be on an exchange that has no calendar
        return None
