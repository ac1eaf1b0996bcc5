"""Which event ids and tickers are safe to print, to look up and to name files after."""

from __future__ import annotations

import re

from eventstudy.design.arguments import refusal
from eventstudy.errors import UsageError

EVERY = "*"  #: in the place of a ticker: all of them
MAX_ID, MAX_TICKER = 100, 64
TICKER_PATTERN = r"^\S(.{0,62}\S)?$"
NO_TICKERS = ("*", "N/A", "n/a", "#N/A")  #: every ticker, and marks of a missing value

_PATH = re.compile(r"\.{0,2}[/\\]|~/|\.\.?$")
_UNSAFE = re.compile(r'[/\\:*?"<>|]')


def check_ticker(ticker: str) -> str:
    """Return the ticker, or raise `UsageError` with what is wrong with it."""
    if not isinstance(ticker, str):
        raise refusal("ticker", ticker, "text, such as NVDA")
    if problem := ticker_problem(ticker):
        raise UsageError(problem)
    return ticker


def ticker_problem(ticker: str) -> str:
    """Return why a text cannot be a ticker, "" where it can.

    Any id that a file of prices holds is a ticker (``BRK-B``, ``^GSPC``, ``SPX Index``, ``NYSE:IBM``,
    ``90160``): 1 to 64 visible characters without a blank at either end. Paths, and marks of a missing value,
    are none.
    """
    if not ticker.strip():
        return "a ticker is empty; name a security such as NVDA"
    shown = repr(ticker if len(ticker) <= MAX_TICKER else f"{ticker[:MAX_TICKER]}...")
    if ticker in NO_TICKERS or _PATH.match(ticker):
        return f"ticker {shown} is not one; name a security such as NVDA"
    if ticker != ticker.strip() or not ticker.isprintable() or len(ticker) > MAX_TICKER:
        wanted = f"a ticker has 1 to {MAX_TICKER} visible characters and no blank at either end"
        return f"ticker {shown} is not one; {wanted}"
    return ""


def split_names(text: str, separators: str) -> list[str]:
    """Return the names in a text, less blanks; a name that holds a separator stands in double quotes.

    Examples
    --------
    >>> split_names('SPY+"Mid+Small Caps"', "+"), split_names("A, B", ",")
    (['SPY', 'Mid+Small Caps'], ['A', 'B'])
    """
    outside_quotes = rf'[{re.escape(separators)}](?=(?:[^"]*"[^"]*")*[^"]*$)'
    names = [piece.strip() for piece in re.split(outside_quotes, text)]
    return [name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name for name in names]


def check_id(event_id: str) -> str:
    """Return the event id, or raise `UsageError` with what is wrong with it."""
    if not isinstance(event_id, str):
        raise refusal("event id", event_id, "text, such as amd-openai-deal")
    if problem := _id_problem(event_id):
        raise UsageError(f"event id {event_id[:MAX_ID]!r} {problem}")
    return event_id


def _id_problem(event_id: str) -> str:
    if not event_id.strip():
        return "is empty; write a short name such as amd-openai-deal"
    if event_id != event_id.strip():
        return "starts or ends with a blank; remove it"
    if not event_id.isprintable():
        return "holds a control or invisible character; remove it"
    if found := _UNSAFE.search(event_id):
        return f"holds {found.group()}, which file names cannot; use letters, digits, - and _"
    if event_id.startswith(".") or ".." in event_id:
        return "starts with a dot or holds two in a row; use letters, digits, - and _"
    if len(event_id) > MAX_ID:
        return f"has {len(event_id)} characters; at most {MAX_ID} are allowed"
    return ""
