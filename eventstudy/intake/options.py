"""`ReadingOptions`: what the user states about a file, where it can be read in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eventstudy._typing import Closes, Values

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
    closes
        Whether the closes hold splits and dividends.
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
    closes: Closes | None = None
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
