"""Bloomberg: histories of the terminal's Excel add-in (BDH), with pairs of columns or one column of dates."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.fields import read_grid
from eventstudy.intake.layouts.markets import BY_BLOOMBERG
from eventstudy.intake.layouts.terminal import Field, Terminal, header_rows, matches
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

SEAM = (
    5.0  #: times the median move, above which a move back to the first level is a new request and no return
)

_NET, _AS_SET = "dividends net of tax", "dividends as the terminal is set"
FIELDS = (
    Field(("TOT_RETURN_INDEX_GROSS_DVDS", "Total Return Index (Gross Dividends)"), 0, "total-return-index"),
    Field(
        ("TOT_RETURN_INDEX_NET_DVDS", "Total Return Index (Net Dividends)"),
        1,
        "total-return-index",
        says=_NET,
    ),
    Field(("DAY_TO_DAY_TOT_RETURN_GROSS_DVDS", "Day to Day Total Return (Gross Dividends)"), 2, percent=True),
    Field(
        ("DAY_TO_DAY_TOT_RETURN_NET_DVDS", "Day to Day Total Return (Net Dividends)"),
        3,
        percent=True,
        says=_NET,
    ),
    Field(("PX_LAST", "Last Price", "LAST_PRICE"), 4, "split-adjusted", says=_AS_SET),
    Field(("PX_OFFICIAL_CLOSE", "Official Closing Price"), 4, "split-adjusted", says=_AS_SET),
    Field(
        ("CHG_PCT_1D", "1 Day Price Percent Change"), 5, percent=True, says="price returns without dividends"
    ),
)

_is_equity = matches(r"\S+( \S+)? [A-Z]{2} Equity|[A-Z]{2}\S{10} Equity")
_is_id = matches(r"\S.* Equity|\S+ Index|\S+ (Curncy|Comdty|Corp|Govt|Pfd)")


def exchange_of_ticker(security: str) -> str:
    """Return whose sessions a security has, by its country: ``IBM US Equity``."""
    words = security.upper().split()
    return BY_BLOOMBERG.get(words[-2], "") if len(words) > 2 and words[-1] == "EQUITY" else ""


def seams_of(levels: FloatArray) -> BoolArray:
    """Return where an index starts anew, shape (T,): each request starts at the same level."""
    seams = np.zeros(len(levels), dtype=bool)
    known = np.flatnonzero(np.isfinite(levels))
    if len(known) > 2:
        moves = np.abs(np.diff(levels[known]) / levels[known][:-1])
        back = (levels[known][1:] == levels[known[0]]) & (moves > SEAM * np.median(moves))
        seams[known[1:][back]] = True
    return seams


BLOOMBERG = Terminal(
    "bloomberg", "Bloomberg", FIELDS, _is_id, exchange_of_ticker,
    aliases=lambda security: (security[: -len(" Equity")],) if security.upper().endswith(" EQUITY") else (),
    seams=seams_of,
)  # fmt: skip


def fits(table: Table) -> bool:
    """Tell whether a header has ids of Bloomberg."""
    cells = [cell for row in header_rows(table) for cell in row if cell]
    fields = any(BLOOMBERG.field(cell) is not None for cell in cells)
    return any(map(_is_equity, cells)) or (fields and any(map(_is_id, cells)))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each security.

    Notes
    -----
    TOT_RETURN_INDEX_GROSS_DVDS is taken before PX_LAST, whose adjustment depends on the terminal's settings.
    Other fields of equal standing are asked about (``--value-column``).
    """
    return read_grid(table, options, BLOOMBERG)


BLOOMBERG_BDH = Layout(
    BLOOMBERG.name,
    BLOOMBERG.title,
    "`X US Equity`, `SPX Index` above `Date` or `Dates` and `PX_LAST`",
    fits,
    read,
)
