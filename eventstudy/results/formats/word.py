"""Export to Word: tables as a document that a paper or a memo can take."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART
from eventstudy.errors import OutputError
from eventstudy.results.formats.latex import printed
from eventstudy.results.formats.print_table import PrintTable
from eventstudy.results.formats.workbook import AUTHOR

if TYPE_CHECKING:
    import pyarrow as pa

DOCUMENT, PAPER_DOCUMENT = "tables.docx", "paper.docx"
MARGIN = 2.0  #: of the page, in centimetres
TABLE_POINTS = 8  #: size of the letters of a table
LEAST, MOST = 4, 30  #: letters for which a column has room beside others
STYLE = "Light Shading"  #: rules above, below and under the head, as in print
_STAMP = (1980, 1, 1, 0, 0, 0)  #: of every part of the file: the same content, the same bytes
_XML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_docx(tables: Iterable[tuple[str, pa.Table]], folder: Path) -> None:
    """Write tables one below the other to one document, ``tables.docx``, numbers to four decimals.

    Raises
    ------
    OutputError
        python-docx is not installed.
    """
    document = new_document()
    for name, table in tables:
        cells = [printed(table[column].to_pylist()) for column in table.column_names]
        right = tuple(_is_number(kind) for kind in table.schema.types)
        add_table(document, name, table.column_names, list(zip(*cells, strict=True)), right)
    save_document(document, folder / f"{DOCUMENT}{PART}")


def write_print_tables(tables: Iterable[PrintTable], folder: Path) -> None:
    """Write tables for a paper to one document, ``paper.docx``."""
    document = new_document()
    for table in tables:
        add_table(document, table.caption, table.head, table.rows, table.numbers, table.notes)
    save_document(document, folder / f"{PAPER_DOCUMENT}{PART}")


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def new_document() -> Any:
    """Return an empty A4 document, or raise an OutputError where python-docx is missing."""
    try:
        import docx
        from docx.shared import Cm, Pt
    except ImportError as error:
        raise OutputError(
            "a Word document", "needs python-docx", 'pip install "eventstudy-impact[word]"'
        ) from error
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)
    document.styles["Normal"].font.size = Pt(10)
    properties = document.core_properties
    properties.author, properties.created = AUTHOR, datetime.datetime(2000, 1, 1)
    properties.last_modified_by, properties.modified = AUTHOR, datetime.datetime(2000, 1, 1)
    return document


def add_table(
    document: Any,
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    notes: str = "",
) -> None:
    """Add a table with a caption above and notes below; its head repeats on every page.

    A row of one cell is a heading of those below it.
    """
    document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
    table = document.add_table(rows=0, cols=len(head), style=STYLE)
    _plain(table._tbl)
    lines = [(head, True), *((row, False) for row in rows)]
    for cells, repeats in lines:
        filled = (*cells, *[""] * (len(head) - len(cells)))
        _add_line(table._tbl, filled, right, repeats)
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    longest = [max(len(row[at]) for row, _ in lines if len(row) == len(head)) for at in range(len(head))]
    widths = [min(max(letters, LEAST), MOST) for letters in longest]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = int(room * width / sum(widths))
    document.add_paragraph(notes)


def _plain(body: Any) -> None:
    """Switch off the bands and the bold first column of the style."""
    look = body.find(f".//{{{_XML}}}tblLook")
    look.attrib.clear()
    for name, on in (("firstRow", "1"), ("noHBand", "1"), ("noVBand", "1")):
        look.set(f"{{{_XML}}}{name}", on)


def _add_line(body: Any, cells: Sequence[str], right: Sequence[bool], repeats: bool) -> None:
    """Append a row as XML, which is many times as fast as cell by cell; ``repeats`` on every page."""
    line = _child(body, "tr")
    if repeats:
        _child(_child(line, "trPr"), "tblHeader")
    for text, aligned in zip(cells, right, strict=True):
        paragraph = _child(_child(line, "tc"), "p")
        look = _child(paragraph, "pPr")
        _child(look, "spacing", after="0")
        if aligned:
            _child(look, "jc", val="right")
        run = _child(paragraph, "r")
        _child(_child(run, "rPr"), "sz", val=str(2 * TABLE_POINTS))
        written = _child(run, "t")
        written.text = "".join(letter for letter in text if letter.isprintable())
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _child(parent: Any, name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    child = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        child.set(f"{{{_XML}}}{key}", value)
    parent.append(child)
    return child


def save_document(document: Any, file: Path) -> None:
    """Save a document; the same content gives the same bytes."""
    content = io.BytesIO()
    document.save(content)
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, _STAMP), before.read(name), zipfile.ZIP_DEFLATED)
