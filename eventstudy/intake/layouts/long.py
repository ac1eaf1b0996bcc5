"""Long tables, a row per security and day, as arrays ordered by security and day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, DateArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import Texts
from eventstudy.intake.table import Table

MONTHLY_STEP = 20  #: days; a median step from row to row above it is no daily table
FEWEST_STEPS = 20  #: steps from which that median is taken seriously


@dataclass(frozen=True)
class LongRows:
    """Rows ordered by security and day, one per security and day.

    Attributes
    ----------
    ids
        The S securities, in order of appearance.
    starts
        First row of each security, and the number of rows: shape (S + 1,).
    days
        datetime64[D] of shape (T,).
    figures
        Arrays of shape (T,), numbers or truth values, under the names they were given.
    order
        Row of the table of each row, shape (T,).
    """

    ids: tuple[str, ...]
    starts: IntArray
    days: DateArray
    figures: dict[str, Any]
    order: IntArray | slice

    def blocks(self) -> Iterator[tuple[str, slice]]:
        """Return each security with its rows."""
        bounds = self.starts.tolist()
        return ((name, slice(bounds[at], bounds[at + 1])) for at, name in enumerate(self.ids))

    def rows_of(self, block: slice) -> IntArray | slice:
        """Return the rows of the table that a security's rows are."""
        return block if isinstance(self.order, slice) else self.order[block]

    def firsts(self) -> BoolArray:
        """Return whether a row is the first of its security, shape (T,)."""
        first = np.zeros(len(self.days), dtype=bool)
        first[self.starts[:-1]] = True
        return first

    def lasts(self) -> BoolArray:
        """Return whether a row is the last of its security, shape (T,)."""
        last = np.zeros(len(self.days), dtype=bool)
        last[self.starts[1:] - 1] = True
        return last

    def steps(self) -> IntArray:
        """Return how many sessions a row stands after the row before it, shape (T,), 1 for a first row.

        A session is a day on which half of the securities that the table covers at the time have a row.
        """
        at = (self.days - self.days.min()).astype(np.int32)
        rows = np.bincount(at)
        covered = np.zeros(len(rows) + 1, dtype=np.int64)
        np.add.at(covered, at[self.starts[:-1]], 1)
        np.add.at(covered, at[self.starts[1:] - 1] + 1, -1)
        sessions = np.cumsum((rows > 0) & (2 * rows >= np.cumsum(covered[:-1])), dtype=np.int32)
        steps = np.diff(sessions[at], prepend=np.int32(0))
        steps[self.starts[:-1]] = 1
        return np.asarray(steps)


def long_rows(table: Table, names: Texts, days: DateArray, figures: dict[str, Any]) -> LongRows:
    """Order the rows of a long table by security and day.

    Parameters
    ----------
    names, days
        Security and date of each row.
    figures
        Figures of each row; they are taken out of the dictionary as they are ordered, to hold no two copies.

    Raises
    ------
    FileContentError
        A row without security or date; two rows of a security and day that differ; a table that is not daily.
    """
    codes = names.codes
    if not len(codes):
        raise FileContentError(table.name, "has no rows", "give a file with prices or returns")
    for missing, what in ((codes < 0, "security"), (np.isnat(days), "date")):
        if missing.any():
            line = table.line(int(np.flatnonzero(missing)[0]))
            raise FileContentError(
                table.name, f"a row has no {what}", "fill it in or remove the row", line=line
            )
    key = codes * int((days.max() - days.min()).astype(np.int64) + 1)
    key += days.view(np.int64)  # in place: a difference of dates would be one more copy
    order: IntArray | slice = slice(None)
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key = key[order]
    repeated = key[1:] == key[:-1]
    del key
    if repeated.any():
        rows = np.arange(len(codes))[order]
        _refuse_differing(table, names, days, figures, rows[1:][repeated], rows[:-1][repeated])
        order = rows[np.append(True, ~repeated)]
    ordered = {name: figures.pop(name)[order] for name in list(figures)}
    codes, days = codes[order], days[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    rows_of = LongRows(
        tuple(names.names[code] for code in codes[starts]),
        np.append(starts, len(codes)),
        days,
        ordered,
        order,
    )
    _refuse_what_is_not_daily(table, rows_of)
    return rows_of


def _refuse_differing(
    table: Table,
    names: Texts,
    days: DateArray,
    figures: dict[str, Any],
    later: IntArray,
    earlier: IntArray,
) -> None:
    for name, values in figures.items():
        one, other_one = values[later].astype(float), values[earlier].astype(float)
        differs = ~np.isclose(one, other_one, rtol=1e-12, atol=0.0, equal_nan=True)
        if differs.any():
            row, other = later[differs][0], earlier[differs][0]
            security, both = names.names[names.codes[row]], f"{values[other]:g} and {values[row]:g}"
            what = f"{security} has {name} {both} on {days[row]}"
            raise FileContentError(
                table.name, what, f"keep one row (line {table.line(int(other))} has the other)",
                line=table.line(int(row)),
            )  # fmt: skip


def _refuse_what_is_not_daily(table: Table, rows: LongRows) -> None:
    steps = np.diff(rows.days.view(np.int64).astype(np.int32))[~rows.firsts()[1:]]
    if len(steps) >= FEWEST_STEPS and np.median(steps) > MONTHLY_STEP:
        problem = f"has a row every {np.median(steps):.0f} days"
        raise FileContentError(table.name, problem, "give the daily file")
