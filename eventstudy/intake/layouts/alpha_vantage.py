"""Alpha Vantage: daily adjusted series."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

ALPHA_VANTAGE = layout_of(
    Form(
        name="alpha-vantage",
        title="Alpha Vantage",
        certain_by="`timestamp`, `adjusted_close`, `dividend_amount`, `split_coefficient`",
        needs=("timestamp", "close", "dividend_amount", "split_coefficient"),
        columns={
            "date": ("timestamp",),
            "ticker": ("symbol", "ticker"),
            "dividend": ("dividend_amount",),
            "split": ("split_coefficient",),
        },
        closes="raw",
        remarks=("adjusted_close has 4 decimals and is not used",),
    )
)
