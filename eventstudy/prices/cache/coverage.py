"""What the files hold of a ticker, held against what a study needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from eventstudy.prices.cache.folder import SeriesFolder, covers
from eventstudy.prices.cache.stored import Unusable
from eventstudy.prices.series import between
from eventstudy.prices.source import Finding, PriceSeries

ENDS_EARLY = "ends-early"  #: rule of the finding on a series that was used although its file ends too early
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Coverage:
    """How a ticker stands.

    Attributes
    ----------
    ticker, start, end
        The need; ``end`` is not after the last finished session.
    covering
        A stored series whose provider was asked for the whole need, None where there is none.
    partial
        Else the stored series that serves the need from its start on and furthest.
    held
        What the files hold, in words.
    blocked
        Why the ticker cannot be had as long as its file is there, "" where nothing stands against it.
    asked_from
        The earliest date a provider was asked for; a new series must not begin later.
    stamp
        Of the file in the first folder: another one tells that it was replaced.
    """

    ticker: str
    start: date
    end: date
    covering: PriceSeries | None = None
    partial: PriceSeries | None = None
    held: str = "nothing"
    blocked: str = ""
    asked_from: date | None = None
    stamp: Stamp | None = None


def coverage_of(ticker: str, folders: Sequence[Path], start: date, end: date) -> Coverage:
    """Look for a ticker in folders of stored series, the first one before the others.

    A damaged file is passed over; what serves in its place says so among its findings.
    """
    stamp = stamp_of(ticker, folders[0])
    found = [SeriesFolder(folder).look(ticker) for folder in folders]
    stored = [series for series in found if isinstance(series, PriceSeries)]
    unusable = [file for file in found if isinstance(file, Unusable)]
    covering = next((series for series in stored if covers(series, start, end)), None)
    serving = [series for series in stored if _serves_start(series, start, end)]
    partial = max(serving, key=lambda series: series.origin["asked_to"], default=None)
    passed = [Finding(ticker, None, "damaged-file", "warning", file.problem) for file in unusable]
    blocking = [file for file in unusable if file.kind == "newer" and covering is None]
    spans = [f"{s.origin['asked_from']} to {s.origin['asked_to']} ({s.source})" for s in stored]
    starts = [date.fromisoformat(series.origin["asked_from"]) for series in stored]
    return Coverage(
        ticker,
        start,
        end,
        covering=covering and with_findings(covering, passed),
        partial=partial and with_findings(partial, passed),
        held=", ".join([file.problem for file in unusable] + spans) or "nothing",
        blocked="; ".join(f"{file.problem}; {file.remedy}" for file in blocking),
        asked_from=min(starts, default=None),
        stamp=stamp,
    )


def stamp_of(ticker: str, folder: Path) -> Stamp | None:
    """Return what tells one file of a ticker from the one that replaces it, None where there is none."""
    try:
        entry = SeriesFolder(folder).file(ticker).stat()
    except OSError:
        return None
    return entry.st_ino, entry.st_mtime_ns, entry.st_size


def as_far_as_stored(series: PriceSeries, end: date, why: str) -> PriceSeries:
    """Return a series that ends before the need does, with a finding that says so."""
    asked_to = series.origin["asked_to"]
    text = f"prices are stored up to {asked_to} and needed up to {end} ({why}); what needs more is skipped"
    return with_findings(series, [Finding(series.ticker, None, ENDS_EARLY, "warning", text)])


def ends_early(series: PriceSeries) -> str:
    """Return how far a series falls short of the need it was loaded for, "" where it does not."""
    return next((found.detail for found in series.findings if found.rule == ENDS_EARLY), "")


def with_findings(series: PriceSeries, found: Sequence[Finding]) -> PriceSeries:
    """Return a series with further findings."""
    return replace(series, findings=(*series.findings, *found)) if found else series


def _serves_start(series: PriceSeries, start: date, end: date) -> bool:
    """Tell whether a series was asked for from the start of a need on, and holds something of it."""
    return series.origin["asked_from"] <= start.isoformat() and bool(
        len(between(series, start, end).sessions)
    )
