"""What is stored: one line per series, and per refusal that is remembered, and clearing the cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from eventstudy.errors import DesignError, OutputError, PriceDataError
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.refusals import forget, recall, refusal_file, remembered
from eventstudy.prices.quality import calendar_of, holes
from eventstudy.prices.source import PriceSeries


@dataclass(frozen=True)
class PriceStatus:
    """A stored series, or what a provider said instead of giving one.

    ``holes`` counts sessions of its exchange without a close (None without a calendar), ``age_days`` the days
    since it was fetched (None for a snapshot). ``problem`` says why a file cannot be used, or that and why
    the provider refused; the figures are then empty. ``beside`` names what was set aside: damaged files and
    series that the vendor revised.
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
    """Return the state of every stored series, or of those of ``tickers``, cache first, refusals last."""
    folders = {"cache": cache_dir, **({"snapshot": snapshot_dir} if snapshot_dir else {})}
    stored = [
        _status(SeriesFolder(path), ticker, name, exchanges)
        for name, path in folders.items()
        for ticker in SeriesFolder(path).tickers()
        if tickers is None or ticker in tickers
    ]
    refused = [_refused(cache_dir, ticker) for ticker in remembered(cache_dir)]
    return stored + [entry for entry in refused if entry and (tickers is None or entry.ticker in tickers)]


def clear(cache_dir: Path, tickers: Sequence[str] | None = None) -> list[str]:
    """Remove stored series and refusals, all or those of ``tickers``, and return the tickers that had one.

    What was set aside stays.

    Raises
    ------
    OutputError
        A file is pinned or no stored series of ours, or cannot be removed; the others are gone.
    """
    folder = SeriesFolder(cache_dir)
    removed, refused = [], []
    for ticker in dict.fromkeys((*folder.tickers(), *remembered(cache_dir)) if tickers is None else tickers):
        try:
            had = [folder.remove(ticker), _forgotten(cache_dir, ticker)]
        except OutputError as error:
            refused.append(error)
        else:
            removed += [ticker] if any(had) else []
    if refused:
        raise refused[0]
    return removed


def _status(folder: SeriesFolder, ticker: str, name: str, exchanges: Mapping[str, str]) -> PriceStatus:
    file = folder.file(ticker)
    try:
        series = folder.read(ticker)
    except PriceDataError as error:
        return PriceStatus(ticker, name, file, problem=f"{error.problem}; {error.remedy}")
    if series is None:
        return PriceStatus(ticker, name, file, problem="was removed while it was looked at")
    return replace(_described(series, name, file, exchanges), beside=folder.beside(ticker))


def _refused(cache_dir: Path, ticker: str) -> PriceStatus | None:
    noted = recall(cache_dir, ticker)
    if noted is None or noted.until < datetime.now(UTC):
        return None
    return PriceStatus(
        ticker,
        "cache",
        refusal_file(cache_dir, ticker),
        asked_from=date.fromisoformat(noted.asked_from),
        asked_to=date.fromisoformat(noted.asked_to),
        problem=noted.sentence(),
    )


def _forgotten(cache_dir: Path, ticker: str) -> bool:
    try:
        return forget(cache_dir, ticker)
    except OSError as error:
        raise OutputError(refusal_file(cache_dir, ticker), f"cannot be removed ({error.strerror})") from None


def _described(series: PriceSeries, name: str, file: Path, exchanges: Mapping[str, str]) -> PriceStatus:
    origin = series.origin
    fetched = datetime.fromisoformat(origin["fetched_at"]) if "fetched_at" in origin else None
    age = (datetime.now(UTC) - fetched).total_seconds() / 86_400 if fetched else None
    return PriceStatus(
        ticker=series.ticker,
        source=name,
        file=file,
        first=series.sessions[0].astype(date),
        last=series.sessions[-1].astype(date),
        rows=len(series.sessions),
        holes=_holes(series, exchanges),
        asked_from=date.fromisoformat(origin["asked_from"]),
        asked_to=date.fromisoformat(origin["asked_to"]),
        fetched_at=fetched,
        age_days=age,
        sha256=origin["sha256"],
    )


def _holes(series: PriceSeries, exchanges: Mapping[str, str]) -> int | None:
    try:
        return len(holes(series, calendar_of(series, exchanges)))
    except DesignError:  # a ticker may be on an exchange that has no calendar
        return None
