"""`ReadingOptions`: what the user states about a file, where it can be read in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from eventstudy._typing import Values
from eventstudy.design import DESIGN_FIELDS
from eventstudy.errors import UnknownNameError, UsageError

DateOrder = Literal["dmy", "mdy", "ymd", "excel", "sas", "stata", "unix"]
Decimal = Literal["point", "comma"]
FactorUnit = Literal["percent", "decimal"]
Delisting = Literal["as-given", "shumway"]


@dataclass(frozen=True)
class ReadingOptions:
    """What is stated about a file; None is left to the file, which may then be asked about.

    Attributes
    ----------
    date_order
        How a date such as 04/03/2022 or 45418 is read.
    timezone
        Zone of clocks without one: an IANA name, ``UTC``, or ``exchange``.
    decimal
        The decimal mark.
    values
        What the numbers are.
    factor_unit
        Unit of a factor file.
    id_column, date_column, value_column
        Titles (or fields, such as ``PX_LAST``) of the columns to take.
    event_columns
        Title of the column of each role of an event list: ticker, when, time, session, benchmark, weight,
        group, window, estimation.
    sheet
        Name or number (from 1) of the sheet.
    encoding
        Of a text file.
    exchange
        MIC of securities whose id has no suffix.
    delisting
        What stands for a missing delisting return of CRSP.
    layout
        The layout that a study file pins; another form of file is refused.
    """

    date_order: DateOrder | None = None
    timezone: str | None = None
    decimal: Decimal | None = None
    values: Values | None = None
    factor_unit: FactorUnit | None = None
    id_column: str | None = None
    date_column: str | None = None
    value_column: str | None = None
    event_columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | int | None = None
    encoding: str | None = None
    exchange: str | None = None
    delisting: Delisting = "as-given"
    layout: str | None = None


UNSTATED = ReadingOptions()


@dataclass(frozen=True)
class Statement:
    """One thing that the user may state about files of prices: where it is written, and its meaning.

    The options of the command line, the keys under ``data:`` of a study file, the keyword arguments of `run`
    and `read_prices` and the tables of the documentation are derived from it.

    Attributes
    ----------
    name
        The field of `ReadingOptions`, and the keyword argument.
    meaning
        The sentence of ``--help``, the schema and the docs.
    metavar
        Name of the value in ``--help``; "" where `choices` says it.
    key
        The key in a study file, a point before one of a mapping; "" where it has none.
    is_option
        Whether the command line has it.
    """

    name: str
    meaning: str
    metavar: str = ""
    key: str = ""
    is_option: bool = True

    @property
    def option(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that are allowed, where they are few."""
        hints = get_args(_hints()[self.name])
        words = [get_args(hint) for hint in hints if get_origin(hint) is Literal]
        return words[0] if words else tuple(hint for hint in hints if isinstance(hint, str))


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(ReadingOptions)


STATEMENTS: tuple[Statement, ...] = (
    Statement("date_order", "How dates such as 04/03/2022 or 45418 are read.", key="date_order"),
    Statement("decimal", "The decimal mark of the figures.", key="decimal"),
    Statement("values", "What the figures are.", key="values"),
    Statement("id_column", "Column of the securities.", "HEADER", "columns.id"),
    Statement("date_column", "Column of the dates.", "HEADER", "columns.date"),
    Statement("value_column", "Column, or field such as PX_LAST, of the figures.", "HEADER", "columns.value"),
    Statement("sheet", "Name or number (from 1) of the sheet of a workbook.", "SHEET", "sheet"),
    Statement("encoding", "Encoding of text files, such as cp949.", "NAME", "encoding"),
    Statement("delisting", "What stands for a missing delisting return of CRSP.", key="delisting"),
    Statement("factor_unit", "Unit of factor files."),
    Statement("layout", "Layout of the files; another form is refused.", "NAME", "layout", is_option=False),
)


def reading_options(**given: Any) -> ReadingOptions:
    """Return the options that are given, None being none.

    Raises
    ------
    UnknownNameError
        A name that does not exist, or a word that is not one of its choices.
    UsageError
        A field of the design, which is no statement about files.
    """
    known = {each.name: each.choices for each in STATEMENTS}
    known |= {"exchange": (), "timezone": (), "event_columns": ()}
    chosen = {name: value for name, value in given.items() if value is not None}
    for name, value in chosen.items():
        if name in DESIGN_FIELDS:
            raise UsageError(f"{name} is a field of the design; give design=Design({name}=...)")
        if name not in known:
            raise UnknownNameError("option of reading", name, tuple(known))
        if known[name] and value not in known[name]:
            raise UnknownNameError(name, str(value), known[name])
    if isinstance(sheet := chosen.get("sheet"), str) and sheet.isdecimal():
        chosen["sheet"] = int(sheet)
    return ReadingOptions(**chosen)


def stated_over(kept: ReadingOptions, stated: ReadingOptions) -> ReadingOptions:
    """Return the options of a study file, with what the caller states in their place; roles one by one."""
    defaults = ReadingOptions()
    given = {
        each.name: getattr(stated, each.name)
        for each in fields(stated)
        if getattr(stated, each.name) != getattr(defaults, each.name)
    }
    return replace(kept, **given | {"event_columns": {**kept.event_columns, **stated.event_columns}})
