"""Export to Word: tables as a document that a paper or a memo can take."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eventstudy.atomic import PART
from eventstudy.errors import OutputError
from eventstudy.results.formats.parts import NamedParts, whole
from eventstudy.results.formats.print_table import PrintTable
from eventstudy.results.formats.raw_tables import raw_tables
from eventstudy.results.outputs.ownership import AUTHOR
from eventstudy.words.formatting import letters

DOCUMENT, PAPER_DOCUMENT = "tables.docx", "paper.docx"
MARGIN = 2.0  #: of the page, in centimetres
TABLE_POINTS = 8  #: size of the letters of a table and its notes
FONTS = {"ascii": "Arial", "hAnsi": "Arial", "eastAsia": "Malgun Gothic"}  #: there in most offices
LINE, SIDES = 98, 3  #: letters in a line of a table, and those that the sides of a cell take
LEAST, WORD, TEXT = (
    3,
    24,
    60,
)  #: letters of the narrowest column, of a word that is not broken, and of a text in one line
STYLE = "Light Shading"  #: rules above, below and under the head, as in print
_STAMP = (1980, 1, 1, 0, 0, 0)  #: of every part of the file: the same content, the same bytes
_XML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_docx(tables: NamedParts, folder: Path) -> None:
    """Write tables one below the other to one document, ``tables.docx``, numbers to four decimals.

    A table that is wider than the page is several parts.

    Raises
    ------
    OutputError
        python-docx is not installed.
    """
    document = new_document()
    for name, table in whole(tables):
        for part in raw_tables(name, table, LINE, SIDES):
            _add_print_table(document, part)
    save_document(document, folder / f"{DOCUMENT}{PART}")


def write_print_tables(tables: Iterable[PrintTable], folder: Path) -> None:
    """Write tables for a paper to one document, ``paper.docx``."""
    document = new_document()
    for table in tables:
        _add_print_table(document, table)
    save_document(document, folder / f"{PAPER_DOCUMENT}{PART}")


def _add_print_table(document: Any, table: PrintTable) -> None:
    add_table(document, table.caption, table.head, table.rows, table.numbers, table.notes)


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
    for style in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Caption"):
        _set_fonts(document.styles[style])
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
        if len(cells) == 1 < len(head):
            _add_heading(table._tbl, cells[0], len(head))
        else:
            _add_line(table._tbl, cells, right, repeats)
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    table.autofit = False
    for column, width in zip(table.columns, _widths([head, *rows]), strict=True):
        column.width = int(room * width)
    from docx.shared import Pt

    document.add_paragraph().add_run(notes).font.size = Pt(TABLE_POINTS)


def _set_fonts(style: Any) -> None:
    """Give a style the same letters on every machine that has them, instead of those of its theme."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for letters_of, font in FONTS.items():
        fonts.set(f"{{{_XML}}}{letters_of}", font)


def _widths(lines: Sequence[Sequence[str]]) -> list[float]:
    """Return the share of the page of each column: its longest word, and of what is left for its texts."""
    columns = list(zip(*(line for line in lines if len(line) == len(lines[0])), strict=True))
    words = [SIDES + max(LEAST, min(WORD, max(map(_longest_word, own)))) for own in columns]
    texts = [
        max(word, SIDES + min(TEXT, max(map(letters, own)))) for word, own in zip(words, columns, strict=True)
    ]
    wanted, left = sum(texts) - sum(words), max(LINE - sum(words), 0)
    part = min(left / wanted, 1.0) if wanted else 0.0
    widths = [word + part * (text - word) for word, text in zip(words, texts, strict=True)]
    return [width / sum(widths) for width in widths]


def _longest_word(text: str) -> int:
    return max(map(letters, text.split()), default=0)


def _plain(body: Any) -> None:
    """Switch off the bands and the bold first column of the style."""
    look = body.find(f".//{{{_XML}}}tblLook")
    look.attrib.clear()
    look.set(f"{{{_XML}}}val", "0620")  # the three below as bits, which older readers take
    for name, on in (("firstRow", "1"), ("noHBand", "1"), ("noVBand", "1")):
        look.set(f"{{{_XML}}}{name}", on)


def _add_line(body: Any, cells: Sequence[str], right: Sequence[bool], repeats: bool) -> None:
    """Append a row as XML, which is many times as fast as cell by cell; ``repeats`` on every page."""
    line = _child(body, "tr")
    if repeats:
        _child(_child(line, "trPr"), "tblHeader")
    for text, aligned in zip(cells, right, strict=True):
        _fill(_child(line, "tc"), text, aligned)


def _add_heading(body: Any, text: str, columns: int) -> None:
    """Append a row of one cell across all columns, in italics."""
    cell = _child(_child(body, "tr"), "tc")
    _child(_child(cell, "tcPr"), "gridSpan", val=str(columns))
    _fill(cell, text, italic=True)


def _fill(cell: Any, text: str, right: bool = False, italic: bool = False) -> None:
    paragraph = _child(cell, "p")
    look = _child(paragraph, "pPr")
    _child(look, "spacing", after="0")
    if right:
        _child(look, "jc", val="right")
    _child(_child(look, "rPr"), "sz", val=str(2 * TABLE_POINTS))  # of an empty cell too
    run = _child(paragraph, "r")
    letters_look = _child(run, "rPr")
    if italic:
        _child(letters_look, "i")
    _child(letters_look, "sz", val=str(2 * TABLE_POINTS))
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
