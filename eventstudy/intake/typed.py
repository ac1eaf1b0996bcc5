"""Columns of Python cells, as workbooks and statistical files hold them, to Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy.intake.cells import as_text, is_empty


def column_of(cells: Sequence[Any]) -> pa.ChunkedArray:
    """Return cells of one kind as numbers, dates, time stamps or truth values, and of several kinds as text.

    Empty cells are null. Text is without blanks at either end; numbers among text keep all their digits.
    """
    there = [None if is_empty(cell) else cell for cell in cells]
    kinds = set(map(type, there)) - {type(None)}
    if not kinds:
        return _chunked(pa.nulls(len(there), pa.string()))
    if kinds <= {int, float}:
        if kinds == {int} and max(map(abs, filter(None, there)), default=0) < 2**63:
            return _chunked(pa.array(there, pa.int64()))
        return _chunked(pa.array([None if cell is None else float(cell) for cell in there], pa.float64()))
    if kinds <= {date, datetime}:
        return _chunked(_moments(there))
    if kinds == {bool}:
        return _chunked(pa.array(there, pa.bool_()))
    return _chunked(pa.array([None if cell is None else _text(cell) for cell in there], pa.string()))


def _moments(cells: Sequence[date | None]) -> pa.Array:
    """Return dates, or time stamps where one of them has a time."""
    if all(cell is None or _is_midnight(cell) for cell in cells):
        return pa.array([cell.date() if isinstance(cell, datetime) else cell for cell in cells], pa.date32())
    stamps = [
        datetime.combine(cell, time()) if cell is not None and not isinstance(cell, datetime) else cell
        for cell in cells
    ]
    return pa.array(stamps, pa.timestamp("us"))


def _is_midnight(cell: date) -> bool:
    return not isinstance(cell, datetime) or (cell.time() == time() and cell.tzinfo is None)


def _text(cell: Any) -> str:
    if isinstance(cell, datetime) and _is_midnight(cell):
        return cell.date().isoformat()
    if isinstance(cell, np.floating | np.integer):
        cell = cell.item()
    return as_text(cell)


def _chunked(array: pa.Array) -> pa.ChunkedArray:
    return pa.chunked_array([array])
