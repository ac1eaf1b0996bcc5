"""Reading the exports of terminals: which field of a security is taken, and its series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layouts.long import long_rows
from eventstudy.intake.layouts.several_sessions import returns_without
from eventstudy.intake.layouts.telling import counted, shown, understood_of
from eventstudy.intake.layouts.terminal import DATES, Field, FieldColumn, Terminal, field_columns
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table


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
            kept = ~(
                starts & (np.diff(dates.days, prepend=np.datetime64("NaT", "D")) == np.timedelta64(0, "D"))
            )
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
