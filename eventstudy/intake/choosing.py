"""Which of several tables in a file are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow.compute as pc

from eventstudy.errors import FileContentError, nearest
from eventstudy.intake.cells import as_text, is_date
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table


def chosen(name: str, tables: Sequence[Table], sheet: str | int | None, least_rows: int) -> tuple[Table, ...]:
    """Return the tables of a file that are meant.

    Parameters
    ----------
    sheet
        The one that is stated: its name in brackets, or its number from 1. A file of one nameless table has
        none to choose.
    least_rows
        Rows from which on a table counts, where another has as many.

    Raises
    ------
    FileContentError
        No table has a row; several of one form, that is with a column of the same title, and none is stated.
    """
    if sheet is not None and (len(tables) != 1 or tables[0].name != name):
        return (_stated(name, tables, sheet),)
    filled = [table for table in tables if table.n_rows]
    if not filled:
        raise FileContentError(name, "holds no table with a row", "give a header and a row per date")
    long = [table for table in filled if table.n_rows >= least_rows]
    counting = long or filled
    if len(counting) == 1:
        return (_alone(name, counting[0]),)
    for place, second in enumerate(counting):
        for first in counting[:place]:
            if shared := _shared(first, second):
                raise _ask(name, first, second, shared)
    return tuple(counting)


def _alone(name: str, table: Table) -> Table:
    """Return the only table of a file under the name of the file."""
    return replace(table, name=name) if table.name.startswith(f"{name}[") else table


def _inner(name: str, table: Table) -> str:
    """Return what a table is called inside its file."""
    return table.name.removeprefix(f"{name}[").removesuffix("]")


def _stated(name: str, tables: Sequence[Table], sheet: str | int) -> Table:
    names = [_inner(name, table) for table in tables]
    wanted = str(sheet).strip()
    if wanted in names:
        return tables[names.index(wanted)]
    folded = [each.casefold() for each in names]
    if folded.count(wanted.casefold()) == 1:
        return tables[folded.index(wanted.casefold())]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(tables):
        return tables[int(wanted) - 1]
    problem = f"has no table in a sheet {wanted!r}{nearest(wanted, names)}"
    raise FileContentError(name, problem, "say another --sheet (data: {sheet: ...})")


def _shared(first: Table, second: Table) -> str:
    """Return the title of a column without dates that two tables have in common, "" where there is none."""
    theirs = {plain(title) for title in second.titles if plain(title)}
    for place, title in enumerate(first.titles):
        if plain(title) in theirs and not is_date(_figure(first, place)):
            return title
    return ""


def _figure(table: Table, place: int) -> str:
    """Return the first cell of a column that is not empty."""
    column = table.columns[place]
    there = pc.indices_nonzero(column.is_valid())
    return as_text(column[int(there[0].as_py())].as_py()) if len(there) else ""


def _ask(name: str, first: Table, second: Table, title: str) -> FileContentError:
    names = [_inner(name, table) for table in (first, second)]
    figures = [_figure(table, table.places(title)[0]) for table in (first, second)]
    shown = " and ".join(
        f"{each!r} ({title} begins {figure})" for each, figure in zip(names, figures, strict=True)
    )
    problem = f"holds several tables of one form: {shown}, and nothing says which is meant"
    remedy = f"say --sheet {names[0]!r} or {names[1]!r} (data: {{sheet: {names[0]}}})"
    if all(each.isupper() for each in names):
        remedy += (
            f"; where sheets are securities, save each as a file of its own ({names[0]}.csv) in one folder"
        )
    return FileContentError(name, problem, remedy)


def named(name: str, tables: Sequence[Table]) -> list[Table]:
    """Return tables that stand one below the other, each under its title, or its number where it has none."""
    if len(tables) == 1:
        return list(tables)
    titles = [" ".join(filter(None, table.above[-1])) if table.above else "" for table in tables]
    unique = [title if title and titles.count(title) == 1 else str(n) for n, title in enumerate(titles, 1)]
    return [replace(table, name=f"{name}[{title}]") for table, title in zip(tables, unique, strict=True)]
