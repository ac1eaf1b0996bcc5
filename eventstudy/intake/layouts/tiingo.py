"""Tiingo: end-of-day prices with dividends and splits."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

TIINGO = layout_of(
    Form(
        name="tiingo",
        title="Tiingo",
        certain_by="`date`, `close`, `divCash`, `splitFactor`",
        needs=("date", "close", "divCash", "splitFactor"),
        columns={"ticker": ("ticker", "symbol"), "dividend": ("divCash",), "split": ("splitFactor",)},
        closes="raw",
        remarks=("adjClose is not used",),
    )
)
