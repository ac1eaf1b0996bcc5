"""What the user states about prices: what their closes hold, and corporate actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args

from eventstudy._typing import Closes
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.events.corporate_actions import CorporateAction
from eventstudy.events.names import EVERY, check_ticker


class Stated(NamedTuple):
    """What is stated about one series."""

    closes: Closes | None = None
    actions: tuple[CorporateAction, ...] = ()


NOTHING_STATED = Stated()


@dataclass(frozen=True)
class Statements:
    """What closes hold, by ticker (``*``: all others), and corporate actions of any ticker."""

    closes: Mapping[str, Closes] = field(default_factory=dict)
    actions: tuple[CorporateAction, ...] = ()

    def of(self, ticker: str) -> Stated:
        """Return what is stated about a ticker."""
        own = tuple(each for each in self.actions if each.ticker == ticker)
        return Stated(self.closes.get(ticker, self.closes.get(EVERY)), own)

    def refuse_strangers(self, tickers: Iterable[str]) -> None:
        """Raise a UsageError where something is stated about tickers, and none of these is among them."""
        known = set(tickers)
        for name, named in (
            ("actions", [each.ticker for each in self.actions]),
            ("closes", [each for each in self.closes if each != EVERY]),
        ):
            if named and EVERY not in named and not known & set(named):
                raise UsageError(f"{name}: none is about a ticker of the study, the first is of {named[0]}")


NOTHING_STATED_OF_ANY = Statements()


def read_closes(closes: Any) -> dict[str, Closes]:
    """Return what closes hold by ticker, from one word for all, a mapping, or texts such as ``MSFT=raw``.

    A UsageError says that it is none of these, an UnknownNameError names the words.
    """
    if closes is None:
        return {}
    if isinstance(closes, str):
        closes = [closes]
    if isinstance(closes, Mapping):
        pairs = list(closes.items())
    elif isinstance(closes, list | tuple) and all(isinstance(each, str) for each in closes):
        pairs = [(name or EVERY, word) for name, _, word in (each.rpartition("=") for each in closes)]
    else:
        raise UsageError(f"closes must be one of {', '.join(get_args(Closes))}, or a mapping by ticker")
    for ticker, word in pairs:
        if word not in get_args(Closes):
            raise UnknownNameError("closes", str(word), get_args(Closes))
        if ticker != EVERY:
            check_ticker(ticker)
    if len(pairs) != len(dict(pairs)):
        raise UsageError("closes: a ticker, or all of them, are stated twice")
    return dict(pairs)
