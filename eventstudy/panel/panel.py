"""`Panel`: firm-events on the returns of all series; `sample`: their returns in event time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix

MASK_REACH = 1  #: ``mask_events`` leaves out sessions -1 to +1 around every other event of the ticker


@dataclass(frozen=True)
class Panel:
    """N firm-events placed on a return matrix; returns are gathered from it in event time when needed.

    Attributes
    ----------
    firm_events, matrix
        The pairs of security and event, and every return.
    requires
        What the model needs.
    security, risk_free
        Columns of the matrix: shape (N,), and one for all (-1 = none).
    regressors, offsets, terms
        Column of each regressor, shape (N, q), the sessions by which it is shifted, shape (q,), and its name,
        shape (N, q). Those of the benchmark come first.
    peers
        Columns of the study's other tickers, shape (N, p); -1 where one has no returns.
    day0, first, last
        Row of day 0 and the first and last row of the firm-event's block, shape (N,).
    reason
        Shape (N,): why a firm-event cannot be measured, ``""`` where no reason is known so far.
    covered
        Shape (T, S), how many listed event sessions of a security lie within ``MASK_REACH`` of a row; empty
        unless the design masks events.
    n_findings
        Shape (N,): warnings and errors in the prices it uses, as far as they are known.
    """

    firm_events: FirmEvents
    matrix: ReturnMatrix
    requires: Requires
    security: IntArray
    risk_free: int
    regressors: IntArray
    offsets: IntArray
    terms: TextArray
    peers: IntArray
    day0: IntArray
    first: IntArray
    last: IntArray
    reason: TextArray
    covered: IntArray
    n_findings: IntArray

    def __len__(self) -> int:
        return len(self.day0)

    def moved(self, events: IntArray, day0: IntArray) -> Panel:
        """Return the series of some firm-events with day 0 on other rows of the matrix, both of shape (n,).

        Only returns are taken from it: the labels in ``firm_events`` stay those of this panel.
        """
        own = ("security", "regressors", "terms", "peers", "first", "last", "reason", "n_findings")
        return replace(self, day0=day0, **{name: getattr(self, name)[events] for name in own})

    def rows(self, events: IntArray, window: Window) -> tuple[IntArray, BoolArray]:
        """Return the matrix rows of a window, shape (n, L), and which of them exist."""
        rows = self.day0[events, None] + np.arange(window.start, window.end + 1)
        exists = (rows >= self.first[events, None]) & (rows <= self.last[events, None])
        return np.where(exists, rows, 0), exists

    def dates(self, events: IntArray, window: Window) -> DateArray:
        """Return the calendar dates of a window, datetime64[D] of shape (n, L); NaT where there is no row."""
        rows, exists = self.rows(events, window)
        return np.where(exists, self.matrix.dates[rows], np.datetime64("NaT", "D"))

    def masked(self, events: IntArray, window: Window) -> BoolArray:
        """Return which sessions of a window lie around *another* listed event of the security, (n, L)."""
        rows, exists = self.rows(events, window)
        if self.covered.size == 0:
            return np.zeros(rows.shape, dtype=bool)
        tau = np.arange(window.start, window.end + 1)
        own = (np.abs(tau) <= MASK_REACH).astype(np.int64)
        return exists & (self.covered[rows, self.security[events, None]] - own > 0)


@dataclass(frozen=True)
class Sample:
    """Returns and regressors of n firm-events over one window.

    Attributes
    ----------
    y
        Security, shape (n, L), decimal; less the risk-free return where the model works in excess returns.
    x, terms
        Regressors, shape (n, L, q), the benchmark less the risk-free return like ``y``; names, shape (n, q).
    peers
        The study's other tickers, shape (n, L, p), less the risk-free return like ``y``; p = 0 unless the
        model requires them.
    risk_free
        Shape (n, L); 0 where the model does not use it.
    span
        Sessions each return covers, shape (n, L): 1, more after a lumped gap.
    """

    y: FloatArray
    x: FloatArray
    terms: TextArray
    peers: FloatArray
    risk_free: FloatArray
    span: FloatArray


def sample(panel: Panel, events: IntArray, window: Window, *, estimation: bool, lump: bool = False) -> Sample:
    """Gather the returns and regressors of some firm-events over a window.

    Parameters
    ----------
    events
        Indices of firm-events, shape (n,).
    estimation
        True: sessions around other listed events are NaN where the design masks them.
    lump
        True: the first return after a gap spans it, and its regressors are cumulated over the same sessions.
    """
    rows, exists = panel.rows(events, window)
    columns = panel.security[events, None]
    source = panel.matrix.lumped if lump else panel.matrix.values
    y = np.where(exists & (columns >= 0), source[rows, columns], np.nan)
    span = panel.matrix.span[rows, columns].astype(float) if lump else np.ones(y.shape)
    tau = np.arange(window.start, window.end + 1)

    def returns(columns: IntArray, offsets: IntArray) -> FloatArray:
        return _returns(panel, events, tau[:, None] + offsets, columns, span)

    own = np.zeros(1, dtype=np.int64)
    x = returns(panel.regressors[events], panel.offsets)
    peers = returns(panel.peers[events], own)
    rf = np.zeros(y.shape)
    if panel.risk_free >= 0:
        free = np.full((len(events), 1), panel.risk_free)
        rf = returns(free, own)[:, :, 0]
        peers -= rf[:, :, None]
        if panel.requires.benchmark:
            offsets = np.array(panel.requires.offsets)
            x[:, :, : len(offsets)] -= returns(free, offsets)
    if estimation:
        y = np.where(panel.masked(events, window), np.nan, y)
    return Sample(y - rf, x, panel.terms[events], peers, rf, span)


def _returns(
    panel: Panel, events: IntArray, tau: IntArray, columns: IntArray, span: FloatArray
) -> FloatArray:
    """Return the returns of some columns, each cumulated over the sessions that the security's return spans.

    A lumped return is explained by what its regressors returned over the same sessions (Maynes & Rumsey
    1993).

    Parameters
    ----------
    tau
        Session of each column for each session of the window, shape (L, c) or (L, 1).
    columns
        Shape (n, c) or (n, 1); -1 = none.
    span
        Shape (n, L).

    Returns
    -------
    FloatArray
        Shape (n, L, c); NaN off the axis.
    """
    values, log = panel.matrix.values, panel.matrix.kind == "log"
    first, last = panel.first[events, None, None], panel.last[events, None, None]
    rows = panel.day0[events, None, None] + tau
    there = (rows >= first) & (rows <= last) & (columns[:, None, :] >= 0)
    returns = np.where(there, values[np.where(there, rows, 0), columns[:, None, :]], np.nan)
    for event, place in zip(*np.nonzero(span > 1), strict=True):
        back = np.arange(1 - int(span[event, place]), 1)[:, None]
        spanned = np.clip(rows[event, place] + back, 0, len(values) - 1)
        path = values[spanned, columns[event]]
        total = path.sum(axis=0) if log else np.prod(1.0 + path, axis=0) - 1.0
        whole = there[event, place] & (rows[event, place] + back[0] >= first[event, 0])
        returns[event, place] = np.where(whole, total, np.nan)
    return returns
