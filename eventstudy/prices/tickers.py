"""Tickers: which texts are valid, and a file name for each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from eventstudy.errors import PriceDataError

LONGEST = 64
STOOQ_MARKETS = {"US": "", "UK": ".L", "JP": ".T", "HK": ".HK", "DE": ".DE", "PL": ".WA", "HU": ".BD"}
STOOQ_INDICES = {"^SPX": "^GSPC", "^NDQ": "^IXIC"}
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|$)")  #: device names of Windows, with any suffix


def ticker_problem(ticker: str) -> str:
    """Return why a text cannot be a ticker, "" where it can."""
    if not ticker or ticker != ticker.strip() or len(ticker) > LONGEST:
        return f"a ticker has 1 to {LONGEST} characters and no blank at either end"
    is_path = re.search(r"[/\\:*?\"<>|]", ticker) or ticker.startswith(".") or ".." in ticker
    if is_path or not ticker.isprintable():
        return "a ticker holds no path, wildcard or control characters"
    return ""


def refuse_same_names(what: str, names: Iterable[str]) -> None:
    """Refuse names of series that are the same, or differ by their case alone; raises PriceDataError."""
    seen: dict[str, str] = {}
    for name in names:
        if other := seen.get(name.casefold()):
            differ = f"{other!r} and {name!r} differ by their case alone"
            problem = f"two columns have the same name {name!r}" if other == name else differ
            raise PriceDataError(what, problem, "give each series one column and one name")
        seen[name.casefold()] = name


def file_stem(ticker: str) -> str:
    """Return the name of a ticker's file without its suffix, distinct on every file system.

    Capitals, digits, point and hyphen stand for themselves, ``_`` for ``^``; all else is percent-encoded.
    A PriceDataError refuses what is not a ticker, by `ticker_problem`.

    Examples
    --------
    >>> file_stem("^GSPC"), file_stem("BRK.B"), file_stem("CON"), file_stem("nvda")
    ('_GSPC', 'BRK.B', '%43ON', '%6E%76%64%61')
    """
    if problem := ticker_problem(ticker):
        raise PriceDataError(ticker, problem)
    marked = "".join(
        char if re.match(r"[A-Z0-9.=-]", char) else "_" if char == "^" else _percent(char) for char in ticker
    )
    return _percent(marked[0]) + marked[1:] if RESERVED.match(marked) or marked[0] == "." else marked


def from_stooq(name: str) -> str:
    """Return the ticker of a name in Stooq's bulk files or downloads; any other name as it is.

    Examples
    --------
    >>> [from_stooq(name) for name in ("aapl.us", "BRK-B.US", "vod_uk_d", "^spx_d", "nvda", "BRK.B")]
    ['AAPL', 'BRK-B', 'VOD.L', '^GSPC', 'nvda', 'BRK.B']
    """
    plain = re.sub(r"_([A-Z]{2})_D$", r".\1", name.upper()).removesuffix("_D")
    if plain.startswith("^"):
        return STOOQ_INDICES.get(plain, plain)
    security, point, market = plain.rpartition(".")
    return security + STOOQ_MARKETS[market] if point and security and market in STOOQ_MARKETS else name


def ticker_of(stem: str) -> str:
    """Return the ticker of a name from `file_stem`."""
    return unquote(stem.replace("_", "^"))


def _percent(char: str) -> str:
    quoted = quote(char, safe="")
    return quoted if quoted.startswith("%") else f"%{ord(char):02X}"
