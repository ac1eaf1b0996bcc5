"""A folder of price files: those of a ticker found by name, those of several by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from urllib.parse import unquote

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.errors import PriceDataError
from eventstudy.intake.layouts.naming import from_stooq, stem_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.understood import Understood
from eventstudy.prices.files.contents import Contents, Match, is_table, read_file
from eventstudy.prices.files.matching import FORMS, Names
from eventstudy.prices.files.place import Place
from eventstudy.prices.files.stamps import on_sessions
from eventstudy.prices.tickers import refuse_same_names

NOTES = (".txt", ".dat", ".asc")  #: files that may be something else than a table
DIVIDENDS = "dividends"  #: stem of the file of ticker, ex_date, amount


@dataclass(frozen=True)
class Folder:
    """The files of a folder, each read when it is needed.

    A file named by a ticker is looked into first. Where none has a series, all files are, once; of those of a
    single series only the name is kept.
    """

    place: Place
    options: ReadingOptions
    _kept: dict[str, Contents] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.place.name

    @property
    def understood(self) -> tuple[Understood, ...]:
        """What was understood of each table that was read."""
        return tuple(each for name in sorted(self._kept) for each in self._kept[name].understood)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of its files that can hold prices."""
        return tuple(name for name in self.place.files if is_table(name) and stem_of(name) != DIVIDENDS)

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers of all files; a PriceDataError where no file of the folder can be read."""
        readable = [name for names in self._holders.values() for name in names]
        if not readable and self._unread:
            raise next(iter(self._unread.values()))
        return tuple(sorted(self._holders))

    def find(self, name: str, form: int, start: date, end: date) -> list[Match]:
        """Return the series that a name means by a form of `matching.FORMS`, by file.

        Raises
        ------
        PriceDataError
            The file that bears the name cannot be read, or holds series of others alone; another file's name
            differs from it by case alone.
        """
        stem = self._stems.match(name, form, start, end)
        if stem is None and form == 0 and name.lower() in self._named:
            stem = name.lower()
        if stem is not None:
            for file in self._named[stem]:
                refuse_same_names(self.name, self._alike[stem_of(file).casefold()])
            return [match for file in self._named[stem] for match in self._own(file, name, start, end)]
        return [
            match for file in self._candidates for match in self._contents(file).find(name, form, start, end)
        ]

    def _own(self, file: str, name: str, start: date, end: date) -> list[Match]:
        """Return the series of a ticker in the file that bears its name."""
        contents = self._contents(file)
        for form in range(len(FORMS)):
            if found := contents.find(name, form, start, end):
                return found
        raise PriceDataError(file, f"holds prices of {', '.join(contents.names.ids[:4])}, not of {name}")

    @cached_property
    def _named(self) -> Mapping[str, list[str]]:
        """The files whose names say a ticker."""
        files: dict[str, list[str]] = {}
        for name in self.files:
            stem = stem_of(name)
            for ticker in dict.fromkeys((_ticker_of(stem), stem)):
                files.setdefault(ticker, []).append(name)
        return files

    @cached_property
    def _stems(self) -> Names:
        return Names(tuple(self._named), {}, {})

    @cached_property
    def _alike(self) -> Mapping[str, list[str]]:
        """The names of files without suffixes, by what they are without regard to case."""
        names: dict[str, list[str]] = {}
        for name in dict.fromkeys(map(stem_of, self.files)):
            names.setdefault(name.casefold(), []).append(name)
        return names

    @cached_property
    def _holders(self) -> Mapping[str, list[str]]:
        """The files that hold each ticker; reads every file once."""
        holders: dict[str, list[str]] = {}
        for file in self.files:
            try:
                contents = self._kept.get(file) or read_file(file, self.place.read(file), self.options)
            except PriceDataError as error:
                self._unread[file] = error
                if not file.lower().endswith(NOTES):  # what it holds is not known, whose it is
                    holders.setdefault(_ticker_of(stem_of(file)), []).append(file)
                continue
            if len(contents.names.ids) > 1:
                self._kept[file] = contents
            for ticker in contents.names.ids:
                holders.setdefault(ticker, []).append(file)
        return holders

    @cached_property
    def _unread(self) -> dict[str, PriceDataError]:
        return {}

    @cached_property
    def _candidates(self) -> tuple[str, ...]:
        """The files of which the names do not tell what they hold: those of several series, and odd names."""
        odd = (file for ticker, files in self._holders.items() for file in files if ticker not in self._named)
        several = (file for file in self.files if file in self._kept and len(self._kept[file].names.ids) > 1)
        return tuple(dict.fromkeys((*several, *odd)))

    def _contents(self, file: str) -> Contents:
        if file not in self._kept:
            self._kept[file] = read_file(file, self.place.read(file), self.options)
        return self._kept[file]

    def dividends(self, ticker: str, sessions: DateArray, exchange: str) -> FloatArray | None:
        """Return what the file of dividends lists for a ticker, shape (T,); None where there is none.

        A dividend is on its ex-date or the next session; before the first session it is left out.
        """
        if self._dividends is None:
            return None
        if ticker not in self._dividends:
            return np.zeros(len(sessions))
        own = on_sessions(self._dividends[ticker], f"{ticker} in {DIVIDENDS}", exchange)
        days, amounts = own.sessions, np.nan_to_num(own.columns["dividend"])
        order = np.argsort(sessions)
        at = np.searchsorted(sessions, days, sorter=order)
        dividend = np.zeros(len(sessions))
        inside = (at < len(order)) & (days >= sessions.min())
        np.add.at(dividend, order[at[inside]], amounts[inside])
        return dividend

    def lists_dividends(self, ticker: str) -> bool:
        """Tell whether the file of dividends names a ticker."""
        return self._dividends is not None and ticker in self._dividends

    @cached_property
    def _dividends(self) -> Mapping[str, SeriesColumns] | None:
        file = next(
            (name for name in self.place.files if is_table(name) and stem_of(name) == DIVIDENDS), None
        )
        if file is None:
            return None
        held = read_file(file, self.place.read(file), self.options).series
        if missing := next((name for name, (own, *_) in held.items() if "dividend" not in own.columns), None):
            raise PriceDataError(file, f"lists no dividends of {missing}", "name ticker, ex_date and amount")
        return {name: own for name, (own, *_) in held.items()}


def _ticker_of(stem: str) -> str:
    """Return the ticker that names a file: ``^GSPC`` of ``_GSPC``, ``AAPL`` of ``aapl.us``."""
    return from_stooq(unquote(f"^{stem[1:]}" if stem[:1] == "_" else stem))
