"""`Panel`: firm-events on the returns of all series; `sample`: their returns in event time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, ByteArray, DateArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.own_windows import OwnWindows
from eventstudy.panel.left_out import left_out_sessions
from eventstudy.panel.pool import Pool, PoolSample
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix


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
        Shape (T, S), bits: day 0 of a listed event (``LISTED``), a date that the design leaves out
        (``DATED``); empty unless the design masks events or dates.
    reach
        Shape (N,): how many sessions around other listed events are left out, -1 where none is.
    n_findings
        Shape (N,): warnings and errors in the prices it uses, as far as they are known.
    own_windows
        Event and estimation windows of each firm-event, inside the design's; None where they are those and
        the design has one estimation window.
    pool
        The peers or donors that the model weighs; None where it requires none.
    beside
        Column of the benchmark of a model without one that is shown beside the market model, shape (N,); -1
        where it has no returns. None for other models.
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
    covered: ByteArray
    reach: IntArray
    n_findings: IntArray
    own_windows: OwnWindows | None = None
    pool: Pool | None = None
    beside: IntArray | None = None

    def __len__(self) -> int:
        return len(self.day0)

    def moved(self, events: IntArray, day0: IntArray) -> Panel:
        """Return the series of some firm-events with day 0 on other rows of the matrix, both of shape (n,).

        Only returns are taken from it: the labels in ``firm_events`` stay those of this panel.
        """
        own = ("security", "regressors", "terms", "peers", "first", "last", "reason", "reach", "n_findings")
        parts = {name: getattr(self, name)[events] for name in own}
        windows = None if self.own_windows is None else self.own_windows.of(events)
        pool = None if self.pool is None else self.pool.of(events)
        beside = None if self.beside is None else self.beside[events]
        return replace(self, day0=day0, own_windows=windows, pool=pool, beside=beside, **parts)

    def windows(self, design: Design) -> OwnWindows:
        """Return the event and estimation window of every firm-event."""
        return self.own_windows or OwnWindows.alike(design, len(self))

    def outside(self, events: IntArray, window: Window, *, estimation: bool) -> BoolArray:
        """Return which sessions lie outside the firm-event's own window of that sort, (n, L) or (n, 1)."""
        if self.own_windows is None:
            return np.zeros((len(events), 1), dtype=bool)
        own = self.own_windows.of(events)
        if estimation:
            return np.asarray(~own.in_estimation(window).any(axis=1))
        tau = np.arange(window.start, window.end + 1)
        return np.asarray((tau < own.event[:, :1]) | (tau > own.event[:, 1:]))

    def estimation_places(self, events: IntArray, window: Window) -> IntArray | None:
        """Return which estimation window each session is in, see `OwnWindows.places`; None for one window."""
        return None if self.own_windows is None else self.own_windows.of(events).places(window)

    def lengths(self, events: IntArray, window: Window, *, estimation: bool) -> IntArray:
        """Return how many sessions of a window are the firm-event's own, shape (n,)."""
        if self.own_windows is None:
            return np.full(len(events), window.length)
        own = self.own_windows.of(events)
        start, end = np.moveaxis(own.estimation if estimation else own.event[:, None], 2, 0)
        common = np.minimum(end, window.end) - np.maximum(start, window.start) + 1
        return np.asarray(np.maximum(common, 0).sum(axis=1))

    def rows(self, events: IntArray, window: Window) -> tuple[IntArray, BoolArray]:
        """Return the matrix rows of a window, shape (n, L), and which of them exist."""
        rows = self.day0[events, None] + np.arange(window.start, window.end + 1)
        exists = (rows >= self.first[events, None]) & (rows <= self.last[events, None])
        return np.where(exists, rows, 0), exists

    def dates(self, events: IntArray, window: Window) -> DateArray:
        """Return the calendar dates of a window, datetime64[D] of shape (n, L); NaT where there is no row."""
        rows, exists = self.rows(events, window)
        return np.where(exists, self.matrix.dates[rows], np.datetime64("NaT", "D"))

    def masked(self, events: IntArray, window: Window, *, own: bool = False) -> BoolArray:
        """Return which sessions of a window are left out of estimation, shape (n, L).

        They lie around *another* listed event of the security or are dates of the design, and never day 0;
        with ``own`` day 0 counts like any other session.
        """
        rows, exists = self.rows(events, window)
        if self.covered.size == 0:
            return np.zeros(rows.shape, dtype=bool)
        column, reach = self.security[events, None], self.reach[events, None]
        day0 = np.full_like(reach, -1) if own else self.day0[events, None]
        bounds = self.first[events, None], self.last[events, None]
        return left_out_sessions(self.covered, rows, column, day0, reach, bounds) & exists & (column >= 0)


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
    pool
        The peers or donors over the window; None unless the model requires them.
    left_out
        Which sessions the design leaves out, or lie outside the firm-event's own estimation window; shape
        (n, L).
    between
        Of an estimation window: the sessions from its end to the event window, where the model requires them.
    """

    y: FloatArray
    x: FloatArray
    terms: TextArray
    peers: FloatArray
    risk_free: FloatArray
    span: FloatArray
    left_out: BoolArray
    between: Sample | None = None
    pool: PoolSample | None = None


def sample(panel: Panel, events: IntArray, window: Window, *, estimation: bool, lump: bool = False) -> Sample:
    """Gather the returns and regressors of some firm-events over a window.

    Parameters
    ----------
    events
        Indices of firm-events, shape (n,).
    estimation
        True: sessions around other listed events are NaN where the design masks them, and so are those
        outside the estimation windows, and a return over several sessions of which one is.
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
    left_out = np.zeros(y.shape, dtype=bool)
    if estimation:
        outside = panel.outside(events, window, estimation=True)
        left_out = np.broadcast_to(panel.masked(events, window) | outside, y.shape)
        y = np.where(spanned(left_out, span) if lump else left_out, np.nan, y)
        x = np.where(outside[:, :, None], np.nan, x)
    pool = None
    if panel.pool is not None:
        there = exists & ~outside if estimation else exists
        pool = PoolSample(
            panel.pool.of(events), panel.matrix.values, panel.matrix.kind, np.where(there, rows, -1)
        )
    return Sample(y - rf, x, panel.terms[events], peers, rf, span, left_out, pool=pool)


def between_windows(panel: Panel, events: IntArray, design: Design) -> Sample:
    """Gather the sessions from the end of the estimation window to the event window, without masked ones."""
    window = Window(design.estimation_window.end + 1, design.window.start - 1)
    gap = sample(panel, events, window, estimation=False)
    masked = panel.masked(events, window)
    return replace(gap, y=np.where(masked, np.nan, gap.y), left_out=masked)


def spanned(left_out: BoolArray, span: FloatArray) -> BoolArray:
    """Return which returns cover a session that is left out or before the window, both of shape (n, L)."""
    before = np.concatenate([np.zeros((len(span), 1), dtype=np.int64), np.cumsum(left_out, axis=1)], axis=1)
    first = np.arange(span.shape[1]) - span.astype(np.int64) + 1
    start = np.take_along_axis(before, np.maximum(first, 0), axis=1)
    return np.asarray((first < 0) | (before[:, 1:] > start))


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
    event, place = np.nonzero(span > 1)
    if not len(event):
        return returns
    each, sessions = span[event, place].astype(np.int64), rows[event, place]
    growth = np.full((len(event), returns.shape[2]), 0.0 if log else 1.0)
    for back in range(int(each.max())):  # one step for each session of the longest gap
        at = np.flatnonzero(each > back)
        path = values[np.clip(sessions[at] - back, 0, len(values) - 1), columns[event[at]]]
        growth[at] = growth[at] + path if log else growth[at] * (1.0 + path)
    whole = there[event, place] & (sessions - each[:, None] + 1 >= first[event, 0])
    returns[event, place] = np.where(whole, growth if log else growth - 1.0, np.nan)
    return returns
