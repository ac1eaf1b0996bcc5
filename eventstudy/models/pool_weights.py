"""`PoolWeights`: what each peer or donor weighs in the normal return of each firm-event."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.panel.pool import Pool, PoolSample

LEAST_PEERS = 3  #: with fewer their mean is the return of one or two securities
MOST_MISSING = 0.05  #: share of the estimation sessions that a peer may lack
GAP = "no return on some session of the windows"
MISSING = "no return on more than 5 % of the estimation sessions"


@dataclass(frozen=True)
class PoolWeights:
    """One entry per firm-event and security of the pool, the firm-event's own left out; shape (R,).

    Attributes
    ----------
    event, member
        Index of the firm-event, and of the security in the pool.
    weight
        NaN where the security is not used: a share of the portfolio, or a slope.
    reason
        Why it is not used; ``""`` where it is.
    """

    event: IntArray
    member: IntArray
    weight: FloatArray
    reason: TextArray

    def of(self, events: IntArray) -> PoolWeights:
        """Return the weights with the firm-events ``0, 1, ...`` numbered as given, shape (n,)."""
        return replace(self, event=events[self.event])


def pool_weights(pool: Pool, used: BoolArray, weights: FloatArray, gap: str) -> PoolWeights:
    """Return the weights of n firm-events.

    Parameters
    ----------
    used, weights
        Which securities are used, and their weights, shape (n, D).
    gap
        Why one that is allowed is not used.
    """
    reason = np.full(used.shape, gap, dtype=object)
    reason[pool.open & used] = ""
    for row, barred in enumerate(pool.barred):
        reason[row, barred] = pool.barred_reason
    excluded = pool.excluded != ""
    reason[:, excluded] = pool.excluded[excluded]
    listed = np.ones(used.shape, dtype=bool)
    there = np.flatnonzero(pool.own >= 0)
    listed[there, pool.own[there]] = False
    event, member = np.nonzero(listed)
    return PoolWeights(
        event=event,
        member=member,
        weight=np.where(used, weights, np.nan)[event, member],
        reason=reason[event, member],
    )


def without_gaps(pool: PoolSample, event: PoolSample, usable: BoolArray, there: BoolArray) -> BoolArray:
    """Return which allowed securities have a return wherever the firm-event's own has one, shape (n, D).

    Parameters
    ----------
    pool, event
        Over the estimation and the event window.
    usable, there
        Whether the security has a return on each of their sessions, shapes (n, L1) and (n, L).
    """
    whole = pool.pool.open
    known = np.isfinite(pool.values[:, pool.pool.columns])
    for row in range(len(whole)):
        rows = np.concatenate([pool.rows[row][usable[row]], event.rows[row][there[row]]])
        whole[row] &= known[rows].all(axis=0)
    return whole


def seldom_missing(pool: PoolSample, usable: BoolArray, most: float) -> BoolArray:
    """Return which allowed securities miss at most a share of the sessions of the estimation window, (n, D).

    It runs from the first to the last session on which the firm-event's own security has a return; sessions
    between several windows are in none.
    """
    gaps = np.cumsum(np.isnan(pool.values[:, pool.pool.columns]), axis=0, dtype=np.int64)
    gaps = np.vstack([np.zeros((1, gaps.shape[1]), dtype=np.int64), gaps])
    length = usable.shape[1]
    first, last = usable.argmax(axis=1), length - 1 - usable[:, ::-1].argmax(axis=1)
    place = np.arange(length)
    inside = (pool.rows >= 0) & (place >= first[:, None]) & (place <= last[:, None])
    steps = np.diff(np.pad(inside.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (row, start), (_, end) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    missing = np.zeros(pool.pool.open.shape, dtype=np.int64)
    np.add.at(missing, row, gaps[pool.rows[row, end - 1] + 1] - gaps[pool.rows[row, start]])
    return np.asarray(pool.pool.open & (missing <= most * inside.sum(axis=1)[:, None]))


def too_few(peers: int) -> str:
    """Return why so few peers cannot be used."""
    return f"the model peers needs {LEAST_PEERS} peers, and has {peers}"
