"""EODHD: end-of-day prices, whose splits are in the adjusted close alone."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

EODHD = layout_of(
    Form(
        name="eodhd",
        title="EODHD",
        certain_by="`Date`, `Close`, `Adjusted_close`; `AAPL.US.csv`",
        needs=("date", "open", "close", "adjusted_close"),
        without=("timestamp", "dividend_amount", "ticker", "symbol"),
        columns={"adj_close": ("adjusted_close",)},
        closes="raw",
        remarks=("splits and dividends by the adjusted close",),
    )
)
