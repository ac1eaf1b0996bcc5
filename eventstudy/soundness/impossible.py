"""Returns that cannot be: a loss of more than everything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding


def impossible_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find simple returns below -1, wherever they come from; exactly -1 is a total loss, as at a delisting.

    Log returns have no such bound.
    """
    if table.kind == "log":
        return
    for row, column in np.argwhere(table.values < -1.0).tolist():
        text = f"a return of {table.values[row, column]:.1%}: more than everything cannot be lost"
        yield table.finding(row, column, "impossible-return", "error", text)
