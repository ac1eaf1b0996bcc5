"""A date and a column per security: closes, or returns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np

from eventstudy._typing import Values
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.figures import Figures, figures_of, short
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.columns import date_place, has_dates
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.kinds import READINGS, as_simple, kind_of
from eventstudy.intake.layouts.naming import id_of_file
from eventstudy.intake.layouts.securities import dates_of_rows, read_securities, understood_of
from eventstudy.intake.layouts.zeros import without_zeros
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table

DATES = (
    "date", "session", "exdate", "day", "datetime", "timestamp", "dates", "trade date", "trading date",
    "tradingday", "caldt", "datadate", "Datum", "Handelstag", "fecha", "data", "날짜", "일자", "日付", "日期",
    "交易日期", "time", "index", "Unnamed: 0", "__index_level_0__", "",
)  # fmt: skip
ROW_NUMBERS = (
    "",
    "unnamed0",
    "index",
    "x",
    "rownames",
    "row",
    "indexlevel0",
)  #: titles, as `plain` writes them
#: titles of a column that is no closes, and of one that is
NO_CLOSES = {"open", "high", "low", "volume", "vol", "turnover", "return", "returns", "ret", "logreturn"}
NO_CLOSES |= {"logret", "change", "changepct", "pctchange", "dividend", "dividends", "marketcap", "shares"}
PRICE_WORDS = {"price", "px", "close", "last", "settle", "value", "level", "index", "nav", "kurs", "adj", ""}
FORM = Form(
    "wide", "wide", "a date and a column per security", (), columns={"date": DATES, "ticker": (), "close": ()}
)


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return a series per column.

    A single column under a word for a price is of the security that names the file.

    Raises
    ------
    FileContentError
        No column of dates or of prices, two columns of one title, a cell that cannot be read; figures that
        may be prices or returns, or returns that may be in percent, with ``--values``.
    """
    date = date_place(table, DATES, options)
    if options.value_column or options.id_column:
        return read_securities(table, FORM, replace(options, date_column=table.titles[date] or None))
    places = [
        place
        for place in range(len(table.columns))
        if place != date and not _is_empty_or_numbers(table, place)
    ]
    if not table.n_rows:
        raise FileContentError(table.name, "holds a header and no row", "give one row per session")
    if not places:
        raise FileContentError(table.name, "holds dates and no prices", "name a column close, or by a ticker")
    ids = _ids(table, places, options)
    days = dates_of_rows(table, date, options)
    given = [figures_of(table, place, options) for place in places]
    kind = kind_of(table, places, given, options)
    series = {name: _series(days, figures, kind) for name, figures in zip(ids, given, strict=True)}
    unit = READINGS.get(kind, "price")
    remarks = () if kind == "prices" else (f"{unit} returns",)
    columns = {"date": table.titles[date]}
    return PriceReading(series, understood_of(table, FORM, series, columns, days.form, unit, remarks))


def _series(days: Days, given: Figures, kind: Values) -> SeriesColumns:
    if kind != "prices":
        return SeriesColumns(days.days, {"return": as_simple(given.values, kind)}, stamps=days.stamps)
    columns, remarks = without_zeros(days.days, {"close": given.values})
    return SeriesColumns(days.days, columns, remarks=remarks, stamps=days.stamps)


def _ids(table: Table, places: list[int], options: ReadingOptions) -> list[str]:
    """Return the id of each column: its title, or the name of the file for one under a word for a price."""
    titles = [table.titles[place].strip() for place in places]
    for title, count in Counter(titles).items():
        if count > 1:
            problem = f"has several columns of {short(title) or 'no title'}: {count} of them"
            raise FileContentError(table.name, problem, "keep one")
    if "" in titles:
        problem = f"column {places[titles.index('')] + 1} has figures and no title"
        raise FileContentError(table.name, problem, "name it by its ticker")
    if len(titles) > 1:
        return titles
    word = re.sub("[^a-z]", "", titles[0].lower())
    if word in NO_CLOSES and options.values in (None, "prices"):
        problem = f"holds a column {titles[0]}, not closes"
        raise FileContentError(table.name, problem, "name the column close if it is")
    return [id_of_file(table)] if plain(titles[0]) in PRICE_WORDS else titles


def _is_empty_or_numbers(table: Table, place: int) -> bool:
    """Whether a column is empty and without a title, or counts the rows, as an exported index does."""
    title, column = plain(table.titles[place]), table.columns[place]
    if title not in ROW_NUMBERS:
        return False
    if column.null_count == len(column):
        return title == ""
    try:
        values = figures_of(table, place, ReadingOptions(decimal="point")).values
    except FileContentError:
        return False
    return bool((np.diff(values) == 1).all() and values[0] in (0, 1))


def fits(table: Table) -> bool:
    """Whether a column has a title of dates, or the only dates of the table."""
    return bool(table.places(*DATES)) or any(has_dates(table, place) for place in range(len(table.columns)))


WIDE = Layout(FORM.name, FORM.title, FORM.certain_by, fits, read)
