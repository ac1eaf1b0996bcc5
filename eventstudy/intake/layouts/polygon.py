"""Polygon (Massive): aggregates of its service and its flat files."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

_ZONE = "America/New_York"  #: a bar begins at its midnight

POLYGON_REST = layout_of(
    Form(
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
    )
)  # fmt: skip
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
