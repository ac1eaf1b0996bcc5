"""The records of a text: lines, of which those in quotation marks belong together, and their cells."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.errors import FileContentError

CHUNK = 1 << 24  #: bytes looked through at a time
LONGEST_CELL = 1_000_000  #: characters

csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))


@dataclass(frozen=True, eq=False)
class Records:
    """Where the records of a text are.

    Attributes
    ----------
    raw
        The text, UTF-8, with a line feed at the end of each line.
    starts, ends
        First byte of each record, and the byte after its last; shape (R,).
    is_a_line_each
        Whether no record spans several lines.
    """

    raw: bytes
    starts: IntArray
    ends: IntArray
    is_a_line_each: bool = True

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, part: slice) -> Records:
        return Records(self.raw, self.starts[part], self.ends[part], self.is_a_line_each)

    def text(self, record: int) -> str:
        """Return a record as text."""
        return self.raw[self.starts[record] : self.ends[record]].decode()

    def cells(self, record: int, separator: str) -> list[str]:
        """Return the cells of a record, without blanks at either end."""
        return split(self.text(record), separator)

    def line(self, record: int) -> int:
        """Return the line on which a record begins."""
        return int(self.lines(np.array([record]))[0])

    def lines(self, of: IntArray) -> IntArray:
        """Return the lines of the file on which records begin, from 1."""
        return np.searchsorted(self._newlines, self.starts[of]) + 1

    @cached_property
    def _newlines(self) -> IntArray:
        return positions(self.raw, b"\n")


def split(text: str, separator: str) -> list[str]:
    """Return the cells of a record of text; blanks that separate may be several in succession."""
    if separator == " ":
        return text.split()
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True))
    except csv.Error:
        rows = [text.split(separator)]
    return [cell.strip() for row in rows for cell in row]


def records_of(name: str, raw: bytes) -> Records:
    """Return the records of a text in UTF-8 whose lines end in a line feed.

    Raises
    ------
    FileContentError
        A quotation mark that is not closed.
    """
    ends, simple = positions(raw, b"\n"), True
    if b'"' in raw:
        quotes = positions(raw, b'"')
        before = np.searchsorted(quotes, ends)
        if len(quotes) % 2:
            line = int(np.searchsorted(ends, quotes[-1])) + 1
            raise FileContentError(name, "a quotation mark is not closed", "close it", line=line)
        inside = before % 2 == 1
        ends, simple = ends[~inside], not inside.any()
    starts = np.concatenate([[0], ends + 1]).astype(np.int64)
    ends = np.concatenate([ends, [len(raw)]]).astype(np.int64)
    if starts[-1] == ends[-1]:
        starts, ends = starts[:-1], ends[:-1]
    return Records(raw, starts, ends, simple)


def positions(raw: bytes, byte: bytes) -> IntArray:
    """Return the positions of a byte, looked for in chunks."""
    data, wanted = np.frombuffer(raw, np.uint8), ord(byte)
    found = [
        np.flatnonzero(data[at : at + CHUNK] == wanted).astype(np.int64) + at
        for at in range(0, len(data), CHUNK)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def counts_of(records: Records, separator: str) -> IntArray:
    """Return the number of cells of each record, shape (R,); separators in quotation marks do not count."""
    at = positions(records.raw, separator.encode())
    if b'"' in records.raw:
        at = at[np.searchsorted(positions(records.raw, b'"'), at) % 2 == 0]
    counts: IntArray = np.searchsorted(at, records.ends) - np.searchsorted(at, records.starts) + 1
    return counts
