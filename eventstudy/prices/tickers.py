"""Tickers: which texts are valid, and a file name for each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from eventstudy.errors import PriceDataError
from eventstudy.events.names import ticker_problem

LONGEST = 200  #: characters of a file's name without its suffix; file systems take 255
SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=_&-]{0,31}")
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|$)")  #: device names of Windows, with any suffix


def symbol_problem(ticker: str) -> str:
    """Return why a ticker can be no symbol of Yahoo's, "" where it can."""
    if SYMBOL.fullmatch(ticker) and ".." not in ticker:
        return ""
    return "is no symbol of Yahoo's; give --prices with the file that has it"


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
    A PriceDataError refuses what is not a ticker, by `ticker_problem`, or is too long for a name.

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
    stem = _percent(marked[0]) + marked[1:] if RESERVED.match(marked) or marked[0] == "." else marked
    if len(stem) > LONGEST:
        raise PriceDataError(ticker, "is too long for the name of a file", "give --prices with its file")
    return stem


def ticker_of(stem: str) -> str:
    """Return the ticker of a name from `file_stem`."""
    return unquote(stem.replace("_", "^"))


def _percent(char: str) -> str:
    quoted = quote(char, safe="")
    return quoted if quoted.startswith("%") else f"%{ord(char):02X}"
