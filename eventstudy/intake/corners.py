"""How large a sheet is from its first cell to its last, before a library makes room for all between them."""

from __future__ import annotations

from eventstudy.errors import FileContentError

LARGEST_AREA = 20_000_000  #: cells of a sheet from its first corner to its last, empty ones too


def check_area(name: str, rows: int, columns: int) -> None:
    """Refuse a sheet of more than `LARGEST_AREA` cells."""
    if rows * columns > LARGEST_AREA:
        problem = f"has a sheet of {rows:,} rows and {columns:,} columns"
        raise FileContentError(name, problem, "delete the cells far below or beside the table, or give CSV")


class Corner:
    """The last row and column of a sheet, found cell by cell; rows must follow each other."""

    def __init__(self, name: str) -> None:
        self._name, self._rows, self._columns = name, 0, 0

    def at(self, row: int, column: int) -> None:
        """Take in a cell, or a row (column 1); both counted from 1."""
        if row < self._rows:
            raise FileContentError(self._name, f"has row {row} after row {self._rows}", "save it again")
        self._rows, self._columns = row, max(self._columns, column)

    def check(self) -> None:
        """Refuse a sheet that is too large."""
        check_area(self._name, self._rows, self._columns)
