"""What a reader of prices says of a file, and of the cells it took as missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import FloatArray
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood
from eventstudy.numerics.arrow import to_arrow

MOST_CODES = 6  #: that a remark names


def understood_of(
    table: Table,
    layout: tuple[str, str],
    series: Mapping[str, SeriesColumns],
    columns: Mapping[str, str],
    *,
    role: str = "prices",
    unit: str = "",
    dates: str = "",
    remarks: Iterable[str] = (),
) -> Understood:
    """Return what was understood of a file of series; ``layout`` is the name and the title of it."""
    ends = [(each.sessions.min(), each.sessions.max()) for each in series.values() if len(each.sessions)]
    first, last = (min(first for first, _ in ends), max(last for _, last in ends)) if ends else ("", "")
    return Understood(
        table.name, role, *layout, columns=columns, unit=unit, dates=dates, n_series=len(series),
        n_rows=table.n_rows, first=str(first), last=str(last), remarks=tuple(filter(None, remarks)),
    )  # fmt: skip


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, "" for none.

    Examples
    --------
    >>> counted(1204, "padded day"), counted(1, "padded day"), counted(0, "padded day")
    ('1,204 padded days', '1 padded day', '')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}" if number else ""


def codes_met(
    table: Table, place: int, values: FloatArray, numbers: Mapping[float, str] | None = None
) -> str:
    """Return how many cells hold a code for a missing value, and which: ``1,204 of C, B``; "" for none.

    Parameters
    ----------
    values
        What the column was read as, shape (T,): numbers that are codes as they stand.
    numbers
        Numbers that are codes, and what they stand for.
    """
    found: dict[str, int] = {}
    numeric = values[np.isin(values, list(numbers or {}))]
    for number, count in zip(*np.unique(numeric, return_counts=True), strict=True):
        found[(numbers or {})[float(number)]] = int(count)
    column = table.columns[place]
    if not pa.types.is_primitive(column.type):
        cells = column.take(to_arrow(np.flatnonzero(np.isnan(values)), pa.int64())).cast(pa.string())
        for entry in pc.value_counts(cells).to_pylist():
            if code := (entry["values"] or "").lstrip("."):
                found[code] = found.get(code, 0) + entry["counts"]
    if not found:
        return ""
    names = sorted(found, key=lambda code: -found[code])
    more = ", ..." if len(names) > MOST_CODES else ""
    return f"{sum(found.values()):,} of {', '.join(names[:MOST_CODES])}{more}"


def shown(values: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(values) - most
    return ", ".join(values[:most]) + (f" and {more:,} more" if more > 0 else "")
