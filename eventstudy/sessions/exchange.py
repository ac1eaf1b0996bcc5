"""Which exchange a ticker trades on."""

from __future__ import annotations

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
BY_ENDING = {"=X": "24/5", "=F": "us_futures", "-USD": "24/7"}  #: currencies, futures, crypto-currencies


def exchange_of(ticker: str, overrides: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the exchange (MIC, as ``exchange_calendars`` spells it) of a ticker written as Yahoo does.

    The suffix decides (``005930.KS`` is Korea, none is New York); a single letter that is no exchange is a
    share class. ``overrides`` maps tickers to exchanges and takes precedence. A DesignError names an unknown
    suffix or exchange, and the nearest known one.

    Examples
    --------
    >>> exchange_of("005930.KS"), exchange_of("BRK.B"), exchange_of("^FTSE")
    ('XKRX', 'XNYS', 'XLON')
    """
    if ticker in overrides:
        return _known_exchange(ticker, overrides[ticker])
    if ticker in BY_INDEX:
        return BY_INDEX[ticker]
    for ending, exchange in BY_ENDING.items():
        if ticker.endswith(ending):
            return exchange
    stem, _, suffix = ticker.rpartition(".")
    if not stem or (len(suffix) == 1 and suffix.upper() not in BY_SUFFIX):
        return US
    if suffix.upper() not in BY_SUFFIX:
        problem = f"{ticker}: no exchange goes with the suffix {suffix!r}{nearest(suffix, tuple(BY_SUFFIX))}"
        raise DesignError("exchanges", f"{problem}; or name its exchange, such as {{{ticker}: XLON}}")
    return BY_SUFFIX[suffix.upper()]


def _known_exchange(ticker: str, exchange: str) -> str:
    from exchange_calendars import calendar_utils

    names = calendar_utils.get_calendar_names()
    if exchange not in names:
        raise DesignError("exchanges", f"{ticker}: unknown exchange {exchange!r}{nearest(exchange, names)}")
    return str(calendar_utils.resolve_alias(exchange))
