"""Tickers: which texts are valid, and a file name for each."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from eventstudy.errors import PriceDataError

LONGEST = 64
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|$)")  #: device names of Windows, with any suffix


def ticker_problem(ticker: str) -> str:
    """Return why a text cannot be a ticker, "" where it can."""
    if not ticker or ticker != ticker.strip() or len(ticker) > LONGEST:
        return f"a ticker has 1 to {LONGEST} characters and no blank at either end"
    is_path = re.search(r"[/\\:*?\"<>|]", ticker) or ticker.startswith(".") or ".." in ticker
    if is_path or not ticker.isprintable():
        return "a ticker holds no path, wildcard or control characters"
    return ""


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


def ticker_of(stem: str) -> str:
    """Return the ticker of a name from `file_stem`."""
    return unquote(stem.replace("_", "^"))


def _percent(char: str) -> str:
    quoted = quote(char, safe="")
    return quoted if quoted.startswith("%") else f"%{ord(char):02X}"
