"""`DateColumn`: a column whose cells are being read as dates, and the words of its errors; and its `Days`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.sessions import Stamps


class Days(NamedTuple):
    """Dates of a column: datetime64[D] of shape (T,), NaT where empty, and how they were read.

    ``stamps`` are the dates with their clocks, of shape (T,), from which `session_days` tells the sessions on
    the exchange of a security; None where all are midnights, which are dates.
    """

    days: DateArray
    form: str
    stamps: Stamps | None = None

    def at(self, rows: Any) -> Days:
        """Return some rows: places, a slice, or truth values of shape (T,)."""
        return Days(self.days[rows], self.form, None if self.stamps is None else self.stamps.rows(rows))


@dataclass(frozen=True, eq=False)
class DateColumn:
    """A column of dates, to name its cells in errors.

    Attributes
    ----------
    title
        In messages.
    of_events
        Whether the dates are of events, not of prices.
    codes
        Which distinct value each row has, shape (T,), -1 where empty; None where values are rows.
    """

    table: Table
    title: str
    options: ReadingOptions
    of_events: bool = False
    codes: IntArray | None = None

    def with_codes(self, codes: IntArray) -> DateColumn:
        """Return the column with the distinct value of each row."""
        return replace(self, codes=codes)

    def error(self, problem: str, remedy: str, code: int) -> FileContentError:
        """Return an error about the first row that has a distinct value."""
        row = code if self.codes is None else int(np.argmax(self.codes == code))
        return FileContentError(self.table.name, f"{self.title} {problem}", remedy, line=self.table.line(row))

    def ask(self, values: str, example: str) -> str:
        """Return the remedy that names the option and the line of a study file that settle the dates."""
        option = "--event-date-order" if self.of_events else "--date-order"
        block = "events_file" if self.of_events else "data"
        return f"say {option} {values} ({block}: {{date_order: {example}}})"

    @property
    def latest(self) -> np.datetime64:
        """The last date that a cell may have: of prices today, by the clock of whichever zone is ahead."""
        today = np.datetime64(datetime.now(UTC).date()) + np.timedelta64(1, "D")
        return np.datetime64("2199-12-31") if self.of_events else today
