"""Which findings lie in the prices that a firm-event uses: counted, and errors held against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.design import Design
from eventstudy.panel.panel import Panel
from eventstudy.prices.source import Finding


def screen_firm_events(panel: Panel, design: Design, findings: Iterable[Finding]) -> Panel:
    """Return a panel whose firm-events know the warnings and errors in the prices they use.

    A firm-event uses the sessions of both windows and the close before each, of the security and of every
    ticker in its benchmark. Where the design says ``quality: skip``, an error among them is the reason why it
    is not measured; a warning is only counted.
    """
    dated = [found for found in findings if found.session is not None and found.severity != "info"]
    count, reason = panel.n_findings.copy(), panel.reason.copy()
    for ticker, group in groupby(sorted(dated, key=lambda found: found.ticker), lambda found: found.ticker):
        told = sorted(group, key=lambda found: str(found.session))
        users = _users(panel, ticker) & (panel.reason == "")
        for events, rows in _on_axis(panel, users, told):
            for low, high in _spans(panel, design, events):
                count[events] += np.searchsorted(rows, high, side="right") - np.searchsorted(rows, low)
            if design.quality == "skip":
                _refuse(panel, design, events, rows, told, reason)
    return replace(panel, n_findings=count, reason=reason)


def _users(panel: Panel, ticker: str) -> BoolArray:
    """Return which firm-events use the prices of a ticker, shape (N,)."""
    firm_events = panel.firm_events
    users: BoolArray = firm_events.ticker == ticker
    if panel.benchmark:
        choices = [n for n, choice in enumerate(firm_events.benchmarks) if ticker in choice.tickers]
        users = users | np.isin(firm_events.benchmark, choices)
    return users


def _on_axis(panel: Panel, users: BoolArray, told: Sequence[Finding]) -> Iterator[tuple[IntArray, IntArray]]:
    """Give, exchange by exchange, the firm-events concerned and the rows of the findings on its sessions.

    What lies on a day without a session counts for the next one.
    """
    sessions = np.array([found.session for found in told], dtype="datetime64[D]")
    for low, high in panel.matrix.blocks.values():
        events = np.flatnonzero(users & (panel.first == low) & (panel.last == high))
        if events.size:
            yield events, low + np.searchsorted(panel.matrix.dates[low : high + 1], sessions)


def _spans(panel: Panel, design: Design, events: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Give the first and last rows of the prices that each window needs, no row twice."""
    estimation, window = design.estimation, design.window
    day0 = panel.day0[events]
    yield day0 + estimation.start - 1, day0 + estimation.end
    yield day0 + max(window.start - 1, estimation.end + 1), day0 + window.end


def _refuse(
    panel: Panel,
    design: Design,
    events: IntArray,
    rows: IntArray,
    told: Sequence[Finding],
    reason: np.ndarray,
) -> None:
    """State the first error that each firm-event uses as its reason, where it has none yet."""
    bad = [place for place, found in enumerate(told) if found.severity == "error"]
    for low, high in _spans(panel, design, events) if bad else ():
        first = np.searchsorted(rows[bad], low)
        for event in np.flatnonzero(first < np.searchsorted(rows[bad], high, side="right")):
            found = told[bad[first[event]]]
            if not reason[events[event]]:
                reason[events[event]] = (
                    f"{found.rule} in {found.ticker} on {found.session}: {found.detail}; "
                    "quality: flag measures it all the same"
                )
