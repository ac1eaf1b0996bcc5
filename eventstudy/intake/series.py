"""Series as a layout hands them over: sessions and figures under standard names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Closes, DateArray, FloatArray
from eventstudy.intake.understood import Understood
from eventstudy.sessions import Stamps

#: names of figures; ``shares`` are outstanding, ``return`` is a total return of the session alone, decimal
#: and simple, ``lumped`` one over the sessions since the last price, NaN where it is of one session
FIGURES = (
    "open", "high", "low", "close", "adj_close", "volume", "shares", "dividend", "gain",
    "split", "stock_dividend", "spin_off", "rights", "return", "lumped",
)  # fmt: skip

#: (alias, id): the first and the last day on which the security bore the name
AliasDays = dict[tuple[str, str], tuple[np.datetime64, np.datetime64]]


class Remark(NamedTuple):
    """Something a reader of a series should know: a finding without its ticker; session None: all of it."""

    rule: str
    severity: str
    detail: str
    session: str | None = None


@dataclass(frozen=True)
class SeriesColumns:
    """What a file holds of one security.

    Attributes
    ----------
    sessions
        datetime64[D] of shape (T,), in the order of the file; local dates of the exchange, or the dates as
        written where there are ``stamps``.
    columns
        Arrays of shape (T,) under names of `FIGURES`, NaN where missing. Where ``return`` is there it wins
        over ratios of closes: it is the return on that session over the session before, and NaN where it
        spans several.
    closes
        What the closes hold; None where the layout does not tell.
    currency
        Code, "" where unknown.
    exchange
        MIC whose sessions they are, where the layout tells (KRX, Naver); "" elsewhere.
    remarks
        Findings about the series.
    stamps
        The dates with their clocks, shape (T,), where they are not all midnights.
    """

    sessions: DateArray
    columns: Mapping[str, FloatArray]
    closes: Closes | None = None
    currency: str = ""
    exchange: str = ""
    remarks: tuple[Remark, ...] = ()
    stamps: Stamps | None = None


@dataclass(frozen=True)
class PriceReading:
    """What a file of prices or returns holds: series by id, other names of the ids, and what was understood.

    ``aliases`` maps a further name of a series (a ticker of CRSP, a gvkey without its iid) to the ids that
    bear it; an event that names it is matched if it is of one id. ``alias_days`` says when a security bore a
    name, as names change hands; without an entry it bore it throughout.
    """

    series: Mapping[str, SeriesColumns]
    understood: Understood
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alias_days: AliasDays = field(default_factory=dict)


@dataclass(frozen=True)
class FactorReading:
    """Factors of a file: names as in it, sessions, decimals of shape (T, K), and what was understood."""

    names: tuple[str, ...]
    sessions: DateArray
    values: FloatArray
    understood: Understood
    vintage: str = ""
