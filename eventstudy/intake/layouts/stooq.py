"""Stooq: bulk files of one or more tickers, and the download of one."""

from __future__ import annotations

import re
from dataclasses import replace

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.naming import stem_of
from eventstudy.intake.layouts.securities import layout_of
from eventstudy.intake.table import Table

_HELD = "the closes hold splits and dividends"
_STEM = re.compile(r"\^.*_d|.*_[a-z]{2}_d|.*\.(us|uk|jp|hk|de|pl|hu)", re.IGNORECASE)

STOOQ_BULK = layout_of(
    Form(
        name="stooq-bulk",
        title="Stooq",
        certain_by="`<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,...`",
        needs=("ticker", "per", "date", "close", "vol"),
        columns={"ticker": ("ticker",)},
        closes="adjusted",
        remarks=(_HELD,),
    )
)
STOOQ_POLISH = layout_of(
    Form(
        name="stooq-pl",
        title="Stooq in Polish",
        certain_by="`Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen`",
        needs=("Data", "Otwarcie", "Zamkniecie"),
        columns={
            "date": ("Data",), "open": ("Otwarcie",), "high": ("Najwyzszy",), "low": ("Najnizszy",),
            "close": ("Zamkniecie",), "volume": ("Wolumen",),
        },
        closes="adjusted",
        remarks=(_HELD,),
    )
)  # fmt: skip
_DOWNLOAD = Form(
    name="stooq",
    title="Stooq",
    certain_by="`Date,Open,High,Low,Close,Volume` in `nvda_us_d.csv` or `nvda.us.csv`",
    needs=("date", "open", "high", "low", "close"),
    without=("adj close", "adjusted_close", "dividends", "stock splits", "ticker", "symbol", "name"),
    closes="adjusted",
    remarks=(_HELD,),
)


def _is_download(table: Table) -> bool:
    return _DOWNLOAD.fits(table) and _STEM.fullmatch(stem_of(table.name)) is not None


STOOQ = replace(layout_of(_DOWNLOAD), fits=_is_download)
