"""Returns that cannot be: a loss of more than everything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding

SEVERAL = 3  #: impossible returns of a series that are no single wrong figures


def impossible_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find simple returns below -1, wherever they come from; exactly -1 is a total loss, as at a delisting.

    Log returns have no such bound. Several of one series are of another unit, and so are its other returns.
    """
    if table.kind == "log":
        return
    impossible = table.values < -1.0
    many = impossible.sum(axis=0) >= SEVERAL
    for column in np.flatnonzero(many).tolist():
        n = int(impossible[:, column].sum())
        text = f"{n} returns below -100%: more than everything cannot be lost, so these are no returns"
        yield table.about(column, "impossible-return", "error", text)
    for row, column in np.argwhere(impossible & ~many).tolist():
        text = f"a return of {table.values[row, column]:.1%}: more than everything cannot be lost"
        yield table.finding(row, column, "impossible-return", "error", text)
