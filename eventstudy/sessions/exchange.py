"""Which exchange a ticker trades on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from eventstudy.errors import DesignError, nearest

US = "XNYS"  #: exchange of a ticker without a suffix

BY_SUFFIX = {
    suffix: exchange
    for exchange, suffixes in {
        "XKRX": "KS KQ", "XTKS": "T", "XHKG": "HK", "XSHG": "SS SZ", "XTAI": "TW TWO", "XSES": "SI",
        "XKLS": "KL", "XBKK": "BK", "XIDX": "JK", "XPHS": "PS", "XBOM": "NS BO", "XKAR": "KA", "XASX": "AX",
        "XNZE": "NZ", "XTSE": "TO V NE CN", "XMEX": "MX", "BVMF": "SA", "XBUE": "BA", "XSGO": "SN",
        "XLON": "L IL", "XDUB": "IR", "XETR": "DE", "XFRA": "F", "XDUS": "DU", "XHAM": "HM", "XSTU": "SG",
        "XPAR": "PA", "XAMS": "AS", "XBRU": "BR", "XLIS": "LS", "XMIL": "MI", "XMAD": "MC", "XSWX": "SW",
        "XWBO": "VI", "XSTO": "ST", "XCSE": "CO", "XHEL": "HE", "XOSL": "OL", "XICE": "IC", "XWAR": "WA",
        "XPRA": "PR", "XBUD": "BD", "XTAL": "TL", "XRIS": "RG", "XLIT": "VS", "XIST": "IS", "XJSE": "JO",
        "ASEX": "AT", "XTAE": "TA", "XSAU": "SR",
    }.items()
    for suffix in suffixes.split()
}  # fmt: skip
BY_INDEX = {
    "^KS11": "XKRX", "^KQ11": "XKRX", "^N225": "XTKS", "^HSI": "XHKG", "^TWII": "XTAI", "^STI": "XSES",
    "^BSESN": "XBOM", "^NSEI": "XBOM", "^AXJO": "XASX", "^GSPTSE": "XTSE", "^BVSP": "BVMF", "^MXX": "XMEX",
    "^FTSE": "XLON", "^GDAXI": "XETR", "^FCHI": "XPAR", "^AEX": "XAMS", "^SSMI": "XSWX", "^STOXX50E": "XEUR",
}  # fmt: skip
WITHOUT_SUFFIX = "*"  #: in the place of a ticker: every one without a suffix
#: Codes of other markets than New York. Six digits: Seoul, Shanghai, Shenzhen; up to five: Tokyo, Hong Kong,
#: Taipei and others, or Seoul where a table has lost the zeros in front. With a letter: Seoul, Tokyo, Taipei.
_FOREIGN_CODE = re.compile(
    r"\d{1,6}|\d{3}[A-Z]|\d{4,5}[A-Z]\d?|A\d{6}|(?P<market>SH|SZ|SSE|SZSE|HK|KR|TW|JP)\d{4,6}", re.ASCII
)
SUFFIXES_OF = {
    "SH": "SS",
    "SSE": "SS",
    "SZ": "SZ",
    "SZSE": "SZ",
    "HK": "HK",
    "KR": "KS",
    "TW": "TW",
    "JP": "T",
}
BY_ENDING = {"=X": "24/5", "=F": "us_futures", "-USD": "24/7"}  #: currencies, futures, crypto-currencies
_SPELLED = {
    US,
    *BY_SUFFIX.values(),
    *BY_INDEX.values(),
}  #: as ``exchange_calendars`` does, which is slow to load


def exchange_of(ticker: str, overrides: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the exchange (MIC, as ``exchange_calendars`` spells it) of a ticker written as Yahoo does.

    The suffix decides (``005930.KS`` is Korea, none is New York); a single letter that is no exchange is a
    share class. ``overrides`` maps tickers to exchanges and takes precedence; ``*`` in it stands for every
    ticker without a suffix. A DesignError names an unknown suffix or exchange, and the nearest known one, and
    asks about what is a code of Asian exchanges.

    Examples
    --------
    >>> exchange_of("005930.KS"), exchange_of("BRK.B"), exchange_of("^FTSE")
    ('XKRX', 'XNYS', 'XLON')
    """
    if ticker in overrides:
        return _known_exchange(ticker, overrides[ticker])
    if ticker.upper() in BY_INDEX:
        return BY_INDEX[ticker.upper()]
    for ending, exchange in BY_ENDING.items():
        if ticker.upper().endswith(ending):
            return exchange
    stem, _, suffix = ticker.rpartition(".")
    if not stem or (len(suffix) == 1 and suffix.upper() not in BY_SUFFIX):
        return _without_suffix(ticker, overrides)
    if suffix.upper() not in BY_SUFFIX:
        problem = f"{ticker}: no exchange goes with the suffix {suffix!r}{nearest(suffix, tuple(BY_SUFFIX))}"
        raise DesignError("exchanges", f"{problem}; or name its exchange, such as {{{ticker}: XLON}}")
    return BY_SUFFIX[suffix.upper()]


def known_exchange(ticker: str, overrides: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the exchange of a ticker as `exchange_of` does, ``""`` where it is not known."""
    try:
        return exchange_of(ticker, overrides)
    except DesignError:
        return ""


def _without_suffix(ticker: str, overrides: Mapping[str, str]) -> str:
    if WITHOUT_SUFFIX in overrides and not ticker.startswith("^"):
        return _known_exchange("exchange", overrides[WITHOUT_SUFFIX])
    if code := _FOREIGN_CODE.fullmatch(ticker.upper()):
        problem = f"{ticker} is a code of another market or a number of New York"
        remedy = f"add its suffix ({_with_suffix(ticker, code['market'])}), or say --exchange XKRX or XNYS"
        raise DesignError("exchanges", f"{problem}; {remedy} (exchanges: {{{ticker}: XKRX}})")
    return US


def _with_suffix(ticker: str, market: str | None) -> str:
    """Return how Yahoo may write a code, for a message."""
    if market:
        return f"{ticker[len(market) :]}.{SUFFIXES_OF[market]}"
    if re.fullmatch(r"[Aa]\d{6}", ticker):
        return f"{ticker[1:]}.KS or .KQ"
    if len(ticker) == 6:
        return f"{ticker}.KS or .KQ, .SS or .SZ"
    seoul = f", or {int(ticker):06d}.KS" if ticker.isdecimal() else ""
    return f"{ticker.zfill(4)}.HK, .T, .TW{seoul}"


def _known_exchange(ticker: str, exchange: str) -> str:
    if exchange in _SPELLED:
        return exchange
    from exchange_calendars import calendar_utils

    names = calendar_utils.get_calendar_names()
    if exchange not in names:
        raise DesignError("exchanges", f"{ticker}: unknown exchange {exchange!r}{nearest(exchange, names)}")
    return str(calendar_utils.resolve_alias(exchange))
