"""Capital IQ: prices by its fields, wide or long."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.fields import read_grid, read_long
from eventstudy.intake.layouts.markets import BY_PREFIX
from eventstudy.intake.layouts.terminal import DATES, Field, Terminal, header_rows, matches
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

FIELDS = (
    Field(("IQ_CLOSEPRICE_ADJ",), 0, "adjusted"),
    Field(("IQ_CLOSEPRICE",), 1, "raw", says="no dividends and no splits in IQ_CLOSEPRICE"),
)

CAPITAL_IQ = Terminal(
    "capital-iq", "Capital IQ", FIELDS, matches(r"[A-Z]+:\S+"),
    lambda security: BY_PREFIX.get(security.partition(":")[0].upper(), ""),
    missing=("NM", "#NAME?", "#REFRESH"),
)  # fmt: skip


def fits(table: Table) -> bool:
    """Tell whether a header has fields of Capital IQ."""
    return any(CAPITAL_IQ.field(cell) is not None for row in header_rows(table) for cell in row if cell)


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each security: the adjusted close, else the raw one."""
    is_long = table.places(*CAPITAL_IQ.id_titles) and table.places(*DATES)
    return (read_long if is_long else read_grid)(table, options, CAPITAL_IQ)


CAPITAL_IQ_PRICES = Layout(
    CAPITAL_IQ.name,
    CAPITAL_IQ.title,
    "`IQ_CLOSEPRICE`, `IQ_CLOSEPRICE_ADJ`; ids such as `NYSE:IBM`",
    fits,
    read,
)
