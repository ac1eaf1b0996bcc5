"""Prices from a pandas DataFrame: wide (closes by ticker), long (date, ticker, close) or yfinance's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from eventstudy.errors import PriceDataError
from eventstudy.prices.files.reading import table_of
from eventstudy.prices.files.source import Columns, parts
from eventstudy.prices.series import series_of, within
from eventstudy.prices.source import PriceBatch, PriceSeries

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FrameSource:
    """Prices from a frame whose dates are its index or a column.

    Columns are tickers (closes), or date, ticker, close and more, or two levels of which one is Open, High,
    Low, Close, Volume and the other the ticker, as ``yfinance.download`` gives them.
    """

    frame: pd.DataFrame
    name: str = "frame"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``; a ticker that is not there is a failure.

        Raises
        ------
        PriceDataError
            The frame has no dates or no prices, or text where a number belongs.
        """
        series: dict[str, PriceSeries] = {}
        failures: dict[str, str] = {}
        for ticker in dict.fromkeys(tickers):
            part = self._parts.get(ticker)
            if part is None:
                failures[ticker] = "the frame has no column or rows of it"
                continue
            try:
                whole = series_of(ticker, part.sessions, part.columns, self.name)
                series[ticker] = within(whole, start, end)
            except PriceDataError as error:
                failures[ticker] = error.reason(ticker)
        return PriceBatch(series, failures)

    @cached_property
    def _parts(self) -> dict[str, Columns]:
        frame = self.frame
        if frame.columns.nlevels == 2:
            by_ticker = 1 if {"Close", "close"} & set(frame.columns.get_level_values(0)) else 0
            frame = frame.stack(level=by_ticker).rename_axis(["date", "ticker"]).reset_index()
        elif not {"date", "session"} & {str(name).lower() for name in frame.columns}:
            if frame.index.inferred_type == "integer" or frame.empty:
                raise PriceDataError("frame", "has no dates", "give a DatetimeIndex or a column date")
            frame = frame.reset_index()
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
        try:
            table = pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise PriceDataError("frame", f"holds something else than numbers ({error})") from None
        return parts(table_of("frame", table))
