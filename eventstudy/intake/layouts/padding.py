"""Values that a source repeats where nothing traded: on holidays, and after the death of a security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray
from eventstudy.errors import DesignError
from eventstudy.sessions import trading_sessions

SHORTEST_TAIL = 3  #: repetitions at the end of a series from which it is taken for dead
FEWEST_LIVE = 2  #: series that must all stand still for a day to be no session


@dataclass(frozen=True)
class Column:
    """Values of a security, shape (T,); whether none are repeated by the source, and whether it is dead."""

    security: str
    values: FloatArray
    exchange: str = ""
    unpadded: bool = False
    dead: bool = False

    @property
    def repeats(self) -> BoolArray:
        """Whether a value is that of the row before, shape (T,)."""
        return np.append(False, self.values[1:] == self.values[:-1])

    @property
    def last_move(self) -> int:
        """Row of the last value that is not a repetition."""
        moved = np.flatnonzero(np.isfinite(self.values) & ~self.repeats)
        return int(moved[-1]) if len(moved) else -1


def padded_days(days: DateArray, columns: Sequence[Column], exchange: str = "") -> dict[str, BoolArray]:
    """Return the rows that are no sessions, shape (T,) by exchange ("" where a security's is unknown).

    Parameters
    ----------
    days
        Date of each row, shape (T,).
    exchange
        Of securities whose exchange is unknown.

    Notes
    -----
    A row is no session if every series that is alive stands still, and there are `FEWEST_LIVE` or more.
    Series of a known exchange, or of one prefix, are also looked at alone; and where the calendar of the
    exchange lacks the day and the value is repeated, that is enough.
    """
    everywhere = _still(days, columns)
    padded = {}
    for market in dict.fromkeys(_market(column) for column in columns):
        own = [column for column in columns if _market(column) == market]
        closed = _closed(days, own[0].exchange or exchange)
        padded[market] = everywhere | _still(days, own) | closed
    return padded


def traded_rows(column: Column, padded: dict[str, BoolArray]) -> tuple[BoolArray, int]:
    """Return the rows of a security that are kept, shape (T,), and the length of its constant tail."""
    rows = np.ones(len(column.values), dtype=bool)
    if column.unpadded:
        return rows, 0
    rows = ~(padded[_market(column)] & (column.repeats | np.isnan(column.values)))
    last = column.last_move
    tail = int((rows & column.repeats)[last + 1 :].sum())
    if tail >= (1 if column.dead else SHORTEST_TAIL):
        rows[last + 1 :] = False
        return rows & np.isfinite(column.values), tail
    return rows & np.isfinite(column.values) if last < 0 else rows, 0


def _market(column: Column) -> str:
    prefix, colon, _ = column.security.partition(":")
    return column.exchange or (prefix if colon else "")


def _still(days: DateArray, columns: Sequence[Column]) -> BoolArray:
    """Return whether every series that is alive repeats its value, and there are enough, shape (T,)."""
    alive, repeated = np.zeros((2, len(days)), dtype=np.int64)
    for column in columns:
        if not column.unpadded:
            pair = np.isfinite(column.values) & np.append(False, np.isfinite(column.values[:-1]))
            pair[column.last_move + 1 :] = False
            alive += pair
            repeated += pair & column.repeats
    return np.asarray((alive >= FEWEST_LIVE) & (alive == repeated))


def _closed(days: DateArray, exchange: str) -> BoolArray:
    """Return whether the exchange had no session, shape (T,); False where its calendar does not know."""
    nothing = np.zeros(len(days), dtype=bool)
    known = days[~np.isnat(days)]
    if not exchange or not len(known):
        return nothing
    first, last = (each.astype(date) for each in (known.min(), known.max()))
    try:
        return ~np.isin(days, trading_sessions(exchange, first, last))
    except DesignError:  # dates before or after those that the calendar knows
        return nothing
