"""Zeros in the place of a price, which are missing prices."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import DateArray, FloatArray
from eventstudy.intake.series import Remark

Columns = dict[str, FloatArray]
RULE = "nonpositive-price"
CLOSES, OTHERS = ("close", "adj_close"), ("open", "high", "low")
MOST = 20  #: sessions that have a remark each; of more only the first has


def without_zeros(sessions: DateArray, columns: Columns) -> tuple[Columns, tuple[Remark, ...]]:
    """Return the columns of a security with NaN for prices of 0, and the remarks about them.

    Vendors write 0 for the open, high and low of a day without a trade, so these have one remark together.
    """
    remarks: list[Remark] = []
    for name in (*CLOSES, *OTHERS):
        if name not in columns or not (zero := columns[name] == 0).any():
            continue
        columns = {**columns, name: np.where(zero, np.nan, columns[name])}
        rows = np.flatnonzero(zero)
        shown = rows if name in CLOSES and len(rows) <= MOST else rows[:1]
        many = f" (and on {len(rows) - 1} more sessions)" if len(shown) < len(rows) else ""
        severity = "warning" if name in CLOSES else "info"
        remarks += [
            Remark(RULE, severity, f"{name} is 0{many}: taken as missing", str(sessions[row]))
            for row in shown
        ]
    return columns, tuple(remarks)
