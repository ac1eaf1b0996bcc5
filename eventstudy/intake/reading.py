"""Reading a table by the first layout of a registry that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from eventstudy.errors import FileContentError
from eventstudy.intake.layout import Layout
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

R = TypeVar("R")


def read_by_layout(table: Table, layouts: Sequence[Layout[R]], options: ReadingOptions) -> R:
    """Return what a table holds by the first layout that fits.

    Raises
    ------
    FileContentError
        No layout fits, or the one that fits is not the one that is pinned.
    """
    found = next((layout for layout in layouts if layout.fits(table)), None)
    if found is None:
        titles = ", ".join(title for title in table.titles[:8] if title)
        raise FileContentError(
            table.name, f"no known layout has these columns: {titles}", "name a date column"
        )
    if options.layout not in (None, found.name):
        raise FileContentError(
            table.name,
            f"is of the layout {found.name}, and the study file expects {options.layout}",
            "correct data: {layout: ...} or give the other file",
        )
    return found.read(table, options)
