"""Write docs/files-read.md from the registries of layouts: `python docs/build_layouts.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.events import EVENT_LAYOUTS
from eventstudy.intake.layouts.factors import FACTOR_LAYOUTS
from eventstudy.intake.layouts.prices import PRICE_LAYOUTS

PAGE = Path(__file__).resolve().parent / "files-read.md"

OPENING = """\
# Files that are read

A file is read by the first layout whose mark it bears; titles are compared without regard to case.
The name is that of the table `inputs`, and of `layout:` in a study file, which refuses other forms.
[Prices](prices.md) and [Event lists](event-lists.md) say what is read of each, and in which containers.
"""

GROUPS: tuple[tuple[str, Sequence[Layout[Any]]], ...] = (
    ("Prices and returns", PRICE_LAYOUTS),
    ("Factors", FACTOR_LAYOUTS),
    ("Event lists", EVENT_LAYOUTS),
)


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield OPENING.rstrip()
    for heading, layouts in GROUPS:
        yield from ("", f"## {heading}", "", "| name | file | certain by |", "| --- | --- | --- |")
        yield from (f"| `{each.name}` | {each.title} | {each.certain_by} |" for each in layouts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
