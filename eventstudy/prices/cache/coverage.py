"""Coverage: which of the dates that a study needs the stored files hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eventstudy.prices.cache.file_format import Unusable
from eventstudy.prices.cache.folder import SeriesFolder, covers
from eventstudy.prices.series import between
from eventstudy.prices.source import Finding, PriceSeries

ENDS_EARLY = "ends-early"  #: rule of the finding on a series that is used although it ends before the need
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Coverage:
    """What the files hold of one ticker.

    The dates needed are ``start`` to ``end``, the last finished session at the latest. A ``complete`` series
    was requested for all of them; the ``truncated`` one begins early enough and goes furthest; both may be
    None. ``contents`` is what the files hold, in words, ``blocked`` why the ticker cannot be used as long as
    its file exists. A new series must not begin after ``asked_from``. Another ``stamp`` means that the file
    in the first folder was replaced.
    """

    ticker: str
    start: date
    end: date
    complete: PriceSeries | None
    truncated: PriceSeries | None
    contents: str
    blocked: str
    asked_from: date | None
    stamp: Stamp | None


def coverage_of(ticker: str, folders: Sequence[Path], start: date, end: date) -> Coverage:
    """Look for a ticker in folders of stored series, of which the first takes precedence.

    A damaged file is skipped; the series used instead gets a finding that says so.
    """
    stamp = stamp_of(ticker, folders[0])
    found = [SeriesFolder(folder).look(ticker) for folder in folders]
    unusable = [file for file in found if isinstance(file, Unusable)]
    skipped = [Finding(ticker, None, "damaged-file", "warning", file.problem) for file in unusable]
    stored = [series for series in found if isinstance(series, PriceSeries)]
    spans = [f"{s.origin['asked_from']} to {s.origin['asked_to']} ({s.source})" for s in stored]
    complete = next((series for series in stored if covers(series, start, end)), None)
    early = [series for series in stored if _begins_early(series, start, end)]
    furthest = max(early, key=lambda series: series.origin["asked_to"], default=None)
    blocking = [file for file in unusable if file.kind == "newer" and complete is None]
    return Coverage(
        ticker,
        start,
        end,
        complete=complete and complete.with_findings(*skipped),
        truncated=furthest and furthest.with_findings(*skipped),
        contents=", ".join([file.problem for file in unusable] + spans) or "nothing",
        blocked="; ".join(f"{file.problem}; {file.remedy}" for file in blocking),
        asked_from=min((date.fromisoformat(s.origin["asked_from"]) for s in stored), default=None),
        stamp=stamp,
    )


def stamp_of(ticker: str, folder: Path) -> Stamp | None:
    """Return what tells the file of a ticker from one that replaces it, None where there is none."""
    try:
        entry = SeriesFolder(folder).file(ticker).stat()
    except OSError:
        return None
    return entry.st_ino, entry.st_mtime_ns, entry.st_size


def as_far_as_stored(series: PriceSeries, end: date, why: str) -> PriceSeries:
    """Return a series that ends before ``end``, with a finding that says so."""
    asked_to = series.origin["asked_to"]
    text = f"prices are stored up to {asked_to} and needed up to {end} ({why}); what needs more is skipped"
    return series.with_findings(series.finding(ENDS_EARLY, "warning", text))


def ends_early(series: PriceSeries) -> str:
    """Return how a series ends before the dates it was loaded for, "" where it does not."""
    return next((found.detail for found in series.findings if found.rule == ENDS_EARLY), "")


def _begins_early(series: PriceSeries, start: date, end: date) -> bool:
    """Whether a series was requested from ``start`` or before, and has a session up to ``end``."""
    return series.origin["asked_from"] <= start.isoformat() and bool(
        len(between(series, start, end).sessions)
    )
