"""Export to LaTeX: small tables for print, in booktabs form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART
from eventstudy.errors import OutputError
from eventstudy.words.formatting import one_line

if TYPE_CHECKING:
    import pyarrow as pa

DECIMALS = 4  #: a return is printed to the basis point
ROWS = 10_000  #: a longer table is not one for print
PAGE = 40  #: a longer table breaks across pages
_HEAD = f"% {{name}}: rounded to {DECIMALS} decimals; needs \\usepackage{{{{booktabs, longtable}}}}\n"


def write_latex(tables: Iterable[tuple[str, pa.Table]], folder: Path) -> None:
    """Write one booktabs table per table, text escaped in headers and cells, numbers to four decimals.

    A column of whole numbers is printed without decimals. The table is a ``tabular``, and with more rows than
    a page holds a ``longtable``.

    Raises
    ------
    OutputError
        A table is too long to print.
    """
    for name, table in tables:
        if len(table) > ROWS:
            problem = f"table {name!r} has {len(table):,} rows; LaTeX export is for at most {ROWS:,}"
            raise OutputError(f"{name}.tex", problem, "name smaller tables, or export to csv")
        head = _HEAD.format(name=name)
        (folder / f"{name}.tex{PART}").write_text(head + _typeset(table), encoding="utf-8", newline="\n")


def _typeset(table: pa.Table) -> str:
    import pandas as pd
    import pyarrow as pa

    cells = {name: _printed(table[name].to_pylist()) for name in table.column_names}
    frame = pd.DataFrame(cells, dtype=str)
    frame.columns = frame.columns.map(one_line)
    is_number = [pa.types.is_floating(t) or pa.types.is_integer(t) for t in table.schema.types]
    style = frame.style.format(escape="latex").format_index(escape="latex", axis="columns").hide(axis="index")
    text: str = style.to_latex(
        hrules=True,
        column_format="".join("lr"[number] for number in is_number),
        environment="longtable" if len(table) > PAGE else None,
    )
    return re.sub(r"(?m)^(?=[\[*])", "{}", text)  # else the row break before it takes [ or * for its own


def _printed(column: Sequence[Any]) -> list[str]:
    whole = all(value is None or (isinstance(value, float) and value.is_integer()) for value in column)
    return ["" if value is None else _text(value, 0 if whole else DECIMALS) for value in column]


def _text(value: Any, decimals: int) -> str:
    if isinstance(value, float):
        return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 makes of -0.0 a plain zero
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else one_line(str(value))
