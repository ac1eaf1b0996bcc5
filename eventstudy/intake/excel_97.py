"""The sheets of a workbook of Excel 97 before it is read: its stream in the compound file, and its cells."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from eventstudy.errors import FileContentError
from eventstudy.intake.corners import Corner, check_area

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
NAMES = ("Workbook", "Book")  #: of the stream
LAST_SECTOR = 0xFFFFFFFA  #: numbers from it on are no sectors
SMALL = 4096  #: bytes; a shorter stream lies elsewhere, and holds no table of a size that matters
BEGIN = (0x0809, 0x0409, 0x0209, 0x0009)  #: records that begin a sheet
#: records of a cell, which begin with its row and column, and of several, which end with the last column
CELLS = (
    0x0001,
    0x0002,
    0x0003,
    0x0004,
    0x0006,
    0x00FD,
    0x0201,
    0x0203,
    0x0204,
    0x0205,
    0x027E,
    0x0206,
    0x0406,
)
SEVERAL = (0x00BD, 0x00BE)
DIMENSIONS = 0x0200  #: the record that says how far a sheet reaches; memory is asked for by it


def check_xls(name: str, raw: bytes) -> None:
    """Refuse a workbook whose sheets are too large, or whose rows are out of order.

    Raises
    ------
    FileContentError
        The same, and a file whose sectors lead nowhere.
    """
    corner = Corner(name)
    for kind, content in _records(_stream(name, raw)):
        if kind in BEGIN:
            corner.check()
            corner = Corner(name)
        elif kind in (*CELLS, *SEVERAL) and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            last = struct.unpack_from("<H", content, len(content) - 2)[0] if kind in SEVERAL else column
            corner.at(row + 1, max(column, last) + 1)
        elif kind == DIMENSIONS:
            _check_dimensions(name, content)
    corner.check()


def _check_dimensions(name: str, content: bytes) -> None:
    """Refuse a sheet that states that it is too large, or that it ends before it begins."""
    form = "<IIHH" if len(content) >= 14 else "<HHHH"
    if len(content) < struct.calcsize(form):
        return
    first, end, left, right = struct.unpack_from(form, content)
    if first > end or left > right:
        raise FileContentError(name, "is damaged: a sheet ends before it begins", "save it again")
    check_area(name, end, right)


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _stream(name: str, raw: bytes) -> bytes:
    """Return the stream of the workbook, "" where it is too short to matter or is not there."""
    try:
        size = 1 << struct.unpack_from("<H", raw, 30)[0]
        if size not in (512, 4096):
            raise ValueError("sectors of an unknown size")
        table = _table(raw, size)
        directory = _chain(raw, table, struct.unpack_from("<I", raw, 48)[0], size)
        for at in range(0, len(directory) - 127, 128):
            length = struct.unpack_from("<H", directory, at + 64)[0]
            title = directory[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
            start, n = struct.unpack_from("<II", directory, at + 116)
            if title in NAMES and n >= SMALL:
                return _chain(raw, table, start, size)[:n]
    except (struct.error, ValueError, IndexError) as error:
        raise FileContentError(name, f"is damaged ({error})", "save it again") from None
    return b""


def _sector(raw: bytes, number: int, size: int) -> bytes:
    return raw[(number + 1) * size : (number + 2) * size]


def _table(raw: bytes, size: int) -> list[int]:
    """Return the number of the sector after each sector."""
    parts = list(struct.unpack_from("<109I", raw, 76))
    more, left = struct.unpack_from("<II", raw, 68)
    for _ in range(min(left, len(raw) // size)):
        if more >= LAST_SECTOR:
            break
        *numbers, more = struct.unpack(f"<{size // 4}I", _sector(raw, more, size))
        parts += numbers
    table: list[int] = []
    for number in parts:
        if number < LAST_SECTOR:
            table += struct.unpack(f"<{size // 4}I", _sector(raw, number, size).ljust(size, b"\xff"))
    return table


def _chain(raw: bytes, table: list[int], first: int, size: int) -> bytes:
    found: list[bytes] = []
    number = first
    while number < LAST_SECTOR:
        if len(found) > len(table):
            raise ValueError("sectors in a circle")
        found.append(_sector(raw, number, size))
        number = table[number]
    return b"".join(found)
