"""Days on which other series have prices and one has none, where no calendar says what a session is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.soundness.bars import ONE_BY_ONE


def missing_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find sessions without a price between the first and the last return of a series.

    A price that is missing takes the return of its session and the next one. More than `ONE_BY_ONE` of them
    are one finding about the whole series.
    """
    known = np.isfinite(table.values)
    first, last = known.argmax(axis=0), len(known) - 1 - known[::-1].argmax(axis=0)
    rows = np.arange(len(known))[:, None]
    missing = ~known & (rows > first) & (rows < last) & known.any(axis=0)
    missing[:-1] &= missing[1:]  # the last return of a hole lacks the price before it, and has its own
    counts = missing.sum(axis=0)
    for column in np.flatnonzero(counts).tolist():
        if counts[column] > ONE_BY_ONE:
            text = (
                f"no price on {counts[column]} days on which other series have prices: are the dates right?"
            )
            yield table.about(column, "missing-session", "warning", text)
            continue
        for row in np.flatnonzero(missing[:, column]).tolist():
            yield table.finding(
                row, column, "missing-session", "warning", "other series have prices, it has none"
            )
