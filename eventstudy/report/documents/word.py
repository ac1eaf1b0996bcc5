"""The report as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eventstudy.charts.print_charts import rendered
from eventstudy.report.documents.content import Code, Element, Grid, Items, Picture, Text, Title
from eventstudy.results.formats.word import add_table, new_document, save_document


def write_word(title: str, elements: Iterable[Element], file: Path) -> None:
    """Write a title and elements to one document.

    Raises
    ------
    OutputError
        python-docx is not installed.
    """
    document = new_document()
    document.add_heading(title, 0)
    for element in elements:
        _add(document, element)
    save_document(document, file)


def _add(document: Any, element: Element) -> None:
    match element:
        case Title(level, text):
            document.add_heading(text, min(level, 9))
        case Text(text, tone):
            document.add_paragraph().add_run(text).bold = tone == "lead"
        case Items(texts):
            for text in texts:
                document.add_paragraph(text, style="List Bullet")
        case Code(text):
            document.add_paragraph().add_run(text).font.name = "Consolas"
        case Grid():
            add_table(document, element.caption, element.head, element.rows, element.right, element.more)
        case Picture():
            _add_picture(document, element)


def _add_picture(document: Any, picture: Picture) -> None:
    section = document.sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    content = rendered(picture.document, "png", "double")
    shape = document.add_picture(io.BytesIO(content), width=width)
    shape._inline.docPr.set("descr", picture.description)  # what a screen reader says
    document.add_paragraph(picture.caption, style="Caption")
