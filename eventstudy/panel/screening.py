"""Findings in the prices that a firm-event uses: warnings are counted, errors can exclude it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.design import Design
from eventstudy.panel.panel import Panel
from eventstudy.prices.source import Finding


def screen_firm_events(panel: Panel, design: Design, findings: Iterable[Finding]) -> Panel:
    """Return the panel with the warnings and errors in the prices of each firm-event counted.

    A firm-event uses the sessions of both windows and the close before each, of the security, of every
    ticker in its benchmark, of its factors and of its peers; a finding without a session is about all of
    them. With ``quality: skip`` an error among them excludes it; a warning is only counted. A security of the
    pool with an error is left out of the pool instead, and no firm-event is.
    """
    told = [found for found in findings if found.severity != "info"]
    dated = [found for found in told if found.session is not None]
    count, reason = panel.n_findings.copy(), panel.reason.copy()
    _whole(panel, design, [found for found in told if found.session is None], count, reason)
    for ticker, group in groupby(sorted(dated, key=lambda found: found.ticker), lambda found: found.ticker):
        listed = sorted(group, key=lambda found: str(found.session))
        users = _users(panel, ticker) & (panel.reason == "")
        for events, rows in _on_axis(panel, users, listed):
            for low, high in _spans(panel, design, events):
                count[events] += np.searchsorted(rows, high, side="right") - np.searchsorted(rows, low)
                if design.quality == "skip":
                    _exclude(events, low, high, rows, listed, reason)
    pool = panel.pool
    if pool is not None and design.quality == "skip":
        errors = [found for found in told if found.severity == "error"]
        pool = pool.without({found.ticker: f"{found.rule}: {found.detail}" for found in errors})
    return replace(panel, n_findings=count, reason=reason, pool=pool)


def _whole(
    panel: Panel, design: Design, listed: Sequence[Finding], count: IntArray, reason: TextArray
) -> None:
    """Count what is about a whole series for all its users, and exclude them by an error."""
    for found in listed:
        users = _users(panel, found.ticker) & (panel.reason == "")
        count[users] += 1
        if found.severity == "error" and design.quality == "skip":
            reason[users & (reason == "")] = _reason(found)


def _users(panel: Panel, ticker: str) -> BoolArray:
    """Return which firm-events use the prices of a ticker, shape (N,)."""
    firm_events = panel.firm_events
    users: BoolArray = firm_events.ticker == ticker
    users |= (panel.peers == panel.matrix.columns.get(ticker, -2)).any(axis=1)
    if panel.requires.benchmark:
        users |= np.isin(panel.regressors[:, 0], panel.matrix.made_of(ticker))
    elif ticker in panel.matrix.factors:
        users |= (panel.regressors == panel.matrix.factors[ticker]).any(axis=1)
    return users


def _on_axis(
    panel: Panel, users: BoolArray, listed: Sequence[Finding]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield, per exchange, the firm-events concerned and the rows of the findings.

    A finding on a day without a session belongs to the next session.
    """
    sessions = np.array([found.session for found in listed], dtype="datetime64[D]")
    for low, high in panel.matrix.blocks.values():
        events = np.flatnonzero(users & (panel.first == low) & (panel.last == high))
        if events.size:
            yield events, low + np.searchsorted(panel.matrix.dates[low : high + 1], sessions)


def _spans(panel: Panel, design: Design, events: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the first and last rows of the prices that each window needs, no row twice."""
    requires, day0, windows = panel.requires, panel.day0[events], panel.windows(design).of(events)
    before, after = 1 + requires.lags, requires.leads
    each = np.concatenate([windows.estimation, windows.event[:, None]], axis=1)
    each = np.take_along_axis(each, each[:, :, :1].argsort(axis=1), axis=1)
    past = np.full(len(events), np.iinfo(np.int64).min)
    for start, end in (window.T for window in np.moveaxis(each, 1, 0)):
        yield day0 + np.maximum(start - before, past + 1), day0 + end + after
        past = end + after


def _exclude(
    events: IntArray,
    low: IntArray,
    high: IntArray,
    rows: IntArray,
    listed: Sequence[Finding],
    reason: TextArray,
) -> None:
    """Give each firm-event the first error between two rows as its reason, where it has none yet."""
    errors = [place for place, found in enumerate(listed) if found.severity == "error"]
    first = np.searchsorted(rows[errors], low)
    for event in np.flatnonzero(first < np.searchsorted(rows[errors], high, side="right")):
        found = listed[errors[first[event]]]
        reason[events[event]] = reason[events[event]] or _reason(found)


def _reason(found: Finding) -> str:
    when = f" on {found.session}" if found.session else ""
    return f"{found.rule} in {found.ticker}{when}: {found.detail}; quality: flag measures it all the same"
