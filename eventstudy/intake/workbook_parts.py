"""The parts of a workbook before it is read: sizes of sheets, formulas without a value, the epoch of days."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from eventstudy.errors import FileContentError
from eventstudy.intake.corners import Corner, check_area
from eventstudy.intake.excel_97 import check_xls
from eventstudy.intake.unpacking import ZIP, archive_of, part_of

_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PLACE = re.compile(
    rb"<(?:\w+:)?(?:row|c)\b[^>]*?\br\s*=\s*[\"']([A-Z]*)(\d+)[\"'][^>]*?(/?)>"
)  #: a row or a cell: letters of the column, number of the row, a slash where it is empty
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Z]+\d+)[\"']")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b(?P<cell>[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ODS = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*?)(/?)>")
_TIMES = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)[\"']")


def checked_parts(name: str, raw: bytes) -> str:
    """Return how numbers of a workbook are dates: ``excel`` or ``excel-1904``.

    Raises
    ------
    FileContentError
        Parts that define entities, sheets of more than `LARGEST_AREA` cells or with rows
        out of order, a formula without a stored
        value.
    """
    if not raw.startswith(ZIP):
        check_xls(name, raw)
        return "excel"
    with archive_of(name, raw) as archive:
        for part in archive.namelist():
            if part.endswith(".xml") and part.startswith(("xl/worksheets/", "content.xml")):
                _check_sheet(name, part, part_of(name, archive, part))
            elif part.endswith(".bin") and part.startswith("xl/worksheets/"):
                _check_xlsb(name, part_of(name, archive, part))
            elif part.endswith((".xml", ".rels")):
                _check_entities(name, part, part_of(name, archive, part))
        return "excel-1904" if _is_1904(name, archive) else "excel"


def _is_1904(name: str, archive: zipfile.ZipFile) -> bool:
    book = part_of(name, archive, "xl/workbook.xml")
    return re.search(rb"date1904\s*=\s*[\"'](?:1|true)[\"']", book) is not None


def _check_entities(name: str, part: str, xml: bytes) -> None:
    if _ENTITY.search(xml):
        raise FileContentError(name, f"defines entities in {part}", "save it again in a spreadsheet")


def _check_sheet(name: str, part: str, xml: bytes) -> None:
    _check_entities(name, part, xml)
    if part == "content.xml":
        _check_ods(name, xml)
        return
    corner = Corner(name)
    for letters, digits, empty in _PLACE.findall(xml):
        corner.at(int(digits), 1 if empty else _column(letters))
    corner.check()
    for formula in _FORMULA.finditer(xml):
        if b't="str"' not in formula["cell"]:
            cell = _CELL.search(formula["cell"])
            where = cell[1].decode() if cell else part
            problem = f"has a formula without a stored value in {where}"
            raise FileContentError(name, problem, "open it in a spreadsheet and save it, or save the values")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:7]:
        number = 26 * number + letter - ord("A") + 1
    return number


def _check_ods(name: str, xml: bytes) -> None:
    """Add up the cells of each sheet as repeated; empty ones at the end of rows and sheets do not count."""
    rows = columns = width = pending = 0
    for tag, attributes, alone in _ODS.findall(xml):
        if tag == b"table":
            rows = columns = width = pending = 0
            continue
        repeated = int(found[1]) if (found := _TIMES.search(attributes)) else 1
        if tag == b"table-row":
            pending, width = pending + repeated, 0
            continue
        width += repeated
        if b"formula" in attributes and b"value" not in attributes:
            problem = f"has a formula without a stored value in row {rows + pending}"
            raise FileContentError(name, problem, "open it in a spreadsheet and save it")
        if not alone or b"value" in attributes:
            rows, pending = rows + pending, 0
            columns = max(columns, width)
            check_area(name, rows, columns)


def _check_xlsb(name: str, raw: bytes) -> None:
    """Take in the row headers and cells of a binary sheet."""
    corner, row = Corner(name), 1
    for kind, content in _xlsb_records(raw):
        if kind == 0:
            row = int.from_bytes(content[:4], "little") + 1
            corner.at(row, 1)
        elif 1 <= kind <= 11:
            corner.at(row, int.from_bytes(content[:4], "little") + 1)
    corner.check()


def _xlsb_records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(raw):
        kind = size = 0
        for number in range(2):
            if at >= len(raw):
                return
            byte = raw[at]
            at += 1
            kind |= (byte & 0x7F) << (7 * number)
            if not byte & 0x80:
                break
        for number in range(4):
            if at >= len(raw):
                return
            byte = raw[at]
            at += 1
            size |= (byte & 0x7F) << (7 * number)
            if not byte & 0x80:
                break
        yield kind, raw[at : at + size]
        at += size
