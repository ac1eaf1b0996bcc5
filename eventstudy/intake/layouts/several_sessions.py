"""Returns that span several sessions, which are no returns of a session."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.intake.layouts.long import LongRows

LONGEST_SPAN = 10  #: sessions over which CRSP looks back for a price


class OneSession(NamedTuple):
    """Returns of one session each, those over several (empty without any), and the number of these."""

    returns: FloatArray
    lumped: FloatArray
    spanning: int

    def columns(self, rows: slice) -> dict[str, FloatArray]:
        """Return the columns of a security; ``lumped`` only where it has such a return."""
        lumped = self.lumped[rows]
        return {"return": self.returns[rows]} | ({} if np.isnan(lumped).all() else {"lumped": lumped})


def after_missing_price(rows: LongRows, priced: BoolArray) -> BoolArray:
    """Return whether a return looks back over more than a session, shape (T,).

    It does where the row before has no price, and where up to `LONGEST_SPAN` sessions have no row. After a
    longer gap CRSP gives no return over it, so one that is there is of the session alone.
    """
    steps = rows.steps()
    before = np.append(True, priced[:-1])
    before[rows.starts[:-1]] = True
    return ~before | ((steps > 1) & (steps <= LONGEST_SPAN))


def one_session(returns: FloatArray, spans: BoolArray) -> OneSession:
    """Take the returns that span several sessions apart; ``returns`` keep the others alone."""
    at = np.flatnonzero(spans & np.isfinite(returns))
    lumped = np.full(len(returns) if len(at) else 0, np.nan)
    if len(at):
        lumped[at] = returns[at]
        returns[at] = np.nan
    return OneSession(returns, lumped, len(at))


def returns_without(levels: FloatArray, broken: BoolArray) -> FloatArray:
    """Return ``I_t / I_{t-1} - 1`` of shape (T,), NaN where either is missing and where ``broken``."""
    with np.errstate(invalid="ignore", divide="ignore"):
        returns = np.append(np.nan, levels[1:] / levels[:-1] - 1)
    returns[broken] = np.nan
    return returns
