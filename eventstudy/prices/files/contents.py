"""What files and frames hold: series by id, each table read by its layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from eventstudy.errors import FileContentError, PriceDataError, place
from eventstudy.intake.opening import table_of_frame, tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood
from eventstudy.prices.files.matching import Names
from eventstudy.prices.tickers import from_stooq

SUFFIXES = (
    ".csv", ".txt", ".tsv", ".tab", ".asc", ".dat", ".parquet", ".pq", ".feather", ".arrow", ".xlsx",
    ".xlsm", ".xlsb", ".xls", ".ods", ".dta", ".sav", ".sas7bdat", ".xpt", ".rds", ".rdata", ".rda", ".gz", ".zip", ".zst",
)  # fmt: skip
TABLE, DIVIDENDS = "prices", "dividends"  #: stems in a folder: a table of many tickers, and of what they paid


class Match(NamedTuple):
    """A series of a file: its id there, what the file holds of it, and the file."""

    id: str
    columns: SeriesColumns
    file: str


@dataclass(frozen=True)
class Contents:
    """The readings of the tables of one file or frame, with the names of its series."""

    file: str
    readings: tuple[PriceReading, ...]

    @cached_property
    def names(self) -> Names:
        """The ids, as tickers are written, and the other names of the series."""
        aliases: dict[str, tuple[str, ...]] = {}
        spans: dict[Any, Any] = {}
        for reading in self.readings:
            for name, ids in reading.aliases.items():
                listed = tuple(map(self._ticker, ids))
                aliases[name] = tuple(dict.fromkeys((*aliases.get(name, ()), *listed)))
            spans |= {(name, self._ticker(own)): days for (name, own), days in reading.alias_days.items()}
            for own in reading.series:
                if self._ticker(own) != own:
                    aliases.setdefault(own, (self._ticker(own),))
        return Names(tuple(self._series), aliases, spans)

    @property
    def understood(self) -> tuple[Understood, ...]:
        """What was understood of each table."""
        return tuple(reading.understood for reading in self.readings)

    def find(self, name: str, form: int, start: date, end: date) -> list[Match]:
        """Return the series that a name means by a form of `matching.FORMS`: one per table that holds it."""
        found = self.names.match(name, form, start, end)
        return [] if found is None else [Match(found, columns, self.file) for columns in self._series[found]]

    @cached_property
    def _series(self) -> dict[str, list[SeriesColumns]]:
        series: dict[str, list[SeriesColumns]] = {}
        for reading in self.readings:
            for own, columns in reading.series.items():
                series.setdefault(self._ticker(own), []).append(columns)
        return series

    def _ticker(self, own: str) -> str:
        return ticker_of_file(own) if own == stem_of(self.file) else from_stooq(own)


def read_file(name: str, raw: bytes, options: ReadingOptions) -> Contents:
    """Return what the bytes of a file hold; a PriceDataError says what is wrong with it, or asks."""
    with _asking():
        return Contents(name, _read(tables_of(name, raw, options), options))


def read_frame(name: str, frame: Any, options: ReadingOptions) -> Contents:
    """Return what a frame of any library holds; a PriceDataError says what is wrong with it, or asks."""
    with _asking():
        return Contents(name, _read((table_of_frame(name, frame),), options))


def stem_of(name: str) -> str:
    """Return the name of a file without what says how it is packed: ``AAA`` of ``AAA.csv.gz``."""
    inner = name[name.rindex("[") + 1 : -1] if name.endswith("]") and "[" in name else name
    path = PurePosixPath(inner)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def ticker_of_file(stem: str) -> str:
    """Return the ticker that names a file: ``^GSPC`` of ``_GSPC``, ``AAPL`` of ``aapl.us``."""
    return from_stooq(unquote(f"^{stem[1:]}" if stem[:1] == "_" else stem))


def is_table(name: str) -> bool:
    """Tell whether a file has a suffix of one that can hold a table."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$"))


def _read(tables: Sequence[Table], options: ReadingOptions) -> tuple[PriceReading, ...]:
    """Read tables by their layouts; one that no layout fits is left out where another is read."""
    from eventstudy.intake.layouts.prices import PRICE_LAYOUTS

    fitting = [table for table in tables if any(layout.fits(table) for layout in PRICE_LAYOUTS)]
    return tuple(read_by_layout(table, PRICE_LAYOUTS, options) for table in fitting or tables[:1])


@contextmanager
def _asking() -> Iterator[None]:
    """Turn what is wrong with a file's content into a PriceDataError."""
    try:
        yield
    except FileContentError as error:
        raise PriceDataError(place(error.name, error.line, None), error.problem, error.remedy) from None
