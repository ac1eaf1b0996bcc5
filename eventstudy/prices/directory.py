"""Prices from the user's own files: a folder of one file per ticker, or one wide or long table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.errors import PriceDataError, nearest
from eventstudy.prices.series import series_of, within
from eventstudy.prices.source import PriceBatch, PriceSeries
from eventstudy.prices.tables import SUFFIXES, PriceTable, read_table
from eventstudy.prices.tickers import refusal

DIVIDENDS = "dividends"  #: stem of the file of ticker, ex_date, amount
TABLE = "prices"  #: stem of a table of several tickers inside a folder


class Columns(NamedTuple):
    """What a file holds of one ticker."""

    file: str
    sessions: DateArray
    columns: Mapping[str, FloatArray]


@dataclass(frozen=True)
class DirectorySource:
    """Prices from a folder or a file, CSV or Parquet.

    A folder holds ``NVDA.csv`` or ``NVDA.parquet`` per ticker (``_GSPC.csv`` for ``^GSPC``), or one table
    ``prices.csv``; beside them may lie ``dividends.csv`` with the columns ticker, ex_date and amount. A file
    is one ticker's, named by it, or a table: wide (date, and a column of closes per ticker) or long (date,
    ticker, close, ...).
    """

    path: Path
    name: str = "directory"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``; a ticker whose file is missing or broken is a failure.

        Raises
        ------
        PriceDataError
            No such folder or file, or a broken table of several tickers.
        """
        self._check()
        series: dict[str, PriceSeries] = {}
        failures: dict[str, str] = {}
        for ticker in dict.fromkeys(tickers):
            try:
                series[ticker] = within(self.whole(ticker), start, end)
            except PriceDataError as error:
                failures[ticker] = error.reason(ticker)
        return PriceBatch(series, failures)

    def whole(self, ticker: str) -> PriceSeries:
        """Return all that the files hold of one ticker.

        Raises
        ------
        PriceDataError
            The ticker is not there, or its file is broken.
        """
        if problem := refusal(ticker):
            raise PriceDataError(ticker, problem)
        file = self._files.get(ticker) or self._files.get(ticker.lower())
        if file is not None:
            part = next(iter(parts(read_table(file)).values()))
        elif ticker in self._table:
            part = self._table[ticker]
        else:
            raise PriceDataError(ticker, f"{self.path} has no prices of it{self._offer(ticker)}")
        try:
            return series_of(
                ticker,
                part.sessions,
                part.columns,
                self.name,
                dividend=self._dividends_of(ticker, part),
                origin={"file": part.file},
            )
        except PriceDataError as error:
            raise PriceDataError(part.file, f"{error.ticker} {error.problem}", error.remedy) from None

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that the files name, in order.

        Raises
        ------
        PriceDataError
            No such folder or file, or a broken table of several tickers.
        """
        self._check()
        return tuple(sorted({*self._files, *self._table}))

    def _check(self) -> None:
        if not self.path.exists():
            raise PriceDataError(str(self.path), "no such folder or file", "check the path")
        if self.path.is_file() and self.path.suffix.lower() not in SUFFIXES:
            raise PriceDataError(self.path.name, "is neither CSV nor Parquet", f"use {' or '.join(SUFFIXES)}")
        if not self._files and not self._table:
            raise PriceDataError(str(self.path), "holds no CSV or Parquet file", "put NVDA.csv, ... there")

    def _offer(self, ticker: str) -> str:
        known = self.tickers()
        few = known if len(known) <= 12 else tuple(name for name in known if name[:2] == ticker[:2])[:12]
        return nearest(ticker, few) if few else f" among its {len(known)} tickers"

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        """The file of each ticker that has one to itself."""
        files: dict[str, Path] = {}
        for path in sorted(self.path.iterdir()) if self.path.is_dir() else ():
            if path.suffix.lower() in SUFFIXES and path.stem.lower() not in (DIVIDENDS, TABLE):
                ticker = unquote(f"^{path.stem[1:]}" if path.stem.startswith("_") else path.stem)
                files.setdefault(ticker, path)
        return files

    @cached_property
    def _table(self) -> Mapping[str, Columns]:
        """Tickers of the one table, empty where there is none."""
        beside = [self.path / f"{TABLE}{suffix}" for suffix in SUFFIXES]
        file = next((path for path in (self.path, *beside) if path.is_file()), None)
        return parts(read_table(file)) if file else {}

    @cached_property
    def _dividends(self) -> Mapping[str, Columns] | None:
        files = [self.path / f"{DIVIDENDS}{suffix}" for suffix in SUFFIXES]
        file = next((path for path in files if path.is_file()), None)
        return parts(read_table(file, also={"amount": "dividend"})) if file else None

    def _dividends_of(self, ticker: str, part: Columns) -> FloatArray | None:
        """Return dividends on their ex-dates, or the next session; None where the folder knows none."""
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


def parts(table: PriceTable) -> dict[str, Columns]:
    """Split a table into its tickers: by column, by ticker, or one named by the file."""
    file, days, columns = table.name, table.sessions, table.columns
    if table.is_wide:
        return {ticker: Columns(file, days, {"close": close}) for ticker, close in columns.items()}
    if table.ticker is None:
        return {Path(file).stem: Columns(file, days, columns)}
    names, code = np.unique(table.ticker.astype(str), return_inverse=True)
    order = np.argsort(code, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(code))[:-1])
    return {
        str(name): Columns(file, days[at], {key: values[at] for key, values in columns.items()})
        for name, at in zip(names, rows, strict=True)
    }
