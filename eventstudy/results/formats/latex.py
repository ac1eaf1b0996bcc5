"""Export to LaTeX: result tables for print, in booktabs form."""

from __future__ import annotations

from pathlib import Path

from eventstudy.atomic import PART
from eventstudy.results.formats.parts import NamedParts, whole
from eventstudy.results.formats.raw_tables import raw_tables
from eventstudy.results.formats.typeset import GAP, LETTERS, typeset


def write_latex(tables: NamedParts, folder: Path) -> None:
    """Write a file per table, text escaped in headers and cells, numbers to four decimals.

    A table that is wider than the page is several parts, one below the other, and one that is longer breaks
    across pages. Those made for a paper are in `paper`.
    """
    for name, table in whole(tables):
        with (folder / f"{name}.tex{PART}").open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(typeset(part) for part in raw_tables(name, table, LETTERS, GAP))
