"""Prices from the user's own files and frames: any layout that is known, one or several of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from eventstudy.design.arguments import refusal
from eventstudy.errors import PriceDataError, UsageError, nearest
from eventstudy.events.corporate_actions import read_actions
from eventstudy.events.names import ticker_problem
from eventstudy.events.price_statements import NOTHING_STATED_OF_ANY, Stated, Statements, read_closes
from eventstudy.intake.layouts.naming import SUFFIXES
from eventstudy.intake.options import UNSTATED, ReadingOptions, reading_options
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.understood import Understood
from eventstudy.prices.files.contents import Contents, Match, is_table, read_file, read_frame
from eventstudy.prices.files.folder import Folder
from eventstudy.prices.files.matching import FORMS
from eventstudy.prices.files.merging import merged
from eventstudy.prices.files.place import place_of
from eventstudy.prices.files.stamps import on_sessions
from eventstudy.prices.series import batch_of, series_of
from eventstudy.prices.source import Finding, PriceBatch, PriceSeries
from eventstudy.sessions import known_exchange
from eventstudy.sessions.exchange import WITHOUT_SUFFIX

EVER = (date(1800, 1, 1), date(2200, 1, 1))
MOST_NAMED = 12  #: tickers that a message offers


@dataclass(frozen=True)
class DirectorySource:
    """Prices or returns from files, folders and frames.

    ``path`` is one of them or several: a path, a URI, or a frame of any library. A folder has a file per
    ticker (``NVDA.csv``, ``_GSPC.csv`` for ``^GSPC``), files of several, or both, and optionally
    ``dividends.csv`` with the columns ticker, ex_date and amount.
    ``options`` is what is stated about reading them, ``stated`` what is stated about the series, and
    ``named_exchanges`` are those that the ticker's suffix does not tell.
    """

    path: Any
    name: str = "directory"
    options: ReadingOptions = UNSTATED
    stated: Statements = NOTHING_STATED_OF_ANY
    named_exchanges: Mapping[str, str] = field(default_factory=dict)

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``; a missing or unreadable file of a ticker is a failure."""
        self._check()
        return batch_of(tickers, lambda ticker: self._series(ticker, start, end), start, end)

    def whole(self, ticker: str) -> PriceSeries:
        """Return the whole series of one ticker; a PriceDataError if it is missing or unreadable."""
        return self._series(ticker, *EVER)

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that the files hold, in order; a PriceDataError as `load` raises it."""
        self._check()
        held = (each.tickers() if isinstance(each, Folder) else each.names.ids for each in self._parts)
        return tuple(sorted({name for names in held for name in names}))

    def exchanges(self, tickers: Iterable[str], start: date = EVER[0], end: date = EVER[1]) -> dict[str, str]:
        """Return the exchange (MIC) of those tickers whose file tells it.

        A name that several series bear has the exchange of all series of the files, where they share one.
        """
        told = {}
        for ticker in tickers:
            try:
                found = self._find(ticker, start, end)
            except PriceDataError:  # `load` says it
                if self._shared_exchange:
                    told[ticker] = self._shared_exchange
                continue
            if found and found[0].columns.exchange:
                told[ticker] = found[0].columns.exchange
        return told

    @cached_property
    def _shared_exchange(self) -> str:
        """The exchange of all series of the files, "" where they have several or a folder is among them."""
        if not all(isinstance(part, Contents) for part in self._parts):
            return ""
        held = (each for part in self._parts for each in part.series.values())  # type: ignore[union-attr]
        found = {columns.exchange for listed in held for columns in listed}
        return found.pop() if len(found) == 1 else ""

    @property
    def inputs(self) -> tuple[Understood, ...]:
        """What was understood of each table that has been read."""
        return tuple(each for part in self._parts for each in part.understood)

    def _series(self, ticker: str, start: date, end: date) -> PriceSeries:
        if problem := ticker_problem(ticker):
            raise PriceDataError(ticker, problem)
        found = self._find(ticker, start, end)
        if not found:
            raise PriceDataError(ticker, f"not found in {self._place}{self._offer(ticker)}")
        found = [self._on_sessions(ticker, match) for match in found]
        stated, file = self.stated.of(ticker), found[0].file
        held = merged(ticker, found, stated.closes)
        _refuse_statements(ticker, file, held, stated)
        listed = (self._paid(part, found[0], ticker, held) for part in self._parts)
        paid = next((each for each in listed if each is not None), None)
        try:
            series = series_of(
                ticker,
                held.sessions,
                held.columns,
                self.name,
                dividend=paid,
                origin={"file": file, **({"currency": held.currency} if held.currency else {})},
                closes=held.closes,
                stated=stated,
            )
        except PriceDataError as error:
            raise type(error)(file, f"{error.ticker} {error.problem}", error.remedy) from None
        remarks = [
            Finding(ticker, date.fromisoformat(each.session) if each.session else None, *each[:3])  # type: ignore[arg-type]
            for each in held.remarks
        ]
        return series.with_findings(*_other_case(ticker, found[0].id), *remarks)

    def _find(self, ticker: str, start: date, end: date) -> list[Match]:
        """Return the series that a ticker means, by the strictest form of its name that any file knows."""
        for form in range(len(FORMS)):
            if found := [match for part in self._parts for match in part.find(ticker, form, start, end)]:
                ids = dict.fromkeys(match.id for match in found)
                if len(ids) > 1:
                    problem = f"is {' and '.join(ids)} in {found[0].file} and {found[-1].file}"
                    raise PriceDataError(ticker, problem, "name the one that is meant in the event list")
                return found
        return []

    def _on_sessions(self, ticker: str, match: Match) -> Match:
        exchange = self._exchange(ticker, match.columns.exchange)
        return match._replace(columns=on_sessions(match.columns, f"{ticker} in {match.file}", exchange))

    def _exchange(self, ticker: str, told: str) -> str:
        """Return the exchange of a ticker: as named, as its layout tells, or by its suffix."""
        for_all = {WITHOUT_SUFFIX: self.options.exchange} if self.options.exchange else {}
        return known_exchange(ticker, {**for_all, **({ticker: told} if told else {}), **self.named_exchanges})

    def _paid(self, part: Folder | Contents, match: Match, ticker: str, held: SeriesColumns) -> Any:
        """Return the dividends that a folder lists in a file of their own; None where it has none of them."""
        if not isinstance(part, Folder) or match.file not in part.files or match.id.startswith("^"):
            return None
        if "adj_close" in held.columns and not part.lists_dividends(match.id):
            return None
        return part.dividends(match.id, held.sessions, self._exchange(ticker, held.exchange))

    @property
    def _place(self) -> str:
        return ", ".join(part.name if isinstance(part, Folder) else part.file for part in self._parts)

    def _check(self) -> None:
        for part in self._parts:
            if isinstance(part, Folder) and not part.files:
                raise PriceDataError(part.name, "holds no file of prices", "put NVDA.csv, ... there")

    def _offer(self, ticker: str) -> str:
        known = tuple(name for name in self.tickers() if not ticker_problem(name))
        alike = tuple(name for name in known if name[:2] == ticker[:2])[:MOST_NAMED]
        few = known if len(known) <= MOST_NAMED else alike
        return nearest(ticker, few) if few else f", which has {len(known)} tickers"

    @cached_property
    def _parts(self) -> tuple[Folder | Contents, ...]:
        """The folders, and the contents of the files and frames."""
        listed = self.path if isinstance(self.path, list | tuple) else (self.path,)
        return tuple(_part(each, self.options) for each in listed)


def _refuse_statements(ticker: str, file: str, held: SeriesColumns, stated: Stated) -> None:
    """Refuse what is stated about prices where the file holds returns, which it cannot change."""
    if "return" not in held.columns:
        return
    for option, given in (("closes", stated.closes not in (None, held.closes)), ("actions", stated.actions)):
        if given:
            raise UsageError(
                f"{option}: {file} holds returns of {ticker}, which what is stated about prices does not"
                f" change; leave {ticker} out of it"
            )


def _other_case(ticker: str, called: str) -> Iterator[Finding]:
    """Say that a ticker in lower case is taken for a name of the source."""
    if ticker not in (called, ticker.upper()) and ticker.casefold() == called.casefold():
        text = f"taken for {called}, the only name that differs in capitals alone"
        yield Finding(ticker, None, "ticker-case", "info", text)


def _part(where: Any, options: ReadingOptions) -> Folder | Contents:
    if not isinstance(where, str | Path):
        return read_frame("frame", where, options)
    place = place_of(where)
    if not place.is_file:
        place.files  # noqa: B018  a folder that is not there is an error
        return Folder(place, options)
    name = next(iter(place.files))
    if not is_table(name):
        raise PriceDataError(
            place.name, "is no file that can hold prices", f"use {', '.join(sorted(SUFFIXES))}"
        )
    return read_file(name, place.read(name), options)


def read_prices(prices: Any, *, closes: Any = None, actions: Any = None, **options: Any) -> DirectorySource:
    """Read files, folders or frames of prices or returns, for ``prices`` of `run`.

    Parameters
    ----------
    prices
        A path, a URI, a frame of any library (pandas, polars, Arrow, DuckDB), or a list of these.
    closes, actions
        What their closes hold, and corporate actions that they lack, as of `run`.
    options
        What is stated where they can be read in two ways: ``date_order``, ``decimal``, ``values``,
        ``id_column``, ``date_column``, ``value_column``, ``sheet``, ``encoding``, ``exchange``,
        ``delisting``, ``layout``. They have the meaning of the options of the command line.

    Returns
    -------
    DirectorySource
        Its ``inputs`` say what was understood of each table, ``tickers()`` which series there are.

    Raises
    ------
    PriceDataError
        A file cannot be read, or can be read in two ways.
    UsageError
        Something is stated about tickers, and the files have none of them.
    UnknownNameError
        An option that does not exist.
    """
    from eventstudy.prices.opening import are_own

    if not isinstance(prices, str | Path) and not are_own(prices):
        raise refusal("prices", prices, "a path, a URI, a frame, or a list of these")
    path = tuple(prices) if isinstance(prices, list | tuple) else prices
    stated = Statements(read_closes(closes), () if actions is None else read_actions(actions))
    source = DirectorySource(path, options=reading_options(**options), stated=stated)
    stated.refuse_strangers(source.tickers())
    return source
