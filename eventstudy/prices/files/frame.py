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
from eventstudy.prices.series import batch_of, series_of
from eventstudy.prices.source import PriceBatch, PriceSeries

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FrameSource:
    """Prices from a frame whose dates are its index or a column.

    Columns are tickers (of closes); or date, ticker, close, ...; or two levels, Open ... Volume and the
    ticker, as from ``yfinance.download``.
    """

    frame: pd.DataFrame
    name: str = "frame"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``; a PriceDataError says that the frame has none at all."""
        parts = self._parts  # an unreadable frame is an error, not a failure of a ticker

        def whole(ticker: str) -> PriceSeries | str:
            if ticker not in parts:
                return "not found in the frame: no column and no row has its name"
            return series_of(ticker, parts[ticker].sessions, parts[ticker].columns, self.name)

        return batch_of(tickers, whole, start, end)

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
        except (pa.ArrowException, ValueError) as error:
            raise PriceDataError("frame", f"must hold numbers ({error})") from None
        return parts(table_of("frame", table))
