"""Header rows of a text: each column that has cells needs a title, and each title a column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.records import Records
from eventstudy.intake.separators import Grid

#: in the title of a column of dates
DATE_WORDS = re.compile(
    r"date|day|when|time|caldt|datum|fecha|data|jour|rdq|anndats|session|날짜|일자|日付|日期|年月日",
    re.IGNORECASE,
)


def header_rows(
    name: str, records: Records, grid: Grid, columns: Sequence[pa.ChunkedArray], at: IntArray
) -> list[list[str]]:
    """Return the header rows; R leaves out the title of row names, so that a row has one cell more.

    Parameters
    ----------
    columns, at
        The columns of the rows, and the record of each row, shape (T,).

    Raises
    ------
    FileContentError
        More titles than the rows have cells; a row with a cell beyond the titles, with its line.
    """
    headers = [grid.head[row] for row in grid.extent.headers]
    if not headers or not grid.extent.dates:
        return headers
    titles, place, width = headers[-1], grid.extent.dates[0], max(map(len, headers))
    if any(titles[grid.width :]):
        problem = f"the header has {len(titles)} cells, and the rows have {grid.width}"
        line = records.line(grid.extent.headers[-1])
        raise FileContentError(name, problem, "fill the rows, or leave the title out", line=line)
    beyond = [pc.indices_nonzero(column.is_valid()) for column in columns[width:]]
    if not any(len(rows) for rows in beyond):
        return headers
    is_short = len(titles) == grid.width - 1 and all(titles)
    if is_short and not (place < len(titles) and DATE_WORDS.search(titles[place])):
        return [["", *row] if len(row) < grid.width else row for row in headers]
    first = min(int(rows[0].as_py()) for rows in beyond if len(rows))
    problem = f"has {grid.width} cells, and the header has {width}"
    remedy = "give each column a title, or leave the cell out"
    raise FileContentError(name, problem, remedy, line=records.line(int(at[first])))
