"""Exports of terminals whose columns are fields of securities: which column is whose, and of what."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from eventstudy._typing import BoolArray, Closes, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

DATES = ("date", "dates")


@dataclass(frozen=True)
class Field:
    """A field of a terminal.

    Attributes
    ----------
    names
        As exports spell it; compared without case, blanks and underscores.
    rank
        The lowest of a security's fields is taken; two of one rank are asked about.
    closes
        What a price or an index holds, None where nothing tells.
    percent
        It is a return in percent.
    says
        What a reader should know of it.
    """

    names: tuple[str, ...]
    rank: int
    closes: Closes | None = None
    percent: bool = False
    says: str = ""

    @property
    def unit(self) -> str:
        """Unit of its figures."""
        return "percent" if self.percent else "index" if self.closes == "total-return-index" else "price"


@dataclass(frozen=True)
class Terminal:
    """How a terminal writes its exports.

    Attributes
    ----------
    name, title
        Of the layout.
    fields
        Those that prices or returns are taken from.
    is_id
        Whether a cell of a header is the id of a security.
    exchange
        Whose sessions a security has, "" where its id does not tell.
    aliases
        Other names of a security.
    id_titles
        Titles of the column of ids in a long table.
    missing
        Codes for a missing value, beside those that always are.
    seams
        Where an index of total returns starts anew, given its levels; None where it never does.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    is_id: Callable[[str], bool]
    exchange: Callable[[str], str]
    aliases: Callable[[str], tuple[str, ...]] = lambda security: ()
    id_titles: tuple[str, ...] = ("id", "ticker", "symbol", "identifier", "security")
    missing: tuple[str, ...] = ()
    seams: Callable[[FloatArray], BoolArray] | None = None

    def field(self, title: str) -> Field | None:
        """Return the field that a title names."""
        wanted = plain(title)
        return next((field for field in self.fields if wanted in map(plain, field.names)), None)


class FieldColumn(NamedTuple):
    """A column of an export: where it is, whose it is, the title of its field, and where its dates are."""

    place: int
    security: str
    title: str
    dates: int


def header_rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return all rows above the figures, a cell per column each."""
    n = len(table.columns)
    return tuple((*row, *[""] * n)[:n] for row in (*table.above, *table.headers))


def field_columns(table: Table, terminal: Terminal) -> list[FieldColumn]:
    """Return the columns of securities, by the rows of ids, fields and dates above the figures.

    An id stands above the first column of a security, or above each; whatever stands in the row of ids is
    one, as `SP50` among `AAPL-US`. Dates stand above one column, or above one for each security. A field in a
    title above holds for all columns; a file that names no field has the titles "".
    """
    rows = header_rows(table)
    dates = {place for row in rows for place, cell in enumerate(row) if plain(cell) in DATES} or {0}
    fields = max(rows, key=lambda row: _n_fields(terminal, row, dates), default=())
    named = _n_fields(terminal, fields, dates) > 0
    ids = max(rows, key=lambda row: sum(map(terminal.is_id, row)), default=())
    if not any(map(terminal.is_id, ids)):
        ids = next((row for row in reversed(rows) if row != fields), ())
    whole = "" if named else next((cell for row in rows for cell in row if terminal.field(cell)), "")
    if not named and table.titles != ids and whole == "":
        fields, named = table.titles, True  # fields that are not known: an error names them
    found, security, at = [], "", 0
    for place, cell in enumerate(ids):
        if place in dates:
            at = place
            security = cell if terminal.is_id(cell) else security
            continue
        security = cell if cell and terminal.field(cell) is None else security
        title = fields[place] if named else whole
        if security and (title if named else cell):
            found.append(FieldColumn(place, security, title, at))
    if not found:
        problem = f"has no column below an id of {terminal.title}"
        raise FileContentError(table.name, problem, "give a row of ids above the figures")
    return found


def _n_fields(terminal: Terminal, row: tuple[str, ...], dates: set[int]) -> int:
    """Return how many columns of figures have a known field in a row."""
    return sum(place not in dates and terminal.field(cell) is not None for place, cell in enumerate(row))


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a test of whether a text is of a form, whatever its case."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: bool(compiled.fullmatch(text.strip()))
