"""What ``yfinance.download`` writes: a field and a ticker above every column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Closes
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.naming import from_stooq
from eventstudy.intake.layouts.securities import dates_of_rows, understood_of
from eventstudy.intake.layouts.zeros import without_zeros
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table

FIELDS = {
    "open": "open", "high": "high", "low": "low", "close": "close", "adjclose": "adj_close",
    "volume": "volume", "dividends": "dividend", "stocksplits": "split", "capitalgains": "gain",
}  # fmt: skip
LABELS = (
    "price",
    "ticker",
    "attributes",
    "symbols",
    "date",
    "datetime",
    "",
)  #: first cells of the header rows
FORM = Form("yfinance-download", "yfinance download()", "rows `Price,...`, `Ticker,...`, `Date,...`", ())


class _Column(NamedTuple):
    place: int
    field: str
    ticker: str


#: a title that pandas makes of two levels where a format has one: ``('Close', 'NVDA')``
PAIR = re.compile(r"\('([^']*)', '([^']*)'\)")


def fits(table: Table) -> bool:
    """Whether two header rows name a field and a ticker above each column."""
    return _columns(table) != ()


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each ticker.

    The closes hold splits and dividends, unless there is an adjusted close beside them.
    """
    columns = _columns(table)
    twice = [each for each in columns if sum(each[1:] == other[1:] for other in columns) > 1]
    if twice:
        raise FileContentError(
            table.name, f"has several columns {twice[0].field} of {twice[0].ticker}", "keep one"
        )
    ids = list(dict.fromkeys(column.ticker for column in columns))
    days = dates_of_rows(table, _date_place(columns), options)
    raw = any(column.field == "adj_close" for column in columns)
    closes: Closes | None = "split-adjusted" if raw else "adjusted" if _is_download(table) else None
    series = {}
    for name in ids:
        figures = {
            each.field: figures_of(table, each.place, options).values
            for each in columns
            if each.ticker == name
        }
        known = ~np.all([np.isnan(values) for key, values in figures.items() if key != "split"], axis=0)
        held = days.at(known)
        own, remarks = without_zeros(held.days, {key: values[known] for key, values in figures.items()})
        series[from_stooq(name)] = SeriesColumns(held.days, own, closes, remarks=remarks, stamps=held.stamps)
    said = () if raw else ("the closes hold splits and dividends",)
    fields = {each.field: each.field for each in columns if each.field in ("close", "adj_close", "dividend")}
    return PriceReading(series, understood_of(table, FORM, series, fields, days.form, "price", said))


def _is_download(table: Table) -> bool:
    """Whether the labels are yfinance's, or the fields are all of its bars."""
    labels = {plain(row[0]) for row in table.headers}
    fields = {column.field for column in _columns(table)}
    return bool(labels & {"price", "ticker"}) or {"open", "high", "low", "close", "volume"} <= fields


def _date_place(columns: Sequence[_Column]) -> int:
    taken = {column.place for column in columns}
    return next(place for place in range(len(taken) + 1) if place not in taken)


def _columns(table: Table) -> tuple[_Column, ...]:
    """Return the field and the ticker of each column but the first, none where no header rows name them."""
    headers = _headers(table)
    rows = [_filled(row) for row in headers if any(plain(cell) for cell in row[1:])]
    if len(rows) != 2 or any(plain(row[0]) not in LABELS for row in headers):
        return ()
    of_fields = [all(plain(cell) in FIELDS for cell in row) for row in rows]
    if of_fields.count(True) != 1:
        return ()
    fields, tickers = rows if of_fields[0] else rows[::-1]
    known = {FIELDS[plain(field)] for field in fields}
    if not known & {"close", "adj_close"}:
        return ()
    pairs = zip(fields, tickers, strict=True)
    return tuple(_Column(at + 1, FIELDS[plain(field)], ticker) for at, (field, ticker) in enumerate(pairs))


def _headers(table: Table) -> Sequence[Sequence[str]]:
    """Return the header rows; of titles that are pairs, two."""
    pairs = [PAIR.fullmatch(title) for title in table.titles]
    if len(table.headers) != 1 or not all(pairs[1:]) or len(pairs) < 2:
        return table.headers
    return [["", *(pair[level] for pair in pairs[1:] if pair)] for level in (1, 2)]


def _filled(row: Sequence[str]) -> list[str]:
    """Return the cells after the first; an empty one, as of merged cells, is the one before it."""
    cells: list[str] = []
    for cell in row[1:]:
        cells.append(cell or (cells[-1] if cells else ""))
    return cells


YFINANCE_DOWNLOAD = Layout(FORM.name, FORM.title, FORM.certain_by, fits, read)
