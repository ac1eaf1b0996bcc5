"""Export to LaTeX: small tables for print, in booktabs form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART
from eventstudy.results.formats.typeset import escaped, table_line
from eventstudy.words.formatting import one_line

if TYPE_CHECKING:
    import pyarrow as pa

DECIMALS = 4  #: a return is printed to the basis point
PAGE = 40  #: a longer table breaks across pages
_HEAD = f"% {{name}}: rounded to {DECIMALS} decimals; needs \\usepackage{{{{booktabs, longtable}}}}\n"


def write_latex(tables: Iterable[tuple[str, pa.Table]], folder: Path) -> None:
    """Write one booktabs table per table, text escaped in headers and cells, numbers to four decimals.

    A column of whole numbers is printed without decimals. The table is a ``tabular``, and with more rows than
    a page holds a ``longtable``. It is as wide as its columns; those made for a page are in `paper`.
    """
    for name, table in tables:
        with (folder / f"{name}.tex{PART}").open("w", encoding="utf-8", newline="\n") as file:
            file.write(_HEAD.format(name=name))
            file.writelines(f"{line}\n" for line in _typeset(table))


def _typeset(table: pa.Table) -> Iterator[str]:
    import pyarrow as pa

    is_number = [pa.types.is_floating(t) or pa.types.is_integer(t) for t in table.schema.types]
    kind = "longtable" if len(table) > PAGE else "tabular"
    head = table_line(map(escaped, table.column_names))
    yield f"\\begin{{{kind}}}{{{''.join('lr'[number] for number in is_number)}}}"
    yield from ("\\toprule", head, "\\midrule")
    if kind == "longtable":
        yield from ("\\endfirsthead", "\\toprule", head, "\\midrule", "\\endhead")
        yield from ("\\bottomrule", "\\endfoot")
    cells = [printed(table[name].to_pylist()) for name in table.column_names]
    yield from (table_line(map(escaped, row)) for row in zip(*cells, strict=True))
    yield from ([] if kind == "longtable" else ["\\bottomrule"])
    yield f"\\end{{{kind}}}"


def printed(column: Sequence[Any]) -> list[str]:
    """Return the values of a column as they are printed."""
    whole = all(value is None or (isinstance(value, float) and value.is_integer()) for value in column)
    return ["" if value is None else _text(value, 0 if whole else DECIMALS) for value in column]


def _text(value: Any, decimals: int) -> str:
    if isinstance(value, float):
        return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 makes of -0.0 a plain zero
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else one_line(str(value))
