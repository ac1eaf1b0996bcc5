"""What both formats of CRSP's daily stock file have in common: missing codes, units, market columns."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layouts.market_columns import market_series
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.table import Table

#: numbers that stand for the letters of a missing return: SAS/ETS, SASECRSP engine, missing value codes
NUMBERS = {-44.0: "E", -55.0: "D", -66.0: "C", -77.0: "B", -88.0: "A", -99.0: "-99"}
LETTERS = tuple(f"{point}{letter}" for letter in "ABCDEPST" for point in ("", "."))
CODES = (*LETTERS, *(letter.lower() for letter in LETTERS))
MARKET = (
    "vwretd",
    "vwretx",
    "ewretd",
    "ewretx",
    "sprtrn",
)  #: returns of CRSP's indices, repeated on each row
EXCHANGE = "XNYS"


def returns_of(table: Table, place: int, options: ReadingOptions) -> tuple[FloatArray, FloatArray]:
    """Return a column of returns as decimals, NaN where missing, and as it stands, with numeric codes."""
    given = figures_of(table, place, options, missing=CODES)
    missing = np.isin(given.values, list(NUMBERS))
    values = np.where(missing, np.nan, given.values)
    if options.values == "log-returns":
        return np.expm1(values), given.values
    if options.values == "prices":
        problem = f"{table.titles[place]} holds returns"
        raise FileContentError(table.name, problem, "leave out --values prices (data: {values: prices})")
    if options.values == "percent":
        values /= 100
    with np.errstate(invalid="ignore"):
        below = np.flatnonzero(values < -1)
    if len(below):
        row = int(below[0])
        problem = (
            f"{table.titles[place]} is {given.values[row]:g}, which is no return in decimals and no code"
        )
        remedy = (
            f"{given.values[row]:g} % is {given.values[row] / 100:g}: say --values percent if all are in "
            "percent (data: {values: percent}), or correct it"
        )
        raise FileContentError(table.name, problem, remedy, line=table.line(row))
    return values, given.values


def indices_of(table: Table, days: Days, options: ReadingOptions) -> dict[str, SeriesColumns]:
    """Return the returns of the indices, by their titles."""
    return {
        table.titles[place]: market_series(table, place, days, returns_of(table, place, options)[0], EXCHANGE)
        for place in table.places(*MARKET)
    }
