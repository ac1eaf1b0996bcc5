"""FactSet: prices and returns by its fields, wide or long."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.fields import read_grid, read_long
from eventstudy.intake.layouts.markets import BY_COUNTRY
from eventstudy.intake.layouts.terminal import DATES, Field, Terminal, header_rows, matches
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

FIELDS = (
    Field(("one_day_tr", "P_TOTAL_RETURN", "FG_TOTAL_RETURN", "One Day Total Return"), 0, percent=True),
    Field(("P_PRICE", "FG_PRICE"), 1, "split-adjusted", says="no dividends in the prices"),
)

FACTSET = Terminal(
    "factset", "FactSet", FIELDS, matches(r"[A-Z0-9.]+-[A-Z]{2,3}"),
    lambda security: BY_COUNTRY.get(security.rpartition("-")[2].upper(), ""),
    id_titles=("id", "ticker", "symbol", "requestId", "fsymId", "identifier", "security"),
    missing=("@NA",),
)  # fmt: skip


def fits(table: Table) -> bool:
    """Tell whether a header has fields of FactSet."""
    return any(FACTSET.field(cell) is not None for row in header_rows(table) for cell in row if cell)


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each security: the total return in percent, else the price."""
    is_long = table.places(*FACTSET.id_titles) and table.places(*DATES)
    return (read_long if is_long else read_grid)(table, options, FACTSET)


FACTSET_PRICES = Layout(
    FACTSET.name, FACTSET.title, "`P_PRICE`, `FG_PRICE` or `one_day_tr`; ids such as `AAPL-US`", fits, read
)
