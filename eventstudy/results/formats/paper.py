"""Tables as papers have them, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.atomic import PART
from eventstudy.results.folder import Saved
from eventstudy.results.formats.print_cars import cars_by_event
from eventstudy.results.formats.print_means import caars, caars_by_group
from eventstudy.results.formats.print_regressions import NAME as REGRESSIONS
from eventstudy.results.formats.print_regressions import regressions_for_print
from eventstudy.results.formats.print_table import PaperStyle, PrintTable
from eventstudy.results.formats.typeset import typeset

if TYPE_CHECKING:
    from eventstudy.results.view import ResultView


def print_tables(names: Iterable[str], saved: Saved, style: PaperStyle) -> Iterator[tuple[str, PrintTable]]:
    """Yield the tables of each name of `PRINT_TABLES`, with that name."""
    from eventstudy.results.view import ResultView

    read = ("events", "cars", "tests", "regressions")
    view = ResultView({name: saved.table(name) for name in read}, saved.manifest)
    for name in names:
        yield from ((name, table) for table in PRINT_TABLES[name](view, style))


def write_paper(names: Iterable[str], saved: Saved, folder: Path, style: PaperStyle) -> None:
    """Write the LaTeX of each name of `PRINT_TABLES`, one file per name."""
    for name, table in print_tables(names, saved, style):
        with (folder / f"{name}.tex{PART}").open("a", encoding="utf-8", newline="\n") as file:
            file.write(typeset(table))


#: Tables for print that are made of several result tables, or laid out in another way than they are.
PRINT_TABLES: Mapping[str, Callable[[ResultView, PaperStyle], list[PrintTable]]] = {
    "cars_by_event": cars_by_event,
    "caars": caars,
    "caars_by_group": caars_by_group,
    REGRESSIONS: regressions_for_print,
}
USUAL = ("cars_by_event", "caars")  #: those of an export for print by default
