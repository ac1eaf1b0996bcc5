"""What the layouts of factors share: missing values, the unit, and the columns as one matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.dates import session_dates
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layouts.factor_names import FRENCH
from eventstudy.intake.layouts.telling import counted
from eventstudy.intake.options import FactorUnit, ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import FactorReading
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood

DATES = ("", "date", "dates", "day", "caldt")
MISSING = (-99.99, -999.0)
CODE_RTOL = 1e-12  #: rounding of a division by 100
LEAST_MOVE = 0.5  #: percent; no set of Ken French's factors stands still for 60 days
LARGEST_MOVE = 0.5  #: decimal; no portfolio of Ken French's moved by half of that on any day since 1926
FEWEST = 60  #: days from which the size of moves is taken seriously
UNITS = {"percent": "percent", "decimal": "decimals"}
PERIOD = re.compile(r"\d{4}(-?\d\d)?")  #: a year or a month in place of a day


def date_place(table: Table) -> int | None:
    """Return the column of dates: the first, if it has no title, or one called a date; else None."""
    return 0 if table.titles and plain(table.titles[0]) in DATES else table.place(*DATES[1:])


def factor_places(table: Table) -> tuple[int, ...]:
    """Return the columns with a title, but that of the dates."""
    dates = date_place(table)
    return tuple(place for place, title in enumerate(table.titles) if place != dates and title.strip())


def french_names(table: Table) -> bool:
    """Tell whether all columns are factors of Ken French's."""
    places = factor_places(table)
    return bool(places) and all(plain(table.titles[place]) in FRENCH for place in places)


def factor_reading(
    table: Table,
    layout: tuple[str, str],
    options: ReadingOptions,
    *,
    unit: FactorUnit | None,
    vintage: str = "",
    places: Sequence[int] = (),
    names: Sequence[str] = (),
) -> FactorReading:
    """Return the factors of a table.

    Parameters
    ----------
    layout
        Name and title.
    unit
        That of the layout, which ``options.factor_unit`` replaces; None asks for it.
    places, names
        Columns to take, all by default, and what they are called, their titles by default.

    Raises
    ------
    FileContentError
        Rows that are months or years; a unit that nothing tells.
    """
    dates = date_place(table)
    places = tuple(places) or factor_places(table)
    if dates is None or not places:
        raise FileContentError(
            table.name, "has no dates or no factors", "give a date and one column per factor"
        )
    _refuse_periods(table, dates)
    days = session_dates(table, dates, options)
    columns = [figures_of(table, place, options) for place in places]
    values = np.column_stack([column.values for column in columns])
    values[np.isin(values, MISSING)] = np.nan
    titles = tuple(names) or tuple(table.titles[place].strip() for place in places)
    percent = all(column.percent for column in columns)  # the cells had percent signs: decimals already
    used = "decimal" if percent else options.factor_unit or unit
    if used is None:
        raise _question(table, titles, values)
    if options.factor_unit is None and not percent:
        _refuse_other_unit(table, titles, values, used)
    if used == "decimal":
        values = _without_divided_codes(values)
    order = np.argsort(days.days, kind="stable")
    sessions = days.days[order]
    missing = int(np.isnan(values).sum())
    understood = Understood(
        table.name, "factors", *layout, {"date": table.titles[dates], **{name: name for name in titles}},
        "percent" if used == "percent" else "decimal", days.form, len(titles), table.n_rows,
        *((str(sessions[0]), str(sessions[-1])) if len(sessions) else ("", "")),
        tuple(filter(None, (UNITS[used], counted(missing, "missing figure")))),
    )  # fmt: skip
    return FactorReading(
        titles, sessions, values[order] / (100 if used == "percent" else 1), understood, vintage
    )


def _without_divided_codes(values: FloatArray) -> FloatArray:
    """Return figures without the codes for missing ones that were divided by 100 with the others."""
    codes = [np.isclose(values, code / 100, rtol=CODE_RTOL, atol=0.0) for code in MISSING]
    return np.where(np.any(codes, axis=0), np.nan, values)


def _refuse_periods(table: Table, dates: int) -> None:
    cells = [str(cell) for cell in table.columns[dates].slice(0, 5).to_pylist()]
    if cells and all(PERIOD.fullmatch(cell) for cell in cells):
        remedy = "give daily factors, dated YYYYMMDD or YYYY-MM-DD"
        raise FileContentError(table.name, f"is monthly or annual ({cells[0]})", remedy, line=table.line(0))


def _question(table: Table, names: Sequence[str], values: FloatArray) -> FileContentError:
    unknown = [name for name in names if plain(name) not in FRENCH]
    problem = f"the unit of {', '.join(unknown or names)} is unknown{_both(names, values)}"
    return FileContentError(table.name, problem, REMEDY)


REMEDY = "say --factor-unit percent or decimal (factors: {unit: percent} or {unit: decimal})"


def _refuse_other_unit(table: Table, names: Sequence[str], values: FloatArray, used: FactorUnit) -> None:
    """Refuse names that tell a unit over figures that tell the other; a riskless rate tells nothing."""
    values = _without_divided_codes(values)
    moving = np.abs(np.nan_to_num(values[:, [FRENCH.get(plain(name)) != "RF" for name in names]]))
    if not moving.size or not moving.max():
        return
    if used == "percent" and len(values) >= FEWEST and moving.max() < LEAST_MOVE:
        problem = f"has Ken French's names but no move of half a percent{_both(names, values)}"
        raise FileContentError(table.name, problem, REMEDY)
    if used == "decimal" and moving.max() > LARGEST_MOVE:
        problem = (
            f"has names whose factors are in decimals, and moves of more than half{_both(names, values)}"
        )
        raise FileContentError(table.name, problem, REMEDY)


def _both(names: Sequence[str], values: FloatArray) -> str:
    """Return the largest figure in both readings."""
    if not np.isfinite(values).any():
        return ""
    row, column = map(int, np.unravel_index(np.nanargmax(np.abs(values)), values.shape))
    figure = values[row, column]
    return f": {names[column]} {figure:g} is {figure / 100:.2%} (percent) or {figure:.2%} (decimal)"
