"""EventStudyTools: files of firms and of the market without a header, ``id;date;price``."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.errors import FileContentError
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.columns import has_dates
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import read_securities
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

TITLES = ("id", "date", "price")
LOOKED_AT = 200  #: rows by which a table without a header is recognised
FORM = Form(
    name="eventstudytools",
    title="EventStudyTools",
    certain_by="no header, three columns: id, date, price",
    needs=TITLES,
    columns={"ticker": ("id",), "close": ("price",)},
    remarks=("no dividends",),
)


def fits(table: Table) -> bool:
    """Whether a table without titles has three columns: names, dates and figures."""
    if any(table.titles) or len(table.columns) != 3 or not has_dates(table, 1):
        return False
    first = replace(table, columns=tuple(column.slice(0, LOOKED_AT) for column in table.columns))
    try:
        figures_of(first, 2, ReadingOptions())
    except FileContentError:
        return False
    return True


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each id."""
    return read_securities(replace(table, headers=(TITLES,)), FORM, options)


EVENTSTUDYTOOLS = Layout(FORM.name, FORM.title, FORM.certain_by, fits, read)
