"""Prices kept on disk: one Parquet file per ticker, replaced as a whole and never appended to.

Appending across a split or a dividend would join two adjustment bases and invent a return. A file states
the range that its provider was asked for, so that "no such prices" differs from "never requested".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from eventstudy.errors import OutputError, first_line
from eventstudy.prices.cache.file_format import PINNED, Unusable, from_bytes, is_pinned, to_bytes
from eventstudy.prices.cache.locked_files import locked, replace_file
from eventstudy.prices.cache.revision import compare
from eventstudy.prices.source import PriceSeries
from eventstudy.prices.tickers import file_stem, ticker_of

T = TypeVar("T")
OTHER_FOLDER = "choose another folder with --cache"


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
        if path.is_symlink() and not path.exists():
            return Unusable("foreign", f"{path} is a link to nothing", OTHER_FOLDER)
        if path.exists() and not (path.is_file() or path.is_dir()):
            return Unusable("foreign", f"{path} is a device or a pipe, and no stored series", OTHER_FOLDER)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Unusable("foreign", f"{path} cannot be read ({first_line(error)})", OTHER_FOLDER)
        return from_bytes(content, ticker, path)

    def read(self, ticker: str) -> PriceSeries | None:
        """Return the stored series of a ticker with its provenance, None where there is no file.

        A PriceDataError says that the file is damaged, newer, of another ticker, or not a stored series.
        """
        found = self.look(ticker)
        if isinstance(found, Unusable):
            raise found.error(ticker)
        return found

    def beside(self, ticker: str) -> tuple[str, ...]:
        """Return the names of the damaged and revised files of a ticker that were set aside."""
        return tuple(sorted(path.name for path in self.folder.glob(f"{self.file(ticker).name}.*-*")))

    def write(self, series: PriceSeries) -> Path:
        """Store a series in place of the old one; a damaged file is kept under another name.

        An OutputError says that the folder cannot be written to, or that the file is pinned, newer, or not
        ours.
        """

        def change(path: Path) -> Path:
            if isinstance(self._replaceable(series.ticker), Unusable):
                _set_aside(path, "damaged")
            replace_file(path, to_bytes(series))
            return path

        return self._change(series.ticker, change)

    def renew(self, series: PriceSeries) -> PriceSeries:
        """Store a fetched series unless it contradicts the stored one, and return what is stored then.

        Its findings say how the two differ. A file that was damaged or revised is kept under another name.
        Raises as `write`.
        """

        def change(path: Path) -> PriceSeries:
            old = self._replaceable(series.ticker)
            renewed = series
            if isinstance(old, Unusable):
                kept = _set_aside(path, "damaged")
                text = f"{old.problem}; it is kept as {kept.name} and was fetched again"
                renewed = series.with_findings(series.finding("damaged-file", "warning", text))
            elif old is not None:
                compared = compare(old, series)
                if compared.refused:
                    return old.with_findings(*compared.findings)
                renewed = series.with_findings(*compared.findings)
                if compared.revised:
                    text = f"the series stored before is kept as {_set_aside(path, 'revised').name}"
                    renewed = renewed.with_findings(series.finding("kept", "info", text))
            content = to_bytes(renewed)
            replace_file(path, content)
            stored = from_bytes(content, series.ticker, path)
            return renewed if isinstance(stored, Unusable) else stored

        return self._change(series.ticker, change)

    def remove(self, ticker: str) -> bool:
        """Remove the file of a ticker; False where there is none.

        An OutputError says that it is pinned, newer, or not ours, or cannot be removed.
        """
        path = self.file(ticker)
        try:
            if self._replaceable(ticker) is None:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(path, f"cannot be removed ({first_line(error)})") from None
        return True

    def _replaceable(self, ticker: str) -> PriceSeries | Unusable | None:
        """Return what is stored of a ticker; an OutputError says that it must not be replaced."""
        path, found = self.file(ticker), self.look(ticker)
        if isinstance(found, Unusable):
            if found.kind != "damaged":
                raise OutputError(path, found.problem.removeprefix(f"{path} "), found.remedy)
            if path.is_symlink():
                raise OutputError(path, f"is a link to {path.readlink()}, which is no series", OTHER_FOLDER)
            pinned = is_pinned(path.read_bytes())
        else:
            pinned = found is not None and found.source == PINNED
        if pinned:
            raise OutputError(path, "is pinned and never changed", OTHER_FOLDER)
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
        except OutputError:
            raise
        except OSError as error:
            problem = f"cannot be written ({first_line(error)})"
            raise OutputError(path, problem, "what was there is kept") from error


def covers(series: PriceSeries, start: date, end: date) -> bool:
    """Whether a stored series was requested for all dates from ``start`` to ``end``."""
    asked_from, asked_to = series.origin.get("asked_from"), series.origin.get("asked_to")
    return bool(asked_from and asked_to) and f"{asked_from}" <= f"{start}" and f"{end}" <= f"{asked_to}"


def _set_aside(path: Path, why: str) -> Path:
    """Copy a file to a new name; the caller holds its lock."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    replace_file(aside, path.read_bytes())
    return aside
