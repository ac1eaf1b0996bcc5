"""Returns that cannot be: a loss of more than everything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.panel.returns import ReturnMatrix
from eventstudy.prices.source import Finding

RULE = "impossible-return"


def impossible_returns(matrix: ReturnMatrix) -> Iterator[Finding]:
    """Find simple returns below -1, wherever they come from; exactly -1 is a total loss, as at a delisting.

    Log returns have no such bound.
    """
    if matrix.kind == "log":
        return
    for ticker, column in matrix.columns.items():
        rows = np.flatnonzero(matrix.values[:, column] < -1.0)
        for session, row in dict(zip(matrix.dates[rows].tolist(), rows.tolist(), strict=True)).items():
            text = f"a return of {matrix.values[row, column]:.1%}: more than everything cannot be lost"
            yield Finding(ticker, session, RULE, "error", text)
