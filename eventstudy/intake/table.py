"""`Table`: a table as it stands in a file, before anything in it is interpreted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import pyarrow as pa

from eventstudy.intake.marks import Evidence, evidence_of
from eventstudy.intake.plain_titles import plain


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of cells with their header, and what stands above and below them.

    Attributes
    ----------
    name
        The file in messages, with the sheet or the inner file where there are several: ``prices.xlsx[Data]``.
    columns
        One per column of the table, all of the same length. From text: strings as written (a dictionary of
        them where they repeat), without blanks at either end, null where the cell is empty. From typed
        containers (workbooks, Parquet, statistical files, frames): numbers, dates, time stamps or strings. A
        column of Parquet is read when it is first used.
    headers
        The header rows, topmost first, each with a cell per column ("" where empty); none in a file without.
    above
        Rows above the header: titles, ``Start Date``, ``Currency``.
    below
        Rows after the last row of the table: sources, totals.
    first_line
        Line of the file (row of the sheet) of the first row of ``columns``, from 1.
    lines
        Where rows are not on consecutive lines, the line of each; else None.
    separator
        Of a text file; "" elsewhere.
    encoding
        Of a text file; "" elsewhere.
    formats
        How numbers in a column are dates, by place: ``"excel"``, ``"excel-1904"``, ``"sas"``, ``"stata"``.
    """

    name: str
    columns: Sequence[pa.ChunkedArray]
    headers: tuple[tuple[str, ...], ...] = ()
    above: tuple[tuple[str, ...], ...] = ()
    below: tuple[tuple[str, ...], ...] = ()
    first_line: int = 2
    lines: tuple[int, ...] | None = None
    separator: str = ""
    encoding: str = ""
    formats: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def titles(self) -> tuple[str, ...]:
        """The header next to the rows, a cell per column; all "" in a file without a header."""
        return self.headers[-1] if self.headers else ("",) * len(self.columns)

    @cached_property
    def evidence(self) -> Evidence:
        """What the cells of all columns prove about the decimal mark."""
        return evidence_of(self.columns)

    def line(self, row: int) -> int:
        """Return the line of the file on which a row stands."""
        return self.lines[row] if self.lines is not None else self.first_line + row

    def places(self, *names: str) -> tuple[int, ...]:
        """Return the columns whose title is one of ``names``, compared as `plain` writes them."""
        wanted = {plain(name) for name in names}
        return tuple(place for place, title in enumerate(self.titles) if plain(title) in wanted)

    def place(self, *names: str) -> int | None:
        """Return the first column whose title is one of ``names``, None where there is none."""
        found = self.places(*names)
        return found[0] if found else None
