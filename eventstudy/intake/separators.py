"""Which mark separates the cells of a text."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from eventstudy.errors import FileContentError
from eventstudy.intake.cells import is_date, may_be_date
from eventstudy.intake.extent import Extent, extent_of, plain_extent
from eventstudy.intake.records import Records, split

MARKS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
SHARE = 0.9  #: of the rows, that have the same number of cells
HEAD = 200  #: records at the beginning, in which the table begins ...
HEAD_BYTES, HEAD_LEAST = 1 << 18, 40  #: ... or fewer, where they are long


class Grid(NamedTuple):
    """How the head of a text is split: the separator, the cells, and where the table begins."""

    separator: str
    head: list[list[str]]
    extent: Extent
    width: int


def grid_of(name: str, records: Records, *, undated: bool = False) -> Grid:
    """Return the separator under which the records are a table, and where the table begins.

    It is the one that gives the same number of cells, more than one, in nine rows of ten, with a date among
    them; blanks only where nothing else separates. With ``undated`` rows may lack their date.

    Raises
    ------
    FileContentError
        Two separators under which the text is a table; none under which it has two columns.
    """
    n = _head(records)
    texts = [records.text(at) for at in range(n)]
    there = [mark for mark in (*MARKS, " ") if any(mark in text for text in texts)]
    heads = {mark: [split(text, mark) for text in texts] for mark in there}
    grids = {mark: grid for mark, head in heads.items() if (grid := _grid(mark, head, undated))}
    for wanted in (True, False):
        fits = [grid for mark, grid in grids.items() if mark != " " and grid.extent.certain is wanted]
        if len(fits) > 1 and wanted:
            raise _two_fit(name, fits)
        if fits:
            return _preferred(fits)
        if wanted and " " in grids and grids[" "].extent.certain:
            return grids[" "]
    if " " in grids:
        return grids[" "]
    without = (_undated(mark, heads[mark]) for mark in MARKS if mark in heads)
    if found := next((grid for grid in without if grid), None):
        return found
    shown = next((text.strip() for text in texts if text.strip()), "")
    problem = f"holds no table of two or more columns (it begins {shown[:40]!r})"
    raise FileContentError(name, problem, "give a header and a row per date, separated by commas")


def _grid(mark: str, head: list[list[str]], undated: bool) -> Grid | None:
    """Return how a separator splits the head, None where that is no table with dates."""
    extent = extent_of(head, undated=undated)
    if extent is None:
        return None
    test = is_date if extent.certain else may_be_date
    rows = [
        row
        for row in head[extent.first :]
        if any(place < len(row) and test(row[place]) for place in extent.dates)
    ]
    width = _usual(rows)
    return Grid(mark, head, extent, width) if width > 1 else None


def _head(records: Records) -> int:
    """Return how many records are looked at to see where the table begins."""
    few = int(np.searchsorted(records.ends, records.starts[0] + HEAD_BYTES))
    return min(len(records), HEAD, max(few, HEAD_LEAST))


def _usual(rows: list[list[str]]) -> int:
    """Return the number of cells that nine rows of ten have, or all but one; 0 where they differ."""
    width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    return width if count >= SHARE * len(rows) or count == len(rows) - 1 > 1 else 0


def _undated(mark: str, head: list[list[str]]) -> Grid | None:
    rows = [row for row in head if any(row)]
    width = _usual(rows)
    return Grid(mark, head, plain_extent(head, width), width) if width > 1 else None


def _preferred(grids: list[Grid]) -> Grid:
    """Return the first of several in which numbers may hold another mark: a comma may be a decimal comma."""
    order = ("\t", ";", "|", ",")
    return min(grids, key=lambda grid: order.index(grid.separator))


def _two_fit(name: str, fits: list[Grid]) -> FileContentError:
    first, second = (
        f"{NAMES[grid.separator]} ({grid.width} columns, such as {grid.head[grid.extent.first][-1]!r})"
        for grid in fits[:2]
    )
    problem = f"can be split by {first} or by {second}"
    return FileContentError(name, problem, "save it with one separator, quoting cells that hold it")
