"""Which event ids and tickers are safe to print, to look up and to name files after."""

from __future__ import annotations

import re

from eventstudy.design.arguments import refusal
from eventstudy.errors import UsageError

EVERY = "*"  #: in the place of a ticker: all of them
MAX_ID, MAX_TICKER = 100, 32
TICKER_PATTERN = r"^[A-Za-z0-9^][A-Za-z0-9.^=_&-]{0,31}$"

_TICKER = re.compile(TICKER_PATTERN)
_UNSAFE = re.compile(r'[/\\:*?"<>|]')


def check_ticker(ticker: str) -> str:
    """Return the ticker, or raise `UsageError` with what is wrong with it."""
    if not isinstance(ticker, str):
        raise refusal("ticker", ticker, "text, such as NVDA")
    if _TICKER.fullmatch(ticker) and ".." not in ticker:
        return ticker
    shown = repr(ticker if len(ticker) <= MAX_TICKER else f"{ticker[:MAX_TICKER]}...")
    if not ticker.strip():
        raise UsageError("a ticker is empty; name a security such as NVDA")
    raise UsageError(
        f"ticker {shown} is not one; a ticker starts with a letter, a digit or ^, holds only letters, digits "
        f"and . ^ = _ & - (BRK-B, ^GSPC, 005930.KS) and has at most {MAX_TICKER} of them"
    )


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
