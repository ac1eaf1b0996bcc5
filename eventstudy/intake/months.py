"""Names of months in English, German, French, Spanish, Italian, Korean, Japanese and Chinese."""

from __future__ import annotations

import re

_NAMES = {
    1: "jan january januar jänner jän janvier janv ene enero gen gennaio",
    2: "feb february februar février févr fév fevrier fevr febrero febbraio",
    3: "mar march märz mär mrz maerz mars marzo",
    4: "apr april avril avr abr abril aprile",
    5: "may mai mayo mag maggio",
    6: "jun june juni juin junio giu giugno",
    7: "jul july juli juillet juil julio lug luglio",
    8: "aug august août aout ago agosto",
    9: "sep sept september septembre septiembre set settembre setiembre",
    10: "oct october okt oktober octobre octubre ott ottobre",
    11: "nov november novembre noviembre",
    12: "dec december dez dezember déc décembre decembre dic diciembre dicembre",
}
MONTHS = {name: month for month, names in _NAMES.items() for name in names.split()}
ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def month_of(name: str) -> int | None:
    """Return the number of a month by its name or abbreviation, or as ``5월`` and ``5月``; None for others.

    Examples
    --------
    >>> month_of("Mai"), month_of("févr"), month_of("5月"), month_of("Monday")
    (5, 2, 5, None)
    """
    if numbered := re.fullmatch(r"(\d{1,2})\s?[월月]", name):
        return int(numbered[1]) if 1 <= int(numbered[1]) <= 12 else None
    return MONTHS.get(name.casefold())
