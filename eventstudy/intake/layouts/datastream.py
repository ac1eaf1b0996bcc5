"""Datastream: a column per security under its name, code and currency, with padded holidays."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import BoolArray
from eventstudy.intake.dates import session_dates
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.fields import taken_fields
from eventstudy.intake.layouts.markets import BY_DATASTREAM
from eventstudy.intake.layouts.padding import Column, padded_days, traded_rows
from eventstudy.intake.layouts.telling import counted, shown, understood_of
from eventstudy.intake.layouts.terminal import Field, FieldColumn, Terminal, header_rows
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table

NAME, TITLE = "datastream", "Datastream"
_NO_DIVIDENDS = "no dividends in P"
FIELDS = (
    Field(("RI",), 0, "total-return-index"),
    Field(("P",), 1, "split-adjusted", says=_NO_DIVIDENDS),
    Field(("PI",), 1, "split-adjusted", says="no dividends in PI"),
    Field(("UP",), 2, "raw", says="no dividends and no splits in UP"),
)
ENDINGS = {"TOT RETURN IND": "RI", "PRICE INDEX": "PI", "UNADJUSTED PRICE": "UP"}  #: of names without a code
CURRENCIES = {
    "U$": "USD",
    "£": "GBP",
    "E": "EUR",
    "Y": "JPY",
    "C$": "CAD",
    "A$": "AUD",
    "SF": "CHF",
    "K$": "HKD",
}
ERROR, FAILED = "#ERROR", "$$ER"
_CODE = re.compile(r"(?P<id>.+?)\((?P<type>[A-Z]+)(?P<unpadded>#[A-Z])?\)(?P<currency>~.+)?")
_DEAD = re.compile(r"\bDEAD\b|\bDELIST", re.IGNORECASE)

_TERMINAL = Terminal(NAME, TITLE, FIELDS, lambda cell: False, lambda security: exchange_of_code(security))


class _Headers(NamedTuple):
    """Cells of a column above its figures."""

    name: str
    code: str
    currency: str


def fits(table: Table) -> bool:
    """Tell whether the rows above the figures begin with ``Name`` and ``Code``, or a code has a data type."""
    firsts = {plain(row[0]) for row in header_rows(table) if row}
    codes = _row(table, "code")
    return {"name", "code"} <= firsts or ("code" in firsts and any(map(_CODE.fullmatch, codes)))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each code: total return index, else price.

    Notes
    -----
    Datastream repeats the last value on holidays and after the death of a security: rows that are no sessions
    are dropped, and a constant tail is no return of 0 %. Data types ending in #S or #T are not padded.

    References
    ----------
    Datastream, Frequently asked questions: padding of prices, P, P#S and P#T.
    """
    table, failed = _without_failures(table)
    headers = _headers(table)
    columns = [
        FieldColumn(place, _security(each), _data_type(each), 0)
        for place, each in enumerate(headers)
        if place and place not in failed and (each.name or each.code)
    ]
    known = [column for column in columns if _TERMINAL.field(column.title) is not None]
    taken = taken_fields(table, options, _TERMINAL, known or columns)
    days = session_dates(table, 0, options)
    found = [
        Column(
            security, figures_of(table, column.place, options).values, exchange_of_code(security),
            unpadded="#" in headers[column.place].code, dead=bool(_DEAD.search(headers[column.place].name)),
        )
        for security, (column, _) in taken.items()
    ]  # fmt: skip
    padded = padded_days(days.days, found, options.exchange or "")
    series, tails = {}, 0
    for column in found:
        rows, tail = traded_rows(column, padded)
        tails += tail > 0
        if rows.any():
            place, field = taken[column.security][0].place, taken[column.security][1]
            currency = headers[place].currency
            series[column.security] = SeriesColumns(
                days.days[rows], {"close": column.values[rows]}, field.closes,
                CURRENCIES.get(currency, currency if len(currency) == 3 else ""), column.exchange,
            )  # fmt: skip
    used = [field for column, field in taken.values() if column.security in series]
    unused = [column.title for column in columns if column not in {column for column, _ in taken.values()}]
    remarks = (
        *dict.fromkeys(field.says for field in used if field.says),
        _dropped(padded),
        f"{counted(tails, 'constant tail')} missing" if tails else "",
        f"{counted(len(failed), f'{ERROR} column')} left out" if failed else "",
        f"{counted(len(found) - len(series), 'empty column')} left out" if len(found) > len(series) else "",
        f"not used: {shown(list(dict.fromkeys(unused)))}" if unused else "",
    )
    types = dict.fromkeys(column.title for column, _ in taken.values())
    unit = used[0].unit if used else ""
    understood = understood_of(
        table, (NAME, TITLE), series, {f"value{at}": title for at, title in enumerate(types)},
        unit=unit, dates=days.form, remarks=remarks,
    )  # fmt: skip
    codes = {headers[column.place].code: (security,) for security, (column, _) in taken.items()}
    aliases = {code: ids for code, ids in codes.items() if code not in series and ids[0] in series}
    return PriceReading(series, understood, aliases)


def exchange_of_code(code: str) -> str:
    """Return whose sessions a code has (``U:IBM``, ``@AAPL``, ``D:SAP``), "" without a known beginning."""
    prefix, colon, _ = code.partition(":")
    return "XNYS" if code.startswith("@") else BY_DATASTREAM.get(prefix, "") if colon else ""


def _dropped(padded: dict[str, BoolArray]) -> str:
    days = np.logical_or.reduce(list(padded.values())) if padded else np.zeros(0, dtype=bool)
    return f"{counted(int(days.sum()), 'padded day')} left out" if days.any() else ""


def _row(table: Table, first: str) -> tuple[str, ...]:
    return next(
        (row for row in header_rows(table) if row and plain(row[0]) == first), ("",) * len(table.columns)
    )


def _headers(table: Table) -> list[_Headers]:
    rows = (_row(table, first) for first in ("name", "code", "currency"))
    return [_Headers(*(cell.strip() for cell in cells)) for cells in zip(*rows, strict=True)]


def _security(headers: _Headers) -> str:
    found = _CODE.fullmatch(headers.code)
    return found["id"] if found else headers.code or headers.name.rpartition(" - ")[0] or headers.name


def _data_type(headers: _Headers) -> str:
    found = _CODE.fullmatch(headers.code)
    return found["type"] if found else ENDINGS.get(headers.name.rpartition(" - ")[2].strip().upper(), "P")


def _without_failures(table: Table) -> tuple[Table, set[int]]:
    """Return the table without error messages in its cells, and the columns that hold nothing else."""
    columns, failed = list(table.columns), set()
    for place, each in enumerate(_headers(table)):
        column = columns[place]
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            message = pc.fill_null(pc.starts_with(column, FAILED), False)
            if pc.any(message).as_py():
                columns[place] = pc.if_else(message, pa.scalar(None, column.type), column)
                if columns[place].null_count == len(column):
                    failed.add(place)
        if each.name.upper().startswith(ERROR):
            failed.add(place)
    return replace(table, columns=tuple(columns)), failed


DATASTREAM = Layout(NAME, TITLE, "rows `Name`, `Code`, `CURRENCY`; codes such as `U:IBM(RI)`", fits, read)
