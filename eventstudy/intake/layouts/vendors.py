"""Layouts of vendors of prices: the registry."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.alpha_vantage import ALPHA_VANTAGE
from eventstudy.intake.layouts.ariva import ARIVA
from eventstudy.intake.layouts.eodhd import EODHD
from eventstudy.intake.layouts.eventstudytools import EVENTSTUDYTOOLS
from eventstudy.intake.layouts.investing import INVESTING
from eventstudy.intake.layouts.japan import J_QUANTS, JAPAN, JAPAN_ADJUSTED, YAHOO_JAPAN
from eventstudy.intake.layouts.kaggle import KAGGLE
from eventstudy.intake.layouts.korea import KRX, NAVER
from eventstudy.intake.layouts.nasdaq import NASDAQ
from eventstudy.intake.layouts.polygon import POLYGON_FLAT, POLYGON_GROUPED, POLYGON_REST
from eventstudy.intake.layouts.stooq import STOOQ, STOOQ_BULK, STOOQ_POLISH
from eventstudy.intake.layouts.tiingo import TIINGO
from eventstudy.intake.layouts.yahoo import YAHOO_CSV, YFINANCE_HISTORY, YFINANCE_UNADJUSTED
from eventstudy.intake.layouts.yfinance_download import YFINANCE_DOWNLOAD
from eventstudy.intake.series import PriceReading

VENDOR_LAYOUTS: tuple[Layout[PriceReading], ...] = (
    YFINANCE_DOWNLOAD, YFINANCE_HISTORY, YFINANCE_UNADJUSTED, ALPHA_VANTAGE, TIINGO, POLYGON_GROUPED,
    POLYGON_REST, POLYGON_FLAT, NASDAQ, *INVESTING, KRX, NAVER, JAPAN_ADJUSTED, YAHOO_JAPAN, JAPAN, J_QUANTS,
    ARIVA, STOOQ_BULK, STOOQ_POLISH, STOOQ, KAGGLE, YAHOO_CSV, EODHD, EVENTSTUDYTOOLS,
)  # fmt: skip
