"""Which column of a table has which role."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from eventstudy.errors import FileContentError
from eventstudy.intake.figures import short
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.marks import is_text
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table
from eventstudy.intake.written import taken_apart

MOST_TITLES = 20  #: titles of columns that a message lists
LOOKED_AT = 50  #: rows by which a column of dates is recognised
ROLES = (
    "date", "ticker", "open", "high", "low", "close", "adj_close", "volume", "shares", "dividend", "gain",
    "split", "stock_dividend", "spin_off", "rights", "return", "currency",
)  # fmt: skip
OF_CLOSES = (
    "close", "adj_close", "return", "dividend", "gain", "split", "stock_dividend", "spin_off", "rights",
)  # fmt: skip
OPTIONS = {
    "date": ("--date-column", "date"),
    "ticker": ("--id-column", "id"),
    "close": ("--value-column", "value"),
}


def columns_of(table: Table, form: Form, options: ReadingOptions) -> Mapping[str, int]:
    """Return the column of each role that a table has, as stated or by the titles of a form.

    A FileContentError names a stated column that is not there, and two columns of one role.
    """
    found = {role: place for role in ROLES if (place := _place(table, form, role)) is not None}
    stated = {"date": options.date_column, "ticker": options.id_column, "close": options.value_column}
    for role, title in stated.items():
        if title is None:
            continue
        place = stated_place(table, title)
        if role == "close" and place != found.get("close"):
            own = next((known for known in ("return", "adj_close") if found.get(known) == place), "close")
            for other in OF_CLOSES:
                found.pop(other, None)  # they go with the closes that are not taken
            role = own
        found[role] = place
    if "date" not in found:
        raise no_date(table)
    return found


def date_place(table: Table, titles: tuple[str, ...], options: ReadingOptions) -> int:
    """Return the column of dates: as stated, by its title, or the only one that holds dates.

    A FileContentError says that there is none, or asks which of several it is.
    """
    if options.date_column is not None:
        return stated_place(table, options.date_column)
    if (place := next((found[0] for name in titles if (found := table.places(name))), None)) is not None:
        return place
    dated = [place for place in range(len(table.columns)) if has_dates(table, place)]
    if len(dated) > 1:
        raise several(table, "date", dated)
    if not dated:
        raise no_date(table)
    return dated[0]


def has_dates(table: Table, place: int) -> bool:
    """Whether the first cells of a column are dates by their type, or texts that can only be dates."""
    column = table.columns[place]
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        return True
    if not is_text(column.type):
        return False
    cells = column.slice(0, LOOKED_AT).cast(pa.string()).drop_null().to_pylist()
    parts = [taken_apart(cell.strip()) for cell in cells]
    return bool(parts) and all(part is not None and part.form != "YYYYMMDD" for part in parts)


def no_date(table: Table) -> FileContentError:
    """Return the error about a table without a column of dates."""
    titles = ", ".join(map(short, table.titles[:8]))
    problem = f"has no date among its columns {titles}" if any(table.titles) else "has no titles"
    remedy = "name one date, or say --date-column (data: {columns: {date: ...}})"
    return FileContentError(table.name, problem, remedy)


def titles_shown(table: Table) -> str:
    """Return the titles of a table's columns as a message lists them: the first, and each of them short."""
    titles = [short(title) for title in table.titles if title]
    return ", ".join(titles[:MOST_TITLES]) + (
        f", ... ({len(titles):,} in all)" if titles[MOST_TITLES:] else ""
    )


def stated_place(table: Table, title: str) -> int:
    """Return the column with a title that the user states; a FileContentError says that there is none."""
    exact = [place for place, known in enumerate(table.titles) if known == title]
    places = exact or [place for place, known in enumerate(table.titles) if plain(known) == plain(title)]
    if not places:
        raise FileContentError(
            table.name, f"has no column {title!r}", f"its columns are {titles_shown(table)}"
        )
    if len(places) > 1:
        raise FileContentError(table.name, f"has {len(places)} columns {title!r}", "keep one")
    return places[0]


def _place(table: Table, form: Form, role: str) -> int | None:
    for name in form.titles_of(role):
        places = [place for place, title in enumerate(table.titles) if plain(title) == plain(name)]
        if len(places) > 1 and name:
            raise several(table, role, places)
        if places:
            return places[0]
    return None


def several(table: Table, role: str, places: list[int]) -> FileContentError:
    """Return the error about several columns of one role, with a figure of each."""
    titles = [table.titles[place] for place in places]
    shown = ", ".join(repr(short(title)) for title in titles[:4])
    problem = f"has several columns of {role}: {shown}"
    if role not in OPTIONS or len({plain(title) for title in titles}) < len(titles):
        return FileContentError(table.name, problem, "keep one")
    cells = ", ".join(str(table.columns[place][0]) for place in places[:4]) if table.n_rows else ""
    option, key = OPTIONS[role]
    remedy = f"say {option} {titles[0]!r} (data: {{columns: {{{key}: {titles[0]}}}}})"
    return FileContentError(table.name, f"{problem} ({cells})", remedy, line=table.line(0))
