"""Which column of a table has which role."""

from __future__ import annotations

from collections.abc import Mapping

from eventstudy.errors import FileContentError
from eventstudy.intake.figures import short
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table, plain

ROLES = (
    "date", "ticker", "open", "high", "low", "close", "adj_close", "volume", "dividend", "gain", "split",
    "return",
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
            for other in ("close", "adj_close", "return", "dividend", "gain", "split"):
                found.pop(other, None)  # they go with the closes that are not taken
            role = own
        found[role] = place
    if "date" not in found:
        raise no_date(table)
    return found


def no_date(table: Table) -> FileContentError:
    """Return the error about a table without a column of dates."""
    titles = ", ".join(map(short, table.titles[:8]))
    problem = f"has no date among its columns {titles}" if any(table.titles) else "has no titles"
    remedy = "name one date, or say --date-column (data: {columns: {date: ...}})"
    return FileContentError(table.name, problem, remedy)


def stated_place(table: Table, title: str) -> int:
    """Return the column with a title that the user states; a FileContentError says that there is none."""
    exact = [place for place, known in enumerate(table.titles) if known == title]
    places = exact or [place for place, known in enumerate(table.titles) if plain(known) == plain(title)]
    if not places:
        known = ", ".join(short(each) for each in table.titles[:12] if each)
        raise FileContentError(table.name, f"has no column {title!r}", f"its columns are {known}")
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
