"""Fama-French factors as WRDS stores them (ff.factors_daily, ff.fivefactors_daily): in decimals."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.factor_columns import date_place, factor_places, factor_reading
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import FactorReading
from eventstudy.intake.table import Table

NAME, TITLE = "wrds-factors", "WRDS factors"
MARKET = "mktrf"  #: Ken French writes a hyphen
NAMES = (MARKET, "smb", "hml", "rmw", "cma", "rf", "umd")
_BESIDE = ("year", "month")


def fits(table: Table) -> bool:
    """Tell whether there is a column mktrf, and all others are factors of WRDS."""
    titles = [table.titles[place].strip().casefold() for place in factor_places(table)]
    return date_place(table) is not None and MARKET in titles and set(titles) <= {*NAMES, *_BESIDE}


def read(table: Table, options: ReadingOptions) -> FactorReading:
    """Return the factors, which are in decimals; moves of more than half are asked about."""
    places = [place for place in factor_places(table) if table.titles[place].strip().casefold() in NAMES]
    return factor_reading(table, (NAME, TITLE), options, unit="decimal", places=places)


WRDS_FACTORS = Layout(NAME, TITLE, "`mktrf`, with `smb`, `hml`, `rmw`, `cma`, `rf`, `umd`", fits, read)
