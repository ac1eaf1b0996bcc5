"""Tickers as names of files: what is refused, and one file name for each."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

LONGEST = 64
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|$)")  #: device names of Windows, with any suffix


def refusal(ticker: str) -> str:
    """Return why a ticker cannot be one, or "" where it can."""
    if not ticker or ticker != ticker.strip() or len(ticker) > LONGEST:
        return f"a ticker has 1 to {LONGEST} characters and no blank at either end"
    if re.search(r"[/\\:*?\"<>|\x00-\x1f]", ticker) or ticker.startswith(".") or ".." in ticker:
        return "a ticker holds no path, wildcard or control characters"
    return ""


def file_stem(ticker: str) -> str:
    """Return the name of a ticker's file without its ending, distinct on every file system.

    Capitals, digits, point and hyphen stand for themselves, ``_`` for ``^``; all else is percent-encoded.

    Examples
    --------
    >>> file_stem("^GSPC"), file_stem("BRK.B"), file_stem("CON"), file_stem("nvda")
    ('_GSPC', 'BRK.B', '%43ON', '%6E%76%64%61')
    """
    marked = "".join(
        char if re.match(r"[A-Z0-9.=-]", char) else "_" if char == "^" else _percent(char) for char in ticker
    )
    return _percent(marked[0]) + marked[1:] if RESERVED.match(marked) or marked[0] == "." else marked


def ticker_of(stem: str) -> str:
    """Return the ticker that `file_stem` made a name of."""
    return unquote(stem.replace("_", "^"))


def _percent(char: str) -> str:
    quoted = quote(char, safe="")
    return quoted if quoted.startswith("%") else f"%{ord(char):02X}"
