"""Files of workbooks and of R, written byte by byte, for tests that need what no library here writes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

EXCEL_EPOCH = date(1899, 12, 30)
SERIAL_OF_1904 = 1462  #: days between the two systems of Excel


def xlsx(sheets: dict[str, Sequence[Sequence[Any]]], merged: dict[str, Sequence[str]] | None = None) -> bytes:
    """Return a workbook with dates as dates, as openpyxl writes it."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cells in (merged or {}).get(title, ()):
            sheet.merge_cells(cells)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def with_part(raw: bytes, part: str, content: bytes) -> bytes:
    """Return a workbook with one of its parts replaced or added."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return changed.getvalue()


def part_of(raw: bytes, part: str) -> bytes:
    """Return a part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read(part)


def ods(sheets: dict[str, Sequence[Sequence[Any]]], tail: str = "") -> bytes:
    """Return a workbook of OpenDocument; ``tail`` is put behind the rows of each sheet."""
    tables = "".join(
        f'<table:table table:name="{escape(title)}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + f"{tail}</table:table>"
        for title, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
    return raw.getvalue()


def _ods_cell(cell: Any) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'


def xlsb(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a binary workbook of one sheet, ``Data``; dates are serial numbers with a format."""
    corner = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = [_record(129), _record(148, corner), _record(145)]
    for number, row in enumerate(rows):
        sheet.append(_record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0)))
        sheet += [_xlsb_cell(place, cell) for place, cell in enumerate(row) if cell not in (None, "")]
    sheet += [_record(146), _record(130)]
    name = _wide("Data")
    rel = _wide("rId1")
    bundle = _record(143) + _record(156, struct.pack("<II", 0, 1) + rel + name) + _record(144)
    book = _record(131) + _record(153, bytes(12)) + bundle + _record(157, bytes(26)) + _record(132)
    formats = struct.pack("<I", 2) + b"".join(
        _record(47, struct.pack("<HHHHHBBHBB", 0, code, 0, 0, 0, 0, 0, 0, 0, 0)) for code in (0, 14)
    )
    styles = _record(278) + _record(617, formats[:4]) + formats[4:] + _record(618) + _record(279)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    rels = (
        f'<Relationships xmlns="{space}">'
        f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", rels)
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))
    return raw.getvalue()


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, sizes = len(content), b""
    while True:
        sizes += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + sizes + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_cell(place: int, cell: Any) -> bytes:
    if isinstance(cell, date):
        serial = float((cell - EXCEL_EPOCH).days)
        return _record(5, struct.pack("<IId", place, 1, serial))
    if isinstance(cell, int | float):
        return _record(5, struct.pack("<IId", place, 0, float(cell)))
    return _record(6, struct.pack("<II", place, 0) + _wide(cell))


def xls(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook of Excel 97 of one sheet, ``Data``, of at most 60,000 bytes."""
    begin = [_biff(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0)) for kind in (5, 0x10)]
    styles = b"".join(_biff(0x00E0, struct.pack("<HH", 0, code) + bytes(16)) for code in (0, 14))
    cells = b"".join(
        _biff_cell(number, place, cell)
        for number, row in enumerate(rows)
        for place, cell in enumerate(row)
        if cell not in (None, "")
    )
    at = len(begin[0]) + len(styles) + 4 + 12 + 4
    bundle = _biff(0x0085, struct.pack("<IBBBB", at, 0, 0, 4, 0) + b"Data")
    corner = _biff(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    end = _biff(0x000A)
    return _compound(begin[0] + styles + bundle + end + begin[1] + corner + cells + end)


def _biff(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _biff_cell(row: int, place: int, cell: Any) -> bytes:
    if isinstance(cell, str):
        head = struct.pack("<HHHHB", row, place, 0, len(cell), 0)
        return _biff(0x0204, head + cell.encode("latin-1"))
    style, number = (1, (cell - EXCEL_EPOCH).days) if isinstance(cell, date) else (0, cell)
    return _biff(0x0203, struct.pack("<HHHd", row, place, style, float(number)))


def _compound(stream: bytes) -> bytes:
    """Return a compound file with one stream, ``Workbook``: sector 0 is the table, sector 1 the directory."""
    stream = stream.ljust(4096, b"\0")
    n = -(-len(stream) // 512)
    none, end = 0xFFFFFFFF, 0xFFFFFFFE
    table = [0xFFFFFFFD, end, *range(3, n + 2), end]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += bytes(10) + struct.pack("<IIIIIIII", 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    entries = (_entry("Root Entry", 5, 1, end, 0), _entry("Workbook", 2, none, 2, len(stream)))
    directory = b"".join(entries).ljust(512, b"\0")
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return head.ljust(512, b"\xff") + fat + directory + stream.ljust(512 * n, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le")
    tail = struct.pack("<HBBIII", len(wide) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return wide.ljust(64, b"\0") + tail + bytes(36) + struct.pack("<IQ", start, size)


class R:
    """An object of R in its own XDR format, built from the inside out."""

    def __init__(self, kind: int, content: bytes, attributes: dict[str, R] | None = None) -> None:
        flags = kind | (0x200 if attributes else 0) | (0x100 if attributes and "class" in attributes else 0)
        self.raw = struct.pack(">i", flags) + content + (_pairlist(attributes) if attributes else b"")


def _pairlist(pairs: dict[str, R]) -> bytes:
    tagged = (
        struct.pack(">i", 0x402) + struct.pack(">i", 1) + _char(name) + each.raw
        for name, each in pairs.items()
    )
    return b"".join(tagged) + struct.pack(">i", 0xFE)


def _char(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">ii", 9, -1)
    raw = text.encode()
    return struct.pack(">ii", 9 | 0x8000, len(raw)) + raw


def reals(values: Sequence[float], **attributes: R) -> R:
    """Return a vector of numbers."""
    return R(14, struct.pack(f">i{len(values)}d", len(values), *values), attributes)


def integers(values: Sequence[int], **attributes: R) -> R:
    """Return a vector of whole numbers."""
    return R(13, struct.pack(f">i{len(values)}i", len(values), *values), attributes)


def strings(values: Sequence[str | None], **attributes: R) -> R:
    """Return a vector of text; None is NA."""
    return R(16, struct.pack(">i", len(values)) + b"".join(map(_char, values)), attributes)


def listed(values: Sequence[R], **attributes: R) -> R:
    """Return a list."""
    return R(19, struct.pack(">i", len(values)) + b"".join(each.raw for each in values), attributes)


def data_frame(columns: dict[str, R], rows: Sequence[str]) -> R:
    """Return a data frame with row names."""
    more = {"row.names": strings(rows), "class": strings(["data.frame"])}
    return listed(list(columns.values()), names=strings(list(columns)), **more)


def rds(each: R) -> bytes:
    """Return a file of one object, not compressed."""
    return b"X\n" + struct.pack(">iii", 2, 0x00030500, 0x00020300) + each.raw


def rdata(objects: dict[str, R]) -> bytes:
    """Return a workspace, not compressed."""
    return b"RDX2\nX\n" + struct.pack(">iii", 2, 0x00030500, 0x00020300) + _pairlist(objects)
