"""Prices kept on disk: one Parquet file per ticker, replaced as a whole and never appended to.

Appending across a split or a dividend would glue two adjustment bases and fabricate a return. A file knows
the range that its provider was asked for, so that "asked, nothing there" differs from "never asked".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from eventstudy.errors import OutputError
from eventstudy.prices.cache.revision import compare
from eventstudy.prices.cache.stored import PINNED, Unusable, from_bytes, is_pinned, to_bytes
from eventstudy.prices.cache.writing import locked, put
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.prices.tickers import file_stem, ticker_of

T = TypeVar("T")
CHOOSE = "choose another folder with --cache"


@dataclass(frozen=True)
class SeriesFolder:
    """A folder of stored series; nothing is read or written outside it."""

    folder: Path

    def file(self, ticker: str) -> Path:
        """Return the file of a ticker, whether it exists or not."""
        return self.folder / f"{file_stem(ticker)}.parquet"

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that have a file, in order."""
        return tuple(sorted(ticker_of(path.stem) for path in self.folder.glob("[!.]*.parquet")))

    def look(self, ticker: str) -> PriceSeries | Unusable | None:
        """Return the stored series of a ticker, why its file cannot be used, or None where there is none."""
        path = self.file(ticker)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Unusable("foreign", f"{path} cannot be read ({_line(error)})", CHOOSE)
        return from_bytes(content, ticker, path)

    def read(self, ticker: str) -> PriceSeries | None:
        """Return the stored series of a ticker with its provenance, None where there is no file.

        Raises
        ------
        PriceDataError
            The file is damaged, of a later format, of another ticker, or no stored series.
        """
        found = self.look(ticker)
        if isinstance(found, Unusable):
            raise found.error(ticker)
        return found

    def beside(self, ticker: str) -> tuple[str, ...]:
        """Return the names of what was set aside of a ticker: damaged files and series that were revised."""
        return tuple(sorted(path.name for path in self.folder.glob(f"{self.file(ticker).name}.*-*")))

    def write(self, series: PriceSeries) -> Path:
        """Store a series in place of what was there; readers see the old file or the new one, never a part.

        A damaged file is kept beside it under another name.

        Raises
        ------
        OutputError
            The folder cannot be written to, or the file is pinned, of a later version, or not ours.
        """

        def change(path: Path) -> Path:
            old = self._replaceable(series.ticker)
            if isinstance(old, Unusable):
                _set_aside(path, "damaged")
            put(path, to_bytes(series))
            return path

        return self._change(series.ticker, change)

    def renew(self, series: PriceSeries) -> PriceSeries:
        """Store a fetched series if it can stand for the stored one, and return what is stored from now on.

        What was found in comparing them is among the findings. Of a series that was revised, and of a file
        that was damaged, what was there is kept beside it under another name.

        Raises
        ------
        OutputError
            As for `write`.
        """

        def change(path: Path) -> PriceSeries:
            old = self._replaceable(series.ticker)
            renewed = series
            if isinstance(old, Unusable):
                kept = _set_aside(path, "damaged")
                text = f"{old.problem}; it is kept as {kept.name} and was fetched again"
                renewed = _with_findings(
                    series, Finding(series.ticker, None, "damaged-file", "warning", text)
                )
            elif old is not None:
                compared = compare(old, series)
                if compared.refused:
                    return _with_findings(old, *compared.findings)
                renewed = _with_findings(series, *compared.findings)
                if compared.revised:
                    kept = _set_aside(path, "revised")
                    text = f"the series stored before is kept as {kept.name}"
                    renewed = _with_findings(renewed, Finding(series.ticker, None, "kept", "info", text))
            content = to_bytes(renewed)
            put(path, content)
            stored = from_bytes(content, series.ticker, path)
            return renewed if isinstance(stored, Unusable) else stored

        return self._change(series.ticker, change)

    def remove(self, ticker: str) -> bool:
        """Remove the file of a ticker; False where there was none.

        Raises
        ------
        OutputError
            The file is pinned, of a later version, or not ours, or cannot be removed.
        """
        path = self.file(ticker)
        try:
            if self._replaceable(ticker) is None:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(path, f"cannot be removed ({_line(error)})") from None
        return True

    def _replaceable(self, ticker: str) -> PriceSeries | Unusable | None:
        """Return what is there, which is ours to replace.

        Raises
        ------
        OutputError
            It is not.
        """
        path, found = self.file(ticker), self.look(ticker)
        if isinstance(found, Unusable):
            if found.kind != "damaged":
                raise OutputError(path, found.problem.removeprefix(f"{path} "), found.remedy)
            pinned = is_pinned(path.read_bytes())
        else:
            pinned = found is not None and found.source == PINNED
        if pinned:
            raise OutputError(path, "is pinned and never changed", CHOOSE)
        return found

    def _change(self, ticker: str, change: Callable[[Path], T]) -> T:
        """Change the file of a ticker under its lock, once more where the folder vanished meanwhile."""
        path = self.file(ticker)
        self._replaceable(ticker)  # before anything is written; again under the lock, by ``change``
        try:
            try:
                with locked(path):
                    return change(path)
            except FileNotFoundError:
                with locked(path):
                    return change(path)
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            problem = f"cannot be written ({_line(error)})"
            raise OutputError(path, problem, "what was there is kept") from error


def covers(series: PriceSeries, start: date, end: date) -> bool:
    """Tell whether the provider of a stored series was asked for all of ``start`` to ``end``."""
    asked_from, asked_to = series.origin.get("asked_from"), series.origin.get("asked_to")
    return (
        bool(asked_from and asked_to)
        and f"{asked_from}" <= start.isoformat()
        and end.isoformat() <= f"{asked_to}"
    )


def _set_aside(path: Path, why: str) -> Path:
    """Keep the content of a file beside it, under a name that nothing has; the caller holds its lock."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    put(aside, path.read_bytes())
    return aside


def _with_findings(series: PriceSeries, *found: Finding) -> PriceSeries:
    return replace(series, findings=(*series.findings, *found))


def _line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
