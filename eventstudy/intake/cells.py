"""The shape of a cell: whether it looks like a date, in any written form, or is empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from eventstudy._typing import BoolArray

_MONTH = (
    "(?i:jan|feb|fév|mar|mär|mrz|mrt|maa|apr|avr|abr|may|mai|mei|mag|maj|jun|jui|giu|jul|lug|lip|aug|ao|ago|"
    "sep|set|oct|okt|out|ott|nov|dec|déc|dez|dic|gen|ene)[a-zéûüäöçß]*[.]?"
)
_WEEKDAY = "(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.]?,? +)?"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_CLOCK = (
    r"(?:[T :]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,:][0-9]+)?)?(?: *[AaPp][.]?[Mm][.]?)?"
    r"(?: *(?:[A-Za-z]{1,5}(?:/[A-Za-z_]+)?|[-+][0-9]{2}:?[0-9]{2}))?| +[A-Za-z][A-Za-z -]{1,20})?"
)
_DATES = (
    "[12][0-9]{3}[-/.] ?[0-9]{1,2}[-/.] ?[0-9]{1,2}[.]?",
    "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])",
    "[12][0-9]{3} *[년年] *[0-9]{1,2} *[월月] *[0-9]{1,2} *[일日]",
    "[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[12][0-9]{3}|[0-9]{2})",
    f"{_DAY}[-./ ]*{_MONTH}[-./, ]*(?:[12][0-9]{{3}}|[0-9]{{2}})",
    f"{_MONTH}[-./ ]*{_DAY}(?:st|nd|rd|th)?[-./, ]+[12][0-9]{{3}}",
)
#: a whole cell that can only be a date, with or without a clock; understood by `re` and by Arrow's RE2
DATE = f"^{_WEEKDAY}(?:{'|'.join(_DATES)}){_CLOCK}$"
#: a whole cell that is a date if its column is one: a serial day, seconds, milliseconds, nanoseconds
SERIAL = r"^-?[0-9]{4,19}(?:[.]0*)?$"

#: how rows below a table begin that are none of its rows
FOOTNOTES = (
    *("total", "sum", "average", "mean", "median", "count", "source", "note", "min", "max"),
    *("copyright", "©", "(c)", "*", "data by", "data from", "all rights", "downloaded", "exported"),
    *("quelle", "summe", "gesamt", "fuente", "fonte", "자료", "출처", "합계", "出所", "出典", "合計", "来源"),
)

_date, _serial = re.compile(DATE), re.compile(SERIAL)


def is_empty(cell: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, or text of blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell


def is_row(cells: Sequence[Any]) -> bool:
    """Whether cells below a table are a row of it, whose date is missing, and no note or total."""
    filled = [cell for cell in cells if not is_empty(cell)]
    return len(filled) > 1 and not str(cells[0]).strip().casefold().startswith(FOOTNOTES)


def is_date(cell: Any) -> bool:
    """Whether a cell is a date, or text that can only be one."""
    if isinstance(cell, str):
        return any(map(str.isdigit, cell)) and _date.match(cell.strip()) is not None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell == cell and float(cell).is_integer() and _date.match(str(int(cell))) is not None
    return isinstance(cell, date)


def may_be_date(cell: Any) -> bool:
    """Whether a cell is a whole number of at least four digits, or a date."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return is_date(cell) or (not isinstance(cell, bool) and _serial.match(str(cell).strip()) is not None)


def dated(column: pa.ChunkedArray, pattern: str) -> BoolArray:
    """Return which texts of a column have a pattern (`DATE` or `SERIAL`), shape (T,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from eventstudy.numerics.arrow import values_of

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries().combine_chunks()
        matches = pc.match_substring_regex(column.dictionary.cast(pa.string()), pattern)
        found = matches.take(column.indices)
    else:
        found = pc.match_substring_regex(column, pattern).combine_chunks()
    flags: BoolArray = values_of(pc.fill_null(found, False).cast(pa.int8())).astype(bool)
    return flags


def as_text(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, dates as YYYY-MM-DD, "" where it is empty."""
    if is_empty(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip() if isinstance(cell, str) else str(cell)
