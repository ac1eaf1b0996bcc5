"""Result tables as they are, for print: as many parts beside each other as a page needs, rows numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eventstudy.results.formats.print_table import PrintTable
from eventstudy.words import words
from eventstudy.words.formatting import letters, one_line

if TYPE_CHECKING:
    import pyarrow as pa

DECIMALS = 4  #: a return is printed to the basis point
WIDEST = 24  #: letters of a text in one line; a longer one wraps
ROW = "#"  #: heads the numbers of the rows


def raw_tables(name: str, table: pa.Table, room: int, gap: int) -> list[PrintTable]:
    """Return a result table as tables that fit a page, numbers to four decimals.

    A column of whole numbers has no decimals. Where the columns are wider than the page they are several
    parts, each of all rows, which are numbered in each.

    Parameters
    ----------
    room, gap
        Letters in a line of the page, and letters that the space between two columns takes.
    """
    cells = [printed(table[column].to_pylist()) for column in table.column_names]
    numbers = [_is_number(kind) for kind in table.schema.types]
    widths = [
        gap + max(letters(head), _digits(own) if number else min(max(map(letters, own), default=0), WIDEST))
        for head, own, number in zip(table.column_names, cells, numbers, strict=True)
    ]
    if sum(widths) <= room:
        return [_part(name, table.column_names, cells, numbers)]
    rows = [str(at) for at in range(1, len(table) + 1)]
    say, made = words("en").say, []
    for number, part in enumerate(_packed(widths, room - gap - len(str(len(rows)))), start=1):
        heads, own = [ROW, *(table.column_names[at] for at in part)], [rows, *(cells[at] for at in part)]
        shown = _part(f"{name}_{number}", heads, own, [True, *(numbers[at] for at in part)])
        made.append(replace(shown, caption=name + say("print.part", number=number), notes=say("print.rows")))
    return made


def _digits(cells: Sequence[str]) -> int:
    """Return the digits that numbers take which stand with their points below each other."""
    parts = [cell.lstrip("-").partition(".") for cell in cells]
    before = max((len(whole) for whole, _, _ in parts), default=0)
    behind = max((len(point + decimals) for _, point, decimals in parts), default=0)
    return before + behind + 2 * any(cell.startswith("-") for cell in cells)  # a minus is wide


def _part(name: str, heads: Sequence[str], cells: Sequence[list[str]], numbers: Sequence[bool]) -> PrintTable:
    rows, rounding = tuple(zip(*cells, strict=True)), f"{DECIMALS} decimals"
    return PrintTable(name, name, tuple(heads), rows, tuple(numbers), rounding=rounding)


def _packed(widths: Sequence[int], room: int) -> list[list[int]]:
    """Return the places of the columns of each part, in their order."""
    parts: list[list[int]] = []
    left = 0
    for at, width in enumerate(widths):
        if width > left or not parts:
            parts.append([])
            left = room
        parts[-1].append(at)
        left -= width
    return parts


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


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))
