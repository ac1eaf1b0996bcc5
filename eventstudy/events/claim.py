"""`Claim`: what an article says that a price did, and the figure it states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.events.names import check_ticker

ClaimKind = Literal[
    "close_to_close", "sign", "intraday_high", "intraday", "premarket", "since_range", "market_value"
]
Bound = Literal["over", "at_least"]
Unit = Literal["return", "level", "money"]

#: which further fields each kind of claim must have, and which it may have
CLAIM_FIELDS: Mapping[ClaimKind, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "close_to_close": ((), ("sessions", "bound")),
        "sign": ((), ("sessions",)),
        "intraday_high": ((), ("bound",)),
        "intraday": (("at",), ()),
        "premarket": ((), ("at", "bound")),
        "since_range": (("since",), ("bound",)),
        "market_value": (("since",), ()),
    }
)
_POWERS = {None: 0, "%": -2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_FIGURE = re.compile(
    r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)? *(?:(%)|(thousand|million|billion|trillion)? *(?:dollars)?)",
    re.ASCII,
)
_EXAMPLES: Mapping[Unit, str] = MappingProxyType(
    {"return": "a return such as -6.36%", "level": "a price such as 125", "money": "money such as -5 billion"}
)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Figure(NamedTuple):
    """A stated figure: its value (a decimal return, a price or money) and half a unit of its last digit."""

    value: float
    half_unit: float
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an article says that the price of a ticker did.

    Parameters
    ----------
    kind
        - ``close_to_close``: the return over ``sessions`` sessions to the close of ``on``
        - ``sign``: its direction
        - ``intraday_high``: the return on the close before, reached at some point of ``on``
        - ``intraday``: that return, or a price, ``at`` a time of ``on``
        - ``premarket``: that return before the open of ``on``
        - ``since_range``: the return to ``on`` from a start that ``since`` gives as first and last day
        - ``market_value``: money gained or lost up to ``on``, from one of the days ``since``
    stated, bound, at, card, needle, sentence
        As in a study file (`eventstudy.events.form.ClaimForm`); a ``sign`` claim states ``up`` or ``down``.
    """

    ticker: str
    kind: ClaimKind
    on: date
    stated: str
    bound: Bound | None = None
    sessions: int = 1
    at: str = ""
    since: tuple[date, ...] = ()
    card: str = ""
    needle: str = ""
    sentence: str = ""

    def __post_init__(self) -> None:
        check_ticker(self.ticker)
        if self.kind not in CLAIM_FIELDS:
            raise UnknownNameError("claim kind", self.kind, CLAIM_FIELDS)
        if self.bound is not None and self.bound not in get_args(Bound):
            raise UnknownNameError("bound", self.bound, get_args(Bound))
        self._check_fields()
        self._check_values()

    def _check_fields(self) -> None:
        required, optional = CLAIM_FIELDS[self.kind]
        given = {"sessions": self.sessions != 1, "bound": self.bound, "at": self.at, "since": self.since}
        for field, value in given.items():
            if field in required and not value:
                raise UsageError(f"a claim of kind {self.kind} needs {field}")
            if value and field not in required + optional:
                takes = ", ".join(required + optional) or "no further field"
                raise UsageError(f"{field} does not go with a claim of kind {self.kind}, which takes {takes}")

    def _check_values(self) -> None:
        if self.sessions < 1:
            raise UsageError(f"sessions is {self.sessions}; a return spans at least 1")
        if self.at and not _CLOCK.fullmatch(self.at):
            raise UsageError(f"at is {self.at!r}; write the exchange's local time as 10:00")
        if self.kind == "since_range" and (len(self.since) != 2 or self.since[0] > self.since[1]):
            raise UsageError("since must be the first and the last possible start, [2025-06-01, 2025-08-31]")
        if any(day >= self.on for day in self.since):
            raise UsageError(f"since holds a day that is not before {self.on}")
        if self.kind == "sign":
            if self.stated not in ("up", "down"):
                raise UsageError(f"stated is {self.stated!r}; a sign claim states up or down")
        else:
            self._check_unit()

    def _check_unit(self) -> None:
        units: dict[str, tuple[Unit, ...]] = {"intraday": ("return", "level"), "market_value": ("money",)}
        allowed = units.get(self.kind, ("return",))
        if self.figure.unit not in allowed:
            wanted = " or ".join(_EXAMPLES[unit] for unit in allowed)
            raise UsageError(f"stated is {self.stated!r}; a claim of kind {self.kind} states {wanted}")

    @property
    def figure(self) -> Figure:
        """The figure as a number; a ``sign`` claim has none and raises `UsageError`."""
        return read_figure(self.stated)


def read_figure(text: str) -> Figure:
    """Return the value, half a unit of the last digit and the unit of a stated figure.

    ``-6.36%`` is the return -0.0636 plus or minus 0.00005; ``125`` or ``125 dollars`` is a price; with a
    scale word (``-315 billion dollars``) it is money.
    """
    found = _FIGURE.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if not found:
        raise UsageError(f"stated is {text!r}; write a figure such as -6.36%, 125 or -315 billion dollars")
    sign, whole, fraction, percent, scale = found.groups()
    power = _POWERS[percent or scale]
    value = Decimal(sign + whole.replace(",", "") + (fraction or "")).scaleb(power)
    digits = len(fraction or ".") - 1
    half_unit = Decimal("0.5").scaleb(power - digits)
    unit: Unit = "return" if percent else "money" if scale else "level"
    return Figure(float(value), float(half_unit), unit)
