"""From calendar time to event time: returns, windows, masks, the `Panel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.errors import PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.benchmarks import with_benchmarks
from eventstudy.panel.returns import ReturnMatrix

MASK_REACH = 1  #: ``mask_events`` leaves out sessions -1 to +1 around every other event of the ticker


@dataclass(frozen=True)
class Panel:
    """N firm-events placed on a return matrix; returns are gathered from it in event time when needed.

    Attributes
    ----------
    firm_events, matrix
        Who meets what when, and every return.
    security, regressors, risk_free
        Columns of the matrix: shape (N,), (N, q), and one for all (-1 = none).
    benchmark
        The first regressor is the benchmark: where there is a risk-free return it is taken over it, as the
        security is; factors are long-short portfolios and stay as they are.
    terms
        Names of the regressors, N tuples' worth as an object array of shape (N, q).
    day0, first, last
        Row of day 0 and the first and last row of the firm-event's block, shape (N,).
    reason
        Shape (N,): why a firm-event cannot be measured, ``""`` where nothing speaks against it so far.
    covered
        Shape (T, S), how many listed event sessions of a security lie within ``MASK_REACH`` of a row; empty
        unless the design masks events.
    n_findings
        Shape (N,): warnings and errors in the prices it uses, as far as they are known.
    """

    firm_events: FirmEvents
    matrix: ReturnMatrix
    security: IntArray
    regressors: IntArray
    risk_free: int
    benchmark: bool
    terms: TextArray
    day0: IntArray
    first: IntArray
    last: IntArray
    reason: TextArray
    covered: IntArray
    n_findings: IntArray

    def __len__(self) -> int:
        return len(self.firm_events)

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
    x
        Regressors, shape (n, L, q); the benchmark less the risk-free return like ``y``.
    risk_free
        Shape (n, L); 0 where the model does not use it.
    span
        Sessions each return covers, shape (n, L): 1, more after a lumped gap.
    """

    y: FloatArray
    x: FloatArray
    risk_free: FloatArray
    span: FloatArray


def build_panel(
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    design: Design,
    *,
    benchmark: bool,
    factors: Sequence[str],
    excess: bool,
    failures: Mapping[str, str],
) -> Panel:
    """Place firm-events on the return matrix and find the columns their model needs.

    Parameters
    ----------
    benchmark, factors, excess
        What the model regresses on: the benchmark, columns of the factor table, returns over risk-free.
    failures
        Why the prices of a ticker are missing.

    Raises
    ------
    PriceDataError
        A factor the model needs is not at hand.
    """
    matrix, market = with_benchmarks(firm_events, matrix) if benchmark else (matrix, None)
    security = np.array([matrix.columns.get(ticker, -1) for ticker in firm_events.ticker], dtype=np.int64)
    wanted = [_factor(matrix, name) for name in factors]
    regressors = np.tile(np.array(wanted, dtype=np.int64), (len(firm_events), 1))
    labels = [str(choice) for choice in firm_events.benchmarks]
    terms = np.tile(np.array(list(factors), dtype=object), (len(firm_events), 1))
    if market is not None:
        regressors = np.column_stack([market, regressors])
        terms = np.column_stack([np.array(labels, dtype=object)[firm_events.benchmark], terms])
    first, last = _blocks(firm_events, matrix)
    day0, listed = _day0_rows(firm_events, matrix, first, last)
    panel = Panel(
        firm_events=firm_events,
        matrix=matrix,
        security=security,
        regressors=regressors,
        risk_free=_factor(matrix, "RF") if excess else -1,
        benchmark=benchmark,
        terms=terms,
        day0=day0,
        first=first,
        last=last,
        reason=np.full(len(firm_events), "", dtype=object),
        covered=_event_cover(matrix, security, day0, listed)
        if design.mask_events
        else np.empty((0, 0), np.int64),
        n_findings=np.zeros(len(firm_events), dtype=np.int64),
    )
    _state_reasons(panel, listed, design.window, failures)
    return panel


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
    x = panel.matrix.values[rows[:, :, None], panel.regressors[events, None, :]]
    x = np.where(exists[:, :, None] & (panel.regressors[events, None, :] >= 0), x, np.nan)
    rf = np.zeros(y.shape) if panel.risk_free < 0 else panel.matrix.values[rows, panel.risk_free]
    span = np.ones(y.shape)
    if lump:
        span = panel.matrix.span[rows, columns].astype(float)
        x, rf = _cumulated(panel, events, rows, span, x, rf)
    if panel.benchmark:
        x[:, :, 0] -= rf
    if estimation:
        y = np.where(panel.masked(events, window), np.nan, y)
    return Sample(y - rf, x, rf, span)


def _cumulated(
    panel: Panel, events: IntArray, rows: IntArray, span: FloatArray, x: FloatArray, rf: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cumulate regressors over the sessions that a lumped return spans (Maynes & Rumsey 1993)."""
    log = panel.matrix.kind == "log"
    x, rf = x.copy(), rf.copy()
    for event, place in zip(*np.nonzero(span > 1), strict=True):
        spanned = slice(rows[event, place] - int(span[event, place]) + 1, rows[event, place] + 1)
        path = panel.matrix.values[spanned, panel.regressors[events[event]]]
        x[event, place] = path.sum(axis=0) if log else np.prod(1.0 + path, axis=0) - 1.0
        if panel.risk_free >= 0:
            free = panel.matrix.values[spanned, panel.risk_free]
            rf[event, place] = free.sum() if log else np.prod(1.0 + free) - 1.0
    return x, rf


def _factor(matrix: ReturnMatrix, name: str) -> int:
    if name not in matrix.factors:
        have = ", ".join(matrix.factors) or "none"
        raise PriceDataError(
            name, f"the model needs this factor; at hand: {have}", "give a factor file that has it"
        )
    return matrix.factors[name]


def _blocks(firm_events: FirmEvents, matrix: ReturnMatrix) -> tuple[IntArray, IntArray]:
    alone = len(matrix.blocks) == 1
    only = next(iter(matrix.blocks.values()))
    bounds = [only if alone else matrix.blocks[name] for name in firm_events.exchange]
    both = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _day0_rows(
    firm_events: FirmEvents, matrix: ReturnMatrix, first: IntArray, last: IntArray
) -> tuple[IntArray, BoolArray]:
    """Return the row of each day 0 and whether that session is on the axis."""
    rows = np.zeros(len(firm_events), dtype=np.int64)
    for low, high in matrix.blocks.values():
        inside = np.flatnonzero((first == low) & (last == high))
        rows[inside] = low + np.searchsorted(matrix.dates[low : high + 1], firm_events.session[inside])
    listed = ~np.isnat(firm_events.session) & (rows <= last)
    listed &= matrix.dates[np.minimum(rows, len(matrix.dates) - 1)] == firm_events.session
    return rows, listed


def _event_cover(matrix: ReturnMatrix, security: IntArray, day0: IntArray, listed: BoolArray) -> IntArray:
    covered = np.zeros(matrix.values.shape, dtype=np.int64)
    known = listed & (security >= 0)
    for column, row in set(zip(security[known].tolist(), day0[known].tolist(), strict=True)):
        covered[max(row - MASK_REACH, 0) : row + MASK_REACH + 1, column] += 1
    return covered


def _state_reasons(panel: Panel, listed: BoolArray, window: Window, failures: Mapping[str, str]) -> None:
    firm_events, dates = panel.firm_events, panel.matrix.dates

    def state(where: BoolArray, reason: str | TextArray) -> None:
        open_ = where & (panel.reason == "")
        panel.reason[open_] = reason if isinstance(reason, str) else reason[open_]

    missing = {
        ticker: f"no prices: {failures.get(ticker, 'not in the table')}" for ticker in firm_events.tickers
    }
    state(panel.security < 0, np.array([missing[ticker] for ticker in firm_events.ticker], dtype=object))
    if panel.regressors.shape[1]:
        state(np.asarray((panel.regressors < 0).any(axis=1)), _benchmark_reasons(panel, failures))
    ends = np.array([f"{dates[row]}" for row in panel.last], dtype=object)
    state(
        ~listed & (panel.day0 > panel.last),
        np.array([f"day 0 lies after the last price ({end})" for end in ends], dtype=object),
    )
    absent = [f"day 0 ({session}) is not a session of the price table" for session in firm_events.session]
    state(~listed, np.array(absent, dtype=object))
    late = [f"the event window {window} reaches past the last price ({end})" for end in ends]
    state(panel.day0 + window.end > panel.last, np.array(late, dtype=object))


def _benchmark_reasons(panel: Panel, failures: Mapping[str, str]) -> TextArray:
    sentences = []
    for choice in panel.firm_events.benchmarks:
        gone = [member for member in choice.tickers if member not in panel.matrix.columns]
        why = "; ".join(f"{member}: {failures.get(member, 'not in the table')}" for member in gone)
        sentences.append(
            f"no prices for the benchmark {choice} ({why})" if gone else "a basket of itself alone"
        )
    return np.array(sentences, dtype=object)[panel.firm_events.benchmark]
