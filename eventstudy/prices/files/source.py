"""Prices from the user's own files: a folder of one file per ticker, or one wide or long table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.errors import PriceDataError, nearest
from eventstudy.events.price_statements import Statements
from eventstudy.prices.files.place import Place, place_of, stem_and_suffix
from eventstudy.prices.files.reading import SUFFIXES, PriceTable, read_table
from eventstudy.prices.series import batch_of, series_of
from eventstudy.prices.source import PriceBatch, PriceSeries
from eventstudy.prices.tickers import from_stooq, refuse_same_names, ticker_problem

DIVIDENDS = "dividends"  #: stem of the file of ticker, ex_date, amount
#: Titles of columns that are no closes, and of some that are.
NO_CLOSES = {"open", "high", "low", "volume", "vol", "turnover", "return", "returns", "ret", "logreturn"}
NO_CLOSES |= {"logret", "change", "changepct", "pctchange", "dividend", "dividends", "marketcap", "shares"}
PRICE_WORDS = {"price", "px", "close", "last", "settle", "value", "level", "index", "nav", "kurs", "adj"}
TICKER = re.compile(r"\^?[A-Z]{1,5}(\.[A-Z]{1,3})?|\d{4,6}\.[A-Z]{1,3}")  #: what can only be a ticker
TABLE = "prices"  #: stem of a table of several tickers inside a folder


class Columns(NamedTuple):
    """What a file holds of one ticker."""

    file: str
    sessions: DateArray
    columns: Mapping[str, FloatArray]


@dataclass(frozen=True)
class DirectorySource:
    """Prices from a folder or a file, CSV or Parquet, given by a path or a URI.

    A folder has a file per ticker, ``NVDA.csv`` or ``NVDA.parquet`` (``_GSPC.csv`` for ``^GSPC``, Stooq's
    ``nvda.us.txt``), or one table ``prices.csv``; and optionally ``dividends.csv`` with the columns ticker,
    ex_date and amount. A table is wide (date, and a column of closes per ticker) or long (date, ticker,
    close, ...).
    """

    path: Path | str
    name: str = "directory"
    stated: Statements = field(default_factory=Statements)

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``; a missing or unreadable file of a ticker is a failure."""
        self._check()
        return batch_of(tickers, self.whole, start, end)

    def whole(self, ticker: str) -> PriceSeries:
        """Return the whole series of one ticker; a PriceDataError if it is missing or unreadable."""
        if problem := ticker_problem(ticker):
            raise PriceDataError(ticker, problem)
        refuse_same_names(self._place.name, [name for name in self._files if name.lower() == ticker.lower()])
        if file := self._files.get(ticker) or self._files.get(ticker.lower()):
            part = _own(self._read(file), ticker)
        elif ticker in self._table:
            part = self._table[ticker]
        else:
            raise PriceDataError(ticker, f"not found in {self._place.name}{self._offer(ticker)}")
        try:
            return series_of(
                ticker,
                part.sessions,
                part.columns,
                self.name,
                dividend=self._dividends_of(ticker, part),
                origin={"file": part.file},
                stated=self.stated.of(ticker),
            )
        except PriceDataError as error:
            raise type(error)(part.file, f"{error.ticker} {error.problem}", error.remedy) from None

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that the files name, in order; a PriceDataError as `load` raises it."""
        self._check()
        return tuple(sorted({*self._files, *self._table}))

    def _check(self) -> None:
        place = self._place
        readable = [name for name in place.files if stem_and_suffix(name)[1] in SUFFIXES]
        if place.is_file and not readable:
            raise PriceDataError(place.name, "is neither CSV nor Parquet", f"use {' or '.join(SUFFIXES)}")
        if not self._files and not self._table:
            raise PriceDataError(place.name, "holds no CSV or Parquet file", "put NVDA.csv, ... there")

    def _offer(self, ticker: str) -> str:
        known = self.tickers()
        few = known if len(known) <= 12 else tuple(name for name in known if name[:2] == ticker[:2])[:12]
        return nearest(ticker, few) if few else f", which has {len(known)} tickers"

    @cached_property
    def _place(self) -> Place:
        return place_of(self.path)

    @cached_property
    def _files(self) -> Mapping[str, str]:
        """The file of each ticker that has its own."""
        files: dict[str, str] = {}
        for name in () if self._place.is_file else self._place.files:
            stem, suffix = stem_and_suffix(name)
            called = unquote(f"^{stem[1:]}" if stem[0] == "_" else stem)
            ticker = from_stooq(called)
            is_note = suffix == ".txt" and ticker == called
            if suffix in SUFFIXES and stem.lower() not in (DIVIDENDS, TABLE) and not is_note:
                files.setdefault(ticker, name)
        return files

    @cached_property
    def _table(self) -> Mapping[str, Columns]:
        """The tickers of the table of several tickers, empty where there is none."""
        file = next(iter(self._place.files)) if self._place.is_file else self._beside(TABLE)
        return parts(self._read(file)) if file else {}

    @cached_property
    def _dividends(self) -> Mapping[str, Columns] | None:
        file = None if self._place.is_file else self._beside(DIVIDENDS)
        return parts(self._read(file, {"amount": "dividend"})) if file else None

    def _beside(self, stem: str) -> str | None:
        names = (f"{stem}{suffix}" for suffix in SUFFIXES)
        return next((name for name in names if name in self._place.files), None)

    def _read(self, file: str, also: Mapping[str, str] = MappingProxyType({})) -> PriceTable:
        return read_table(file, self._place.read(file), also)

    def _dividends_of(self, ticker: str, part: Columns) -> FloatArray | None:
        """Return dividends on their ex-dates or the next session, None where there is no file of them."""
        if self._dividends is None or ticker.startswith("^"):
            return None
        if ticker not in self._dividends:
            return None if "adj_close" in part.columns else np.zeros(len(part.sessions))
        paid = self._dividends[ticker]
        order = np.argsort(part.sessions)
        at = np.searchsorted(part.sessions, paid.sessions, sorter=order)
        dividend = np.zeros(len(part.sessions))
        inside = (at < len(order)) & (paid.sessions >= part.sessions.min())
        np.add.at(dividend, order[at[inside]], paid.columns["dividend"][inside])
        return dividend


def _own(table: PriceTable, ticker: str) -> Columns:
    """Return the ticker's part of its own file; a single column is its closes, unless named otherwise."""
    held = parts(table)
    named = [name for name in held if name.lower() == ticker.lower()]
    if not named and len(held) == 1 and table.is_wide and (problem := _not_closes(next(iter(held)))):
        raise PriceDataError(
            table.name, f"{problem}, not closes of {ticker}", "name the column close if it is"
        )
    if not named and (len(held) > 1 or table.ticker is not None):
        raise PriceDataError(table.name, f"holds prices of {', '.join([*held][:4])}, not of {ticker}")
    return held[named[0] if named else next(iter(held))]


def _not_closes(title: str) -> str:
    """Return what else than closes a single column holds by its name: another figure, another ticker."""
    plain = re.sub("[^a-z]", "", title.lower())
    if plain in NO_CLOSES:
        return f"holds a column {title}"
    if TICKER.fullmatch(title) and plain not in PRICE_WORDS:
        return f"holds prices of {title}"
    return ""


def parts(table: PriceTable) -> dict[str, Columns]:
    """Split a table into its tickers: by column, by ticker, or one named by the file.

    Names that cannot be tickers are left out; a PriceDataError says that none is left.
    """
    file, days, columns = table.name, table.sessions, table.columns
    if table.is_wide:
        refuse_same_names(file, columns)
        named = {
            name: close for name, close in columns.items() if len(columns) == 1 or not ticker_problem(name)
        }
        found = {name: Columns(file, days, {"close": close}) for name, close in named.items()}
    elif table.ticker is None:
        found = {stem_and_suffix(file)[0]: Columns(file, days, columns)}
    else:
        refuse_same_names(file, table.ticker[1])
        found = {
            name: Columns(file, days[at], {key: values[at] for key, values in columns.items()})
            for name, at in _rows_of(*table.ticker).items()
        }
    if not found:
        raise PriceDataError(file, "names no ticker", "name each by letters and digits, such as NVDA")
    return found


def _rows_of(codes: IntArray, names: Sequence[str]) -> dict[str, IntArray]:
    """Return the rows of each ticker, in order; two names may be of one ticker."""
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    rows: dict[str, list[IntArray]] = {}
    for name, first, last in zip(names, bounds, bounds[1:], strict=False):
        if last > first and not ticker_problem(name):
            rows.setdefault(from_stooq(name), []).append(order[first:last])
    return {name: np.sort(np.concatenate(several)) for name, several in sorted(rows.items())}
