"""Investing.com: historical data in English, German and Korean."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

INVESTING = layout_of(
    Form(
        name="investing-com",
        title="Investing.com",
        certain_by="`Date,Price,Open,High,Low,Vol.,Change %`",
        needs=("date", "price", "open", "high", "low"),
        without=("close",),
        columns={"close": ("price",)},
        closes="split-adjusted",
        remarks=("no dividends",),
    )
)
INVESTING_GERMAN = layout_of(
    Form(
        name="investing-com-de",
        title="Investing.com in German",
        certain_by="`Datum,Zuletzt,Eröffn.,Hoch,Tief`",
        needs=("Datum", "Zuletzt", "Eröffn.", "Hoch", "Tief"),
        columns={
            "date": ("Datum",), "close": ("Zuletzt",), "open": ("Eröffn.",), "high": ("Hoch",),
            "low": ("Tief",), "volume": ("Vol.", "Volumen"),
        },
        closes="split-adjusted",
        remarks=("no dividends",),
    )
)  # fmt: skip
