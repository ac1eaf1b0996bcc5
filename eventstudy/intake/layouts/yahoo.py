"""Yahoo Finance: what yfinance writes, and the CSV that the site used to offer."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.intake.dates import has_zones
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of
from eventstudy.intake.table import Table

_ACTIONS = {
    "ticker": ("ticker", "symbol"),
    "adj_close": ("adj close",),
    "dividend": ("dividends",),
    "gain": ("capital gains",),
    "split": ("stock splits",),
}
_BARS = ("date", "open", "high", "low", "close", "volume")

_HISTORY = Form(
    name="yfinance-history",
    title="yfinance history()",
    certain_by="`Open` to `Volume`, `Dividends` and `Stock Splits`, no `Adj Close`",
    needs=(*_BARS, "dividends", "stock splits"),
    without=("adj close",),
    columns=_ACTIONS,
    closes="adjusted",
    remarks=("the closes hold the dividends: those listed are not added",),
)


def _is_history(table: Table) -> bool:
    """Whether the titles are yfinance's to the letter, or by name with dates that have a zone."""
    if not _HISTORY.fits(table):
        return False
    as_written = {"Open", "High", "Low", "Close", "Volume", "Dividends", "Stock Splits"} <= {*table.titles}
    return as_written or has_zones(table, table.places("date")[0])


YFINANCE_HISTORY = replace(layout_of(_HISTORY), fits=_is_history)
YFINANCE_UNADJUSTED = layout_of(
    Form(
        name="yfinance-unadjusted",
        title="yfinance history(auto_adjust=False)",
        certain_by="the same with `Adj Close`",
        needs=(*_BARS, "adj close", "dividends", "stock splits"),
        columns=_ACTIONS,
        closes="split-adjusted",
    )
)
YAHOO_CSV = layout_of(
    Form(
        name="yahoo-csv",
        title="Yahoo CSV",
        certain_by="`Date,Open,High,Low,Close,Adj Close,Volume`",
        needs=(*_BARS, "adj close"),
        without=("name", "dividends", "stock splits"),
        columns=_ACTIONS,
    )
)
