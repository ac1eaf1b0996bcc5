"""Ariva: historical prices with German titles, named by WKN."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

ARIVA = layout_of(
    Form(
        name="ariva",
        title="Ariva",
        certain_by="`Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen`",
        needs=("Datum", "Erster", "Hoch", "Tief", "Schlusskurs"),
        columns={
            "date": ("Datum",), "open": ("Erster",), "high": ("Hoch",), "low": ("Tief",),
            "close": ("Schlusskurs",), "volume": ("Stuecke", "Stücke"),
        },
        remarks=("splits and dividends as chosen at the download",),
    )
)  # fmt: skip
