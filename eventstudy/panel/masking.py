"""Which sessions are left out of the estimation windows: around other listed events, and stated dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from eventstudy._typing import BoolArray, ByteArray, DateArray, IntArray, TextArray
from eventstudy.design import Design, MaskDates
from eventstudy.design.mask_dates import FIELD
from eventstudy.errors import DesignError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.left_out import DATED, LISTED, MASK_REACH
from eventstudy.panel.panel import Panel, sample, spanned
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.prices.source import Finding
from eventstudy.sessions import first_sessions

Need = Callable[[IntArray], IntArray]
CHUNK = 2_048  #: firm-events whose returns are counted at once
MOST_NAMED = 5  #: tickers
NOTES = {
    0: "too few estimation returns with -1 to +1 around other events left out: day 0 of each alone is",
    -1: "too few estimation returns with day 0 of other events left out: none is",
}


def covered_sessions(
    design: Design,
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    security: IntArray,
    day0: IntArray,
    listed: BoolArray,
) -> ByteArray:
    """Return what lies on each session of each security, shape (T, S), as `Panel.covered`.

    Parameters
    ----------
    security, day0, listed
        Column and row of each firm-event, and whether that row is its day 0; shape (N,).

    Raises
    ------
    DesignError
        A date of ``mask_dates`` is no session of the ticker's exchange, or of a table without exchanges.
    """
    if not design.mask_events and not design.mask_dates:
        return np.empty((0, 0), dtype=np.uint8)
    covered = np.zeros(matrix.values.shape, dtype=np.uint8)
    if design.mask_events:
        known = listed & (security >= 0)
        covered[day0[known], security[known]] |= LISTED
    tickers, sessions = masked_dates(design.mask_dates, firm_events)
    rows, pairs = news_rows(tickers, sessions, firm_events, matrix)
    if "" in matrix.blocks and not design.mask_dates.source:  # no calendar has judged these dates
        for row, pair in zip(rows, pairs, strict=True):
            if matrix.dates[row] != sessions[pair]:
                problem = f"{sessions[pair]} of {tickers[pair]} is no session of the table"
                raise DesignError(FIELD, f"{problem}; the next one is {matrix.dates[row]}")
    columns = np.array([matrix.columns.get(tickers[pair], -1) for pair in pairs], dtype=np.int64)
    covered[rows[columns >= 0], columns[columns >= 0]] |= DATED
    return covered


def masked_dates(chosen: MaskDates, firm_events: FirmEvents) -> tuple[TextArray, DateArray]:
    """Return ticker and session of every date that the design leaves out."""
    if chosen.source and firm_events.known is not None:
        return firm_events.known.of_kind(chosen.source)
    wanted = set(firm_events.tickers)
    pairs = [(ticker, day) for ticker, days in chosen.dates if ticker in wanted for day in days]
    tickers = np.array([ticker for ticker, _ in pairs], dtype=object)
    stated = np.array([day for _, day in pairs], dtype="datetime64[D]")
    exchange = dict(zip(firm_events.ticker, firm_events.exchange, strict=True))
    codes = np.array([exchange[ticker] for ticker in tickers], dtype=object)
    for code in dict.fromkeys(codes):
        at = np.flatnonzero(codes == code)
        if not code:  # the price table's own dates count
            continue
        corrections = firm_events.corrections.get(code)
        found = first_sessions(stated[at].tolist(), ["regular"] * len(at), code, corrections).session
        for wrong in at[found != stated[at]][:1]:
            meant = found[found != stated[at]][0]
            problem = f"{stated[wrong]} of {tickers[wrong]} is no session of {code}; the next one is {meant}"
            raise DesignError(FIELD, problem)
    return tickers, stated


def unused_masks(design: Design, firm_events: FirmEvents) -> Iterator[Finding]:
    """Find dates of the design that no firm-event uses, since their ticker is not measured."""
    measured = set(firm_events.tickers)
    unused = {ticker: days for ticker, days in design.mask_dates.dates if ticker not in measured}
    if unused:
        count, first = sum(map(len, unused.values())), next(iter(unused))
        names = ", ".join([*unused][:MOST_NAMED]) + (", ..." if len(unused) > MOST_NAMED else "")
        text = f"{count} dates of {FIELD} are not used: no event has {names}"
        yield Finding(first, None, "mask-dates", "warning", text)


def news_rows(
    tickers: TextArray, sessions: DateArray, firm_events: FirmEvents, matrix: ReturnMatrix
) -> tuple[IntArray, IntArray]:
    """Return the rows of those pairs of ticker and session that have one, and which pairs they are.

    A session that is not on the axis belongs to the next that is.
    """
    exchange = dict(zip(firm_events.ticker, firm_events.exchange, strict=True))
    alone = len(matrix.blocks) == 1
    blocks = np.array([next(iter(matrix.blocks)) if alone else exchange[t] for t in tickers], dtype=object)
    rows = np.full(len(tickers), -1, dtype=np.int64)
    for name, (low, high) in matrix.blocks.items():
        at, dates = np.flatnonzero(blocks == name), matrix.dates[low : high + 1]
        found = np.searchsorted(dates, sessions[at])
        there = (sessions[at] >= dates[0]) & (found < len(dates))
        rows[at[there]] = low + found[there]
    pairs = np.flatnonzero(rows >= 0)
    return rows[pairs], pairs


def with_reach(panel: Panel, design: Design, need: Need) -> Panel:
    """Return the panel with the reach of every firm-event's mask: the widest that leaves enough returns.

    Parameters
    ----------
    need
        Gives the least number of usable estimation returns of some firm-events, shape (n,).
    """
    if not design.mask_events:
        return panel
    reach = np.full(len(panel), MASK_REACH, dtype=np.int64)
    for start in range(0, len(panel), CHUNK):
        events = np.arange(start, min(start + CHUNK, len(panel)))
        wide = panel.masked(events, design.estimation_window)
        events = events[wide.any(axis=1)]
        if not len(events):
            continue
        reach[events] = _reach(panel, events, design, need(events))
    return replace(panel, reach=reach)


def _reach(panel: Panel, events: IntArray, design: Design, need: IntArray) -> IntArray:
    """Return the reach of the masks of some firm-events, shape (n,)."""
    window = design.estimation_window
    whole = sample(panel, events, window, estimation=False, lump=design.gaps == "trade-to-trade")
    usable = np.isfinite(whole.y) & np.isfinite(whole.x).all(axis=2)
    usable &= ~panel.outside(events, window, estimation=True)

    def left_out(own: IntArray) -> BoolArray:
        reach = np.full(len(panel), MASK_REACH, dtype=np.int64)
        reach[events] = own
        return spanned(replace(panel, reach=reach).masked(events, window), whole.span)

    return widest_reach(usable, left_out, need)


def widest_reach(usable: BoolArray, left_out: Callable[[IntArray], BoolArray], need: IntArray) -> IntArray:
    """Return how far masks reach around other events: the widest that leaves enough returns, -1 for none.

    Parameters
    ----------
    usable
        Returns without a mask, shape (n, L1).
    left_out
        Returns what masks of a reach, shape (n,), leave out, shape (n, L1).
    need
        Returns that have to be left, shape (n,).
    """
    reach = np.full(len(need), MASK_REACH, dtype=np.int64)
    for narrower in (MASK_REACH - 1, -1):
        few = (usable & ~left_out(reach)).sum(axis=1) < need
        if not few.any():
            break
        reach[few] = narrower
    return reach


def without_dates(panel: Panel, design: Design, need: Need) -> Panel:
    """Return the panel with the dates of the design left in; parameters of `with_reach`."""
    return with_reach(replace(panel, covered=panel.covered & ~DATED), design, need)


def masked_sessions(panel: Panel) -> dict[str, list[str]]:
    """Return the sessions on the axis that ``mask_dates`` leaves out, by ticker."""
    found: dict[str, list[str]] = {}
    tickers = {column: name for name, column in panel.matrix.columns.items()}
    for column, row in np.argwhere((panel.covered & DATED).T > 0).tolist():
        found.setdefault(tickers[column], []).append(str(panel.matrix.dates[row]))
    return found


def mask_notes(panel: Panel, design: Design) -> TextArray:
    """Return why fewer sessions than ``mask_events`` asks for were left out, shape (N,); ``""`` elsewhere."""
    if not design.mask_events:
        return np.full(len(panel), "", dtype=object)
    return notes_of(panel.reach)


def notes_of(reach: IntArray) -> TextArray:
    """Return why masks reach less far around other events than requested, shape (n,); ``""`` elsewhere."""
    notes = np.full(len(reach), "", dtype=object)
    for narrow, words in NOTES.items():
        notes[reach == narrow] = words
    return notes
