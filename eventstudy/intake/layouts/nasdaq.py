"""Nasdaq.com: historical quotes."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

NASDAQ = layout_of(
    Form(
        name="nasdaq",
        title="Nasdaq.com",
        certain_by="`Date,Close/Last,Volume,Open,High,Low`",
        needs=("date", "close/last", "open"),
        columns={"close": ("close/last",)},
        closes="split-adjusted",
        remarks=("no dividends",),
    )
)
