"""Polygon (Massive): aggregates of its service and its flat files."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of, read_securities
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

_ZONE = "America/New_York"  #: a bar begins at its midnight

_REST = Form(
    name="polygon",
    title="Polygon",
    certain_by="`v,vw,o,c,h,l,t,n`",
    needs=("o", "h", "l", "c", "t"),
    columns={
        "date": ("t",), "ticker": ("ticker", "symbol"), "open": ("o",), "high": ("h",), "low": ("l",),
        "close": ("c",), "volume": ("v",),
    },
    closes="split-adjusted",
    zone=_ZONE,
    remarks=("no dividends",),
)  # fmt: skip
_GROUPED = replace(_REST, name="polygon-grouped", title="Polygon grouped", certain_by="`T,v,vw,o,c,h,l,t,n`")
POLYGON_REST = layout_of(_REST)
POLYGON_FLAT = layout_of(
    Form(
        name="polygon-flat",
        title="Polygon flat file",
        certain_by="`ticker,volume,open,close,high,low,window_start,transactions`",
        needs=("ticker", "close", "window_start"),
        columns={"date": ("window_start",), "ticker": ("ticker",)},
        closes="raw",
        zone=_ZONE,
        remarks=("no dividends, and splits are not listed",),
    )
)


def _is_grouped(table: Table) -> bool:
    return {"T", "o", "h", "l", "c", "t"} <= set(table.titles)


def _read_grouped(table: Table, options: ReadingOptions) -> PriceReading:
    titles = tuple("ticker" if title == "T" else title for title in table.titles)
    return read_securities(replace(table, headers=(titles,)), _GROUPED, options)


#: all tickers of a day: the ticker is ``T``, and the time ``t``
POLYGON_GROUPED = Layout(_GROUPED.name, _GROUPED.title, _GROUPED.certain_by, _is_grouped, _read_grouped)
