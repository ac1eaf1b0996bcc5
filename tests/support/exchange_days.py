"""Exchanges of many zones, with a security and a market of each, and their sessions over some years."""

from __future__ import annotations

from datetime import date

import pandas as pd

from eventstudy.sessions import trading_sessions

SPAN = date(2022, 1, 3), date(2024, 6, 28)
#: exchange, ticker, benchmark, the exchange's zone
PLACES = {
    "XKRX": ("005930.KS", "^KS11", "Asia/Seoul"),
    "XTKS": ("7203.T", "^N225", "Asia/Tokyo"),
    "XASX": ("BHP.AX", "^AXJO", "Australia/Sydney"),
    "XLON": ("VOD.L", "^FTSE", "Europe/London"),
    "XETR": ("SAP.DE", "^GDAXI", "Europe/Berlin"),
    "XNYS": ("NVDA", "SPY", "America/New_York"),
    "XTAE": ("TEVA.TA", "LUMI.TA", "Asia/Jerusalem"),
    "24/7": ("BTC-USD", "ETH-USD", "UTC"),
}


def sessions_of(exchange: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(trading_sessions(exchange, *SPAN))
