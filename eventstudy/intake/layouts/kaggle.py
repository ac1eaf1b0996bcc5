"""Prices of several securities whose tickers stand in a column ``Name``, as Kaggle's all_stocks_5yr."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

KAGGLE = layout_of(
    Form(
        name="kaggle-name",
        title="long with Name",
        certain_by="`date,open,high,low,close,volume,Name`",
        needs=("date", "open", "high", "low", "close", "volume", "name"),
        without=("ticker", "symbol", "code", "isin", "permno", "gvkey"),
        columns={"ticker": ("name",), "adj_close": ("adj close",)},
    )
)
