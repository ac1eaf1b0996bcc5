"""Writing the report in a format: a page, or a document with the content of the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.report.documents.content import Element, Text, elements
from eventstudy.report.documents.markdown import write_markdown
from eventstudy.report.documents.pdf import print_page
from eventstudy.report.documents.word import write_word
from eventstudy.report.page import chosen, page_view, report
from eventstudy.report.sections.answer import finding, study_line
from eventstudy.results.choosing import one_of
from eventstudy.results.outputs.destination import OWN_ONLY, write_all, write_file
from eventstudy.results.outputs.ownership import Overwrite
from eventstudy.results.view import ResultView

if TYPE_CHECKING:
    from eventstudy.study_result import EventStudyResult

#: Suffixes by format, the usual one first.
DOCUMENTS = {"html": (".html", ".htm"), "docx": (".docx",), "pdf": (".pdf",), "md": (".md",)}


def document_format(name: str | None, out: str | os.PathLike[str] | None) -> str:
    """Return the format of a name, else that of the suffix of a file, else html; or `UnknownNameError`."""
    if name is not None:
        return one_of("report format", name, tuple(DOCUMENTS))
    suffix = Path(os.fspath(out)).suffix.lower() if out is not None else ""
    return next((form for form, suffixes in DOCUMENTS.items() if suffix in suffixes), "html")


def save_report(
    result: EventStudyResult,
    out: str | os.PathLike[str],
    form: str = "html",
    lang: str = "en",
    *,
    title: str | None = None,
    author: str | None = None,
    sections: Sequence[str] = (),
    overwrite: Overwrite = OWN_ONLY,
) -> list[str]:
    """Write the report of a result to a file, replaced as a whole, and return the names of what was written.

    Parameters
    ----------
    form
        ``html`` (the page), ``pdf`` (the page as a browser prints it), ``docx`` or ``md``: the content of the
        page in its order, charts as pictures, in Markdown as SVG files beside it.
    title, author, sections
        As of `eventstudy.report.report`.

    Raises
    ------
    UnknownNameError
        There is no such format, language or section.
    OutputError
        It could not be written, or python-docx or a browser is missing.
    """
    document_format(form, None)

    def page() -> str:
        return report(result, lang, title=title, author=author, sections=sections)

    def content() -> tuple[str, list[Element]]:
        return _content(page_view(result, lang), title, author, sections)

    if form == "md":
        return _markdown(*content(), os.fspath(out), overwrite)
    write: dict[str, Callable[[Path], object]] = {
        "html": lambda staged: staged.write_bytes(page().encode()),
        "pdf": lambda staged: print_page(page(), staged),
        "docx": lambda staged: write_word(*content(), staged),
    }
    return [write_file(out, write[form], suffixes=DOCUMENTS[form], overwrite=overwrite)]


def _content(
    view: ResultView, title: str | None, author: str | None, sections: Sequence[str]
) -> tuple[str, list[Element]]:
    """Return the title, without one the finding, and what follows: the head of the page, and the sections."""
    title = title or view.title
    made = chosen(view, sections)
    about = [view.words.say("page.kind"), study_line(view), *([author] if author else [])]
    head = [Text(" · ".join(about), "quiet"), *([Text(finding(view), "lead")] if title else [])]
    return title or finding(view), [*head, *elements(made, view)]


def _markdown(title: str, content: list[Element], out: str, overwrite: Overwrite) -> list[str]:
    folder, name = os.path.split(out)
    name = name if Path(name).suffix else f"{name}.md"
    return write_all(
        folder or ".", lambda stage: write_markdown(title, content, stage, name), overwrite=overwrite
    )
