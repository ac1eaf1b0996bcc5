"""Where a table begins among rows of cells: titles above it, its header rows, its first row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from eventstudy.intake.cells import as_text, is_date, is_empty, may_be_date

MOST_HEADERS = 3  #: header rows
ENOUGH = 0.75  #: of the columns, that a header row has that stands apart from the next
RUN = 5  #: dated rows in succession that prove a table, where it has as many

Row = Sequence[Any]


class Extent(NamedTuple):
    """Where a table stands among rows.

    Attributes
    ----------
    headers
        Rows of the header, topmost first.
    first
        First row of the table.
    dates
        Columns that hold the dates of the first rows; none where no row is dated.
    certain
        Whether they can only be dates; else whole numbers that may be.
    """

    headers: tuple[int, ...]
    first: int
    dates: tuple[int, ...]
    certain: bool


def extent_of(rows: Sequence[Row], *, undated: bool = False) -> Extent | None:
    """Return where the table begins, None where no row is dated.

    The table is the first run of rows that have a date in the same column: of `RUN` rows where there is one,
    else the longest; its header is the last row before it that is not empty. With ``undated`` it begins above
    rows whose date is missing.
    """
    filled = [row for row, cells in enumerate(rows) if not all(map(is_empty, cells))]
    for test in (is_date, may_be_date):
        if found := _run(rows, filled, test):
            start, dates = found
            first = _upwards(rows, filled, start, dates, test, undated)
            return Extent(headers_of(rows, filled, first), first, dates, test is is_date)
    return None


def _run(
    rows: Sequence[Row], filled: Sequence[int], test: Callable[[Any], bool]
) -> tuple[int, tuple[int, ...]] | None:
    flags: dict[int, frozenset[int]] = {}  # of the rows looked at: most tables begin in the first

    def of(row: int) -> frozenset[int]:
        if row not in flags:
            flags[row] = frozenset(place for place, cell in enumerate(rows[row]) if test(cell))
        return flags[row]

    for length in range(RUN, 0, -1):
        for start in range(len(filled) - length + 1):
            common = of(filled[start])
            for row in filled[start + 1 : start + length]:
                common = common and common & of(row)
            if common:
                return filled[start], tuple(sorted(common))
    return None


def _upwards(
    rows: Sequence[Row],
    filled: Sequence[int],
    start: int,
    dates: Sequence[int],
    test: Callable[[Any], bool],
    undated: bool,
) -> int:
    """Return the first of the rows right before ``start`` that have a date in the same columns too.

    With ``undated`` it may be one whose date is missing, below a header.
    """
    first = below_header = start
    for row in reversed([row for row in filled if row < start]):
        cells = [rows[row][place] for place in dates if place < len(rows[row])]
        if any(map(test, cells)):
            first = below_header = row
        elif undated and all(map(is_empty, cells)):
            below_header = row
        else:
            return below_header if cells and not all(map(is_empty, cells)) else first
    return first


def headers_of(rows: Sequence[Row], filled: Sequence[int], first: int) -> tuple[int, ...]:
    """Return the header rows above the first row of a table: at most three, none where it has no header."""
    width = _width(rows[first])
    above = [row for row in filled if row < first]
    found: list[int] = []
    for row in reversed(above[-MOST_HEADERS:]):
        if found and not _continues(rows, row, found[-1], width):
            break
        found.append(row)
    texts = [_filled(rows[row]) for row in found]
    if len(found) == 1 and texts[0] == [0] and width > 1:
        return ()  # a title, and no header
    return tuple(reversed(found))


def _continues(rows: Sequence[Row], row: int, below: int, width: int) -> bool:
    """Whether a row is a header too, and no title or pair of a name and its value."""
    places = _filled(rows[row])
    named = {as_text(rows[row][place]) for place in places}
    if not places or places == [0] or (len(named) == 1 and len(places) > 1):
        return False
    if any(is_date(rows[row][place]) for place in places):
        return False
    if width <= 2:
        return len(places) == 2 and below == row + 1
    return places != [0, 1] and (below == row + 1 or len(places) >= ENOUGH * width)


def _filled(row: Row) -> list[int]:
    return [place for place, cell in enumerate(row) if not is_empty(cell)]


def _width(row: Row) -> int:
    return max(_filled(row), default=-1) + 1


def plain_extent(rows: Sequence[Row], width: int) -> Extent:
    """Return the extent of a table without dates: its header is the first row of full width."""
    header = next(row for row, cells in enumerate(rows) if len(cells) == width)
    return Extent((header,), header + 1, (), False)
