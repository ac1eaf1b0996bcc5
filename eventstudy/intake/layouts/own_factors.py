"""Factors of one's own: a date, and a column per factor."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.factor_columns import date_place, factor_places, factor_reading
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import FactorReading
from eventstudy.intake.table import Table

NAME, TITLE = "own-factors", "factors"


def fits(table: Table) -> bool:
    """Tell whether there are a column of dates and others with titles."""
    return date_place(table) is not None and bool(factor_places(table))


def read(table: Table, options: ReadingOptions) -> FactorReading:
    """Return the factors; nothing tells their unit, so it is asked for (``--factor-unit``)."""
    return factor_reading(table, (NAME, TITLE), options, unit=None)


OWN_FACTORS = Layout(NAME, TITLE, "a date and a column per factor; `--factor-unit`", fits, read)
