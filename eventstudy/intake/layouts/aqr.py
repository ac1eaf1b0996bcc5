"""AQR's data sets: a sheet per factor with a column per country and aggregate."""

from __future__ import annotations

import re

from eventstudy.errors import FileContentError
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.factor_columns import date_place, factor_places, factor_reading
from eventstudy.intake.layouts.telling import shown
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import FactorReading
from eventstudy.intake.table import Table

NAME, TITLE = "aqr", "AQR"
COUNTRIES = (
    "AUS", "AUT", "BEL", "CAN", "CHE", "DEU", "DNK", "ESP", "FIN", "FRA", "GBR", "GRC", "HKG", "IRL", "ISR",
    "ITA", "JPN", "NLD", "NOR", "NZL", "PRT", "SGP", "SWE", "USA",
)  # fmt: skip
FEWEST = 3  #: countries that make a table certain
_SHEET = re.compile(r"\[(?P<sheet>.+)\]$")


def fits(table: Table) -> bool:
    """Tell whether the columns are DATE and countries by their codes of three letters."""
    titles = {title.strip() for title in table.titles}
    return date_place(table) is not None and len(titles & set(COUNTRIES)) >= FEWEST


def read(table: Table, options: ReadingOptions) -> FactorReading:
    """Return the factor of a country, in decimals, under the name of its sheet.

    Raises
    ------
    FileContentError
        No country is stated (``--value-column``), or the sheet has none of that name.
    """
    titles = {plain(table.titles[place]): place for place in factor_places(table)}
    names = [table.titles[place].strip() for place in titles.values()]
    if options.value_column is None:
        problem = f"holds a factor of {len(names)} countries and regions ({shown(names, 4)})"
        remedy = "say which, such as --value-column USA (data: {columns: {value: USA}})"
        raise FileContentError(table.name, problem, remedy)
    place = titles.get(plain(options.value_column))
    if place is None:
        problem = f"has no country {options.value_column!r}"
        raise FileContentError(table.name, problem, f"its columns are {', '.join(names)}")
    return factor_reading(
        table, (NAME, TITLE), options, unit="decimal", places=(place,), names=(_factor(table, options),)
    )


def _factor(table: Table, options: ReadingOptions) -> str:
    """Return the name of the sheet without the word Factors; the country where no sheet is known."""
    found = _SHEET.search(table.name)
    sheet = found["sheet"] if found else options.sheet if isinstance(options.sheet, str) else ""
    return re.sub(r"\s+factors?$", "", sheet, flags=re.IGNORECASE) or str(options.value_column)


AQR = Layout(NAME, TITLE, "`DATE` and countries such as `AUS`, `DEU`, `USA`", fits, read)
