"""Tables as plain text: columns that line up, in a pipe as on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eventstudy.cli.call import Line

_SPACE = re.compile(r"\s+(?!%)")
LEAST_WRAPPED = 20  #: a last column narrower than that is left to the terminal


def aligned(
    spec: str, rows: Sequence[Sequence[str]], *, width: int | None = None, indent: str = "", gap: str = "  "
) -> list[list[str]]:
    """Lay out rows of text in columns.

    Parameters
    ----------
    spec
        A letter per column: ``l`` or ``r`` for its alignment.
    rows
        Cells, headers included. A row with fewer cells ends early, and its last may outgrow the column.
    width
        Wrap the last column at this width; None leaves lines as long as they are.
    indent, gap
        The text before a line, and between columns.

    Returns
    -------
    list of list of str
        The lines of each row, one unless it was wrapped.
    """
    widths = [
        max((cell_width(row[at]) for row in rows if at < len(row) - (len(row) < len(spec))), default=0)
        for at in range(len(spec))
    ]
    lines = []
    for row in rows:
        cells = [_padded(cell, widths[at], spec[at]) for at, cell in enumerate(row)]
        last = cells.pop() if len(row) == len(spec) else row[len(cells) - 1]
        before = indent + "".join(cell + gap for cell in cells[: len(row) - 1])
        lines.append(_wrapped_last(before, last, width))
    return lines


def _wrapped_last(before: str, last: str, width: int | None) -> list[str]:
    """Put the last cell of a row behind the others, on several lines where it is too long for one."""
    room = (width or 0) - cell_width(before)
    if room < LEAST_WRAPPED or cell_width(last.rstrip()) <= room:
        return [(before + last).rstrip()]
    return wrapped(last, width or 0, before, " " * cell_width(before))


def table_lines(
    spec: str, rows: Sequence[Sequence[str]], width: int | None = None, indent: str = "  "
) -> Iterator[Line]:
    """Yield a table, its first row dim."""
    head, *others = aligned(spec, rows, width=width, indent=indent)
    yield from (Line(line, "dim") for line in head)
    yield from (Line(line) for lines in others for line in lines)


def coloured(text: str, cells: Sequence[tuple[str, str]]) -> Line:
    """Return a line with the style of each of its cells, which are given in their order; "" has none."""
    spans, at = [], 0
    for cell, style in cells:
        start = text.index(cell.strip(), at)
        at = start + len(cell.strip())
        spans += [(start, at, style)] if style else []
    return Line(text, spans=tuple(spans))


def dim(text: str, width: int, indent: str = "  ", hanging: str | None = None) -> Iterator[Line]:
    """Yield prose in dim lines."""
    return (Line(line, "dim") for line in wrapped(text, width, indent, hanging))


def wrapped(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break prose into lines of at most ``width`` columns, unless a word is longer; never before a %."""
    following = indent if hanging is None else hanging
    lines, start = [indent], True
    for word in _SPACE.split(text.strip().replace("\u00a0", " ")):
        if not start and cell_width(lines[-1]) + 1 + cell_width(word) > width:
            lines.append(following)
            start = True
        lines[-1] += word if start else f" {word}"
        start = False
    return lines


def cell_width(text: str) -> int:
    """Return how many columns a text takes: wide characters, such as Korean ones, take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _padded(cell: str, width: int, align: str) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if align == "r" else cell + space
