"""Ken French's daily factors, of the United States, regions and countries."""

from __future__ import annotations

import re

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.factor_columns import date_place, factor_reading, french_names
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import FactorReading
from eventstudy.intake.table import Table

NAME, TITLE = "french", "Ken French"
VINTAGE = re.compile(r"using the (\d{6}) CRSP")
_PROSE = re.compile(r"\bCRSP database\b|Fama and|Kenneth R\. French|Bloomberg database", re.IGNORECASE)


def fits(table: Table) -> bool:
    """Tell whether the columns have Ken French's names, or his prose stands around them."""
    return date_place(table) is not None and (french_names(table) or bool(_PROSE.search(_around(table))))


def read(table: Table, options: ReadingOptions) -> FactorReading:
    """Return the factors, which are in percent.

    Notes
    -----
    -99.99 and -999 are missing. The prose names the month of the CRSP database (the vintage), as the factors
    are revised every month.

    Raises
    ------
    FileContentError
        Months; several blocks of the same dates, such as value and equally weighted returns of industries;
        figures that look like decimals.
    """
    vintage = VINTAGE.search(" ".join(cell for row in table.above for cell in row))
    return factor_reading(
        table, (NAME, TITLE), options, unit="percent", vintage=vintage[1] if vintage else ""
    )


def _around(table: Table) -> str:
    return " ".join(cell for row in (*table.above, *table.below) for cell in row)


FRENCH_FACTORS = Layout(
    NAME,
    TITLE,
    "`Mkt-RF`, `SMB`, `HML`, `RMW`, `CMA`, `RF`, `Mom`, `WML` under a first cell that is empty",
    fits,
    read,
)
