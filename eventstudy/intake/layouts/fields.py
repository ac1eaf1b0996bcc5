"""Exports of terminals whose columns are fields of securities: which is which, and which is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, Closes, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layouts.long import long_rows
from eventstudy.intake.layouts.several_sessions import returns_without
from eventstudy.intake.layouts.telling import counted, shown, understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table, plain

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

    An id stands above the first column of a security, or above each; dates above one column, or above one for
    each security. A file without a row of fields has the titles "".
    """
    rows = header_rows(table)
    ids = max(rows, key=lambda row: sum(map(terminal.is_id, row)), default=())
    fields = max(rows, key=lambda row: sum(terminal.field(cell) is not None for cell in row), default=())
    if not any(terminal.field(cell) is not None for cell in fields):
        fields = table.titles
    named = fields != ids
    dates = {place for row in rows for place, cell in enumerate(row) if plain(cell) in DATES} or {0}
    found, security, at = [], "", 0
    for place, cell in enumerate(ids):
        security = cell if terminal.is_id(cell) else security
        if place in dates:
            at = place
        elif security and (fields[place] if named else cell):
            found.append(FieldColumn(place, security, fields[place] if named else "", at))
    return found


def read_grid(table: Table, options: ReadingOptions, terminal: Terminal) -> PriceReading:
    """Return the series of an export with a column per security and field."""
    columns = field_columns(table, terminal)
    taken = taken_fields(table, options, terminal, columns)
    days: dict[int, Days] = {}
    series, seams = {}, 0
    for column, field in taken.values():
        if column.dates not in days:
            days[column.dates] = days_of(table, column.dates, options)
        given = figures_of(table, column.place, options, missing=terminal.missing)
        dated, values = _dated(table, column, days[column.dates], given.values)
        series[column.security], number = _series(
            terminal, column.security, field, dated, values, given.percent
        )
        seams += number
    titles = {"date": table.titles[next(iter(days))]}
    titles |= {
        f"value{at}": title for at, title in enumerate(dict.fromkeys(c.title for c, _ in taken.values()))
    }
    unused = [c.title for c in columns if c not in {column for column, _ in taken.values()}]
    return _reading(
        table, terminal, series, titles, next(iter(days.values())).form,
        [field for _, field in taken.values()], unused, seams,
    )  # fmt: skip


def read_long(table: Table, options: ReadingOptions, terminal: Terminal) -> PriceReading:
    """Return the series of an export with a row per security and day."""
    id_place = next(place for title in terminal.id_titles for place in table.places(title))
    date_place = table.places(*DATES)[0]
    columns = [
        FieldColumn(place, "", title, date_place)
        for place, title in enumerate(table.titles)
        if terminal.field(title) is not None
    ]
    column, field = taken_fields(table, options, terminal, columns)[""]
    days = days_of(table, date_place, options)
    given = figures_of(table, column.place, options, missing=terminal.missing)
    rows = long_rows(table, texts_of(table, id_place), days.days, {"value": given.values})
    series, seams = {}, 0
    for name, block in rows.blocks():
        series[name], number = _series(
            terminal, name, field, days.at(rows.rows_of(block)), rows.figures["value"][block], given.percent
        )
        seams += number
    titles = {"id": table.titles[id_place], "date": table.titles[date_place], "value": column.title}
    unused = [each.title for each in columns if each != column]
    return _reading(table, terminal, series, titles, days.form, [field], unused, seams)


def taken_fields(
    table: Table, options: ReadingOptions, terminal: Terminal, columns: list[FieldColumn]
) -> dict[str, tuple[FieldColumn, Field]]:
    """Return the column of each security; a doubt, and one without a known field, are asked about."""
    found: dict[str, tuple[FieldColumn, Field]] = {}
    for security in dict.fromkeys(column.security for column in columns):
        own = [(column, _field_of(terminal, column)) for column in columns if column.security == security]
        known = [(column, field) for column, field in own if field is not None]
        if options.value_column:
            known = [entry for entry in known if plain(entry[0].title) == plain(options.value_column)]
        if not known:
            titles = ", ".join(dict.fromkeys(column.title for column in columns)) or "none"
            wanted = options.value_column or " or ".join(field.names[0] for field in terminal.fields[:3])
            raise FileContentError(
                table.name, f"{security or 'the table'} has no column {wanted} (its fields: {titles})",
                f"add it, or say --value-column {terminal.fields[0].names[0]} "
                f"(data: {{columns: {{value: {terminal.fields[0].names[0]}}}}})",
            )  # fmt: skip
        best = min(field.rank for _, field in known)
        first = [entry for entry in known if entry[1].rank == best]
        if len(first) > 1:
            _ask(table, options, [column for column, _ in first])
        found[security] = first[0]
    return found


def _field_of(terminal: Terminal, column: FieldColumn) -> Field | None:
    return terminal.field(column.title) if column.title else Field(("",), 0)


def _ask(table: Table, options: ReadingOptions, columns: list[FieldColumn]) -> None:
    texts = []
    for column in columns[:2]:
        values = figures_of(table, column.place, options).values
        known = values[np.isfinite(values)]
        texts.append(f"{column.title} ({known[0]:g})" if len(known) else column.title)
    title = columns[0].title
    problem = f"{columns[0].security or 'a security'} may be taken from {' or '.join(texts)}"
    remedy = f"say --value-column {title} (data: {{columns: {{value: {title}}}}})"
    if len({column.title for column in columns}) == 1:
        problem = f"{columns[0].security} has two columns {title}"
        remedy = "keep one"
    raise FileContentError(table.name, problem, remedy)


def _dated(table: Table, column: FieldColumn, dates: Days, values: FloatArray) -> tuple[Days, FloatArray]:
    """Return the rows of a column that have a date; a figure without one is an error."""
    empty = np.isnat(dates.days)
    if not empty.any():
        return dates, values
    stray = np.flatnonzero(empty & np.isfinite(values))
    if len(stray):
        problem = f"{column.security} has {values[stray[0]]:g} and no date"
        raise FileContentError(
            table.name, problem, "fill it in or remove the row", line=table.line(int(stray[0]))
        )
    return dates.at(~empty), values[~empty]


def _series(
    terminal: Terminal, security: str, field: Field, dates: Days, values: FloatArray, percent: bool
) -> tuple[SeriesColumns, int]:
    """Return the series of a field, and how often its index starts anew.

    The return over such a seam is unknown. Where the day of the seam stands twice, as the last of a request
    and the first of the next, that of the day after is known.
    """
    seams, closes, exchange = 0, None if field.percent else field.closes, terminal.exchange(security)
    levels = np.where(values > 0, values, np.nan)
    columns = {"return": values if percent else values / 100} if field.percent else {"close": levels}
    if terminal.seams is not None and closes == "total-return-index":
        starts = terminal.seams(levels)
        if seams := int(starts.sum()):
            kept = ~(starts & (np.diff(dates.days, prepend=np.datetime64("NaT")) == np.timedelta64(0)))
            columns["return"] = returns_without(levels, starts)
            columns, dates = {name: column[kept] for name, column in columns.items()}, dates.at(kept)
    return SeriesColumns(dates.days, columns, closes, exchange=exchange, stamps=dates.stamps), seams


def _reading(
    table: Table,
    terminal: Terminal,
    series: Mapping[str, SeriesColumns],
    titles: Mapping[str, str],
    dates: str,
    fields: list[Field],
    unused: list[str],
    seams: int,
) -> PriceReading:
    unused = list(dict.fromkeys(title for title in unused if title))
    remarks = [
        *dict.fromkeys(field.says for field in fields if field.says),
        f"no return over {counted(seams, 'seam')} where the index starts anew" if seams else "",
        f"not used: {shown(unused)}" if unused else "",
    ]
    role = "returns" if all(field.percent for field in fields) else "prices"
    understood = understood_of(
        table, (terminal.name, terminal.title), series, titles,
        role=role, unit=fields[0].unit, dates=dates, remarks=remarks,
    )  # fmt: skip
    aliases: dict[str, tuple[str, ...]] = {}
    for security in series:
        for name in terminal.aliases(security):
            if name not in series:
                aliases[name] = (*aliases.get(name, ()), security)
    return PriceReading(series, understood, aliases)


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a test of whether a text is of a form, whatever its case."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: bool(compiled.fullmatch(text.strip()))
