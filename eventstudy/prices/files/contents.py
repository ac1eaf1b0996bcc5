"""What files and frames hold: series by id, each table read by its layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from eventstudy.errors import FileContentError, PriceDataError, place
from eventstudy.intake.layouts.naming import SUFFIXES
from eventstudy.intake.opening import table_of_frame, tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood
from eventstudy.prices.files.matching import Names
from eventstudy.prices.tickers import refuse_same_names


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
        """The ids, and the other names of the series."""
        aliases: dict[str, tuple[str, ...]] = {}
        spans: dict[tuple[str, str], Any] = {}
        for reading in self.readings:
            for name, ids in reading.aliases.items():
                aliases[name] = tuple(dict.fromkeys((*aliases.get(name, ()), *ids)))
            spans |= reading.alias_days
        return Names(tuple(self.series), aliases, spans)

    @property
    def understood(self) -> tuple[Understood, ...]:
        """What was understood of each table."""
        return tuple(reading.understood for reading in self.readings)

    def find(self, name: str, form: int, start: date, end: date) -> list[Match]:
        """Return the series that a name means by a form of `matching.FORMS`: one per table that holds it."""
        found = self.names.match(name, form, start, end)
        return [] if found is None else [Match(found, columns, self.file) for columns in self.series[found]]

    @cached_property
    def series(self) -> dict[str, list[SeriesColumns]]:
        """What is held of each id, by table."""
        series: dict[str, list[SeriesColumns]] = {}
        for reading in self.readings:
            for own, columns in reading.series.items():
                series.setdefault(own, []).append(columns)
        return series


def read_file(name: str, raw: bytes, options: ReadingOptions) -> Contents:
    """Return what the bytes of a file hold; a PriceDataError says what is wrong with it, or asks."""
    with _asking():
        return Contents(name, _read(tables_of(name, raw, options), options))


def read_frame(name: str, frame: Any, options: ReadingOptions) -> Contents:
    """Return what a frame of any library holds; a PriceDataError says what is wrong with it, or asks."""
    with _asking():
        return Contents(name, _read((table_of_frame(name, frame),), options))


def is_table(name: str) -> bool:
    """Tell whether a file has a suffix of one that can hold a table."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$"))


def _read(tables: Sequence[Table], options: ReadingOptions) -> tuple[PriceReading, ...]:
    """Read tables by their layouts; one that no layout fits is left out where another is read."""
    from eventstudy.intake.layouts.prices import PRICE_LAYOUTS

    fitting = [table for table in tables if any(layout.fits(table) for layout in PRICE_LAYOUTS)]
    readings = tuple(read_by_layout(table, PRICE_LAYOUTS, options) for table in fitting or tables[:1])
    for reading in readings:
        refuse_same_names(reading.understood.file, reading.series)
    return readings


@contextmanager
def _asking() -> Iterator[None]:
    """Turn what is wrong with a file's content into a PriceDataError."""
    try:
        yield
    except FileContentError as error:
        raise PriceDataError(place(error.name, error.line, None), error.problem, error.remedy) from None
