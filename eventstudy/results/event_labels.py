"""Columns of text of a result table, and what its events are grouped by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from eventstudy._typing import TextArray

if TYPE_CHECKING:
    import pyarrow as pa


def texts(column: pa.ChunkedArray) -> TextArray:
    """Return a column of text as an array, None where it has nothing."""
    return np.array(column.to_pylist(), dtype=object)


def labels(events: pa.Table, column: str) -> TextArray:
    """Return a column of the event list, ``""`` where a firm-event has nothing there."""
    if column in events.column_names:
        return texts(events[column])
    rows = (json.loads(text) if text else {} for text in events["characteristics"].to_pylist())
    return np.array(["" if row.get(column) is None else str(row[column]) for row in rows], dtype=object)
