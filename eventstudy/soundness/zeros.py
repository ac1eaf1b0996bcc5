"""Returns of exactly zero: at an event, on most days, and for many sessions in a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding, Severity

LEAST = 60  #: returns without which a share is not known
HARDLY_EVER = 0.01  #: share of zeros up to which one at an event is doubtful
MOST_DAYS = 0.5  #: share of zeros from which a series is thinly traded
FILLED = 10  #: zeros in a row that no trading makes: a suspension or an end that was filled forward
SHORT = 4  #: zeros in a row that are doubtful where chance does not make them
REMEDY = "leave out the sessions without trade, and take gaps: trade-to-trade"
BY_CHANCE = 1e-3  #: such runs expected in the whole series, given how often it is zero otherwise


def zero_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find zeros on most days, and one at an event of a series that hardly ever has one."""
    zero, known = table.values == 0, np.isfinite(table.values).sum(axis=0)
    share = zero.sum(axis=0) / np.maximum(known, 1)
    for column in np.flatnonzero((known >= LEAST) & (share > MOST_DAYS)).tolist():
        text = f"{share[column]:.0%} of its returns are zero: it hardly trades, or its closes are filled in"
        yield table.about(column, "stale", "warning", f"{text}; {REMEDY}")
    if table.near is None:
        return
    alone = zero & table.near & ((known >= LEAST) & (share <= HARDLY_EVER))
    for row, column in np.argwhere(alone).tolist():
        text = f"a return of exactly zero at the event; {share[column]:.1%} of its returns are zero"
        yield table.finding(row, column, "stale", "warning", text)


def filled_forward(table: ReturnTable) -> Iterator[Finding]:
    """Find many zeros in a row: a price that was carried forward, which is no return."""
    for column in np.flatnonzero((table.values == 0).sum(axis=0) >= SHORT).tolist():
        known = np.flatnonzero(np.isfinite(table.values[:, column]))
        zero = table.values[known, column] == 0
        if zero.mean() > MOST_DAYS:  # a series that stands still has no variance, and its firm-events say so
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], zero.astype(np.int8), [0]])))
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            length = end - first
            share = (zero.sum() - length) / max(len(zero) - length, 1)
            if length >= SHORT and len(zero) * share**length < BY_CHANCE:
                severity: Severity = "error" if length >= FILLED else "warning"
                text = f"returns of zero for {length} sessions: carried forward, where nothing was traded"
                for row in known[first:end].tolist():
                    yield table.finding(row, column, "filled-forward", severity, text)
