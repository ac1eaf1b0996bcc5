"""The report as a document: the content of the page in its order; a tool that is missing is named."""

from __future__ import annotations

import base64
import re
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from commands import example, said

import eventstudy as es
from eventstudy.errors import OutputError, UnknownNameError
from eventstudy.report.documents import DOCUMENTS, document_format, pdf, save_report
from eventstudy.report.documents import content as contents
from eventstudy.report.documents.content import MOST_ROWS, Grid, Items, Picture, Text, Title, elements
from eventstudy.report.documents.markdown import escaped
from eventstudy.report.page import sections
from eventstudy.report.section import Block, DataTable, Heading, Section
from eventstudy.results.outputs.ownership import CHART_MARK
from eventstudy.study_result import EventStudyResult
from eventstudy.words import LANGUAGES, words

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)  #: a picture of one pixel


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> EventStudyResult:
    return es.load(example(tmp_path_factory.mktemp("documents") / "study") / "results")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no chart, which takes seconds."""
    mark = f"<!-- {CHART_MARK} -->".encode()
    for module, drawing in (("markdown", mark), ("word", DOT)):
        monkeypatch.setattr(f"eventstudy.report.documents.{module}.rendered", lambda *_, of=drawing: of)


def shown(result: EventStudyResult, lang: str = "en") -> list[Any]:
    view = result.view(lang)
    return list(elements(sections(view), view.words))


def test_every_kind_of_block_has_a_writer() -> None:
    assert {block.kind for block in get_args(Block)} == contents.WRITERS.keys()


def test_the_elements_are_those_of_the_page_in_its_order(result: EventStudyResult) -> None:
    made = sections(result.view())
    found = shown(result)
    assert [each.text for each in found if isinstance(each, Title) and each.level == 1] == [
        section.title for section in made
    ]
    tables = [each for each in found if isinstance(each, Grid)]
    (named,) = (block for block in made[0].blocks if getattr(block, "id", "") == "named")
    assert tables[0].rows == named.rows and tables[0].caption == named.caption
    assert not any(
        re.search(r"</?(bdi|b|a|span)\b", each.text) for each in found if isinstance(each, Text | Title)
    )
    assert sum(isinstance(each, Picture) for each in found) > 3 and any(
        isinstance(each, Items) for each in found
    )


def test_a_long_table_is_cut_and_it_is_said() -> None:
    heads = (Heading("a", ("a",), "text", False),)
    rows = tuple((str(at),) for at in range(MOST_ROWS + 1))
    table = DataTable("x", "c", "", heads, rows, ("a",), rows, folded=False)
    _, grid = elements([Section("s", "title", (table,))], words())
    assert (
        isinstance(grid, Grid) and len(grid.rows) == MOST_ROWS and grid.more.startswith("The first 60 of 61")
    )


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_markdown_has_every_text_and_its_pictures_beside_it(
    tmp_path: Path, result: EventStudyResult, lang: str
) -> None:
    files = save_report(result, tmp_path / "study.md", "md", lang)
    text = (tmp_path / "study.md").read_text("utf-8")
    at = 0
    for element in shown(result, lang):
        if isinstance(element, Title | Text):
            at = text.index(escaped(element.text), at)
    pictures = re.findall(r"\]\((study-[^)]+\.svg)\)", text)
    assert {str(tmp_path / name) for name in pictures} == set(files) - {str(tmp_path / "study.md")}
    assert len(pictures) == sum(isinstance(each, Picture) for each in shown(result, lang))
    save_report(result, tmp_path / "study.md", "md", lang)  # its own file
    (tmp_path / "study.md").write_text("mine", "utf-8")
    with pytest.raises(OutputError, match="not an output of eventstudy"):
        save_report(result, tmp_path / "study.md", "md", lang)


@pytest.mark.usefixtures("quick")
def test_a_word_document_has_every_text_table_and_picture(tmp_path: Path, result: EventStudyResult) -> None:
    docx = pytest.importorskip("docx")
    for _ in range(2):  # the second replaces its own
        save_report(result, tmp_path / "study.docx", "docx")
    document = docx.Document(str(tmp_path / "study.docx"))
    expected = shown(result)
    texts = [each.text for each in document.paragraphs]
    at = 0
    for element in expected:
        if isinstance(element, Title | Text):
            at = texts.index(element.text, at)
    grids = [each for each in expected if isinstance(each, Grid)]
    assert len(document.tables) == len(grids)
    for table, grid in zip(document.tables, grids, strict=True):
        assert [[cell.text for cell in row.cells] for row in table.rows] == [
            list(grid.head),
            *map(list, grid.rows),
        ]
    pictures = [each for each in expected if isinstance(each, Picture)]
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert told == [each.description for each in pictures]
    before = (tmp_path / "study.docx").read_bytes()
    save_report(result, tmp_path / "study.docx", "docx")
    assert (tmp_path / "study.docx").read_bytes() == before  # the same content, the same bytes


def test_a_missing_tool_is_named_with_its_remedy(
    tmp_path: Path, result: EventStudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(OutputError, match=r"needs python-docx; pip install .eventstudy-impact\[word\]"):
        save_report(result, tmp_path / "study.docx", "docx")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(OutputError, match="needs a browser that prints it; install Chromium"):
        save_report(result, tmp_path / "study.pdf", "pdf")
    monkeypatch.setattr(pdf, "BROWSERS", ("broken",))
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 3\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(broken))
    with pytest.raises(OutputError, match="did not print the page: no display"):
        save_report(result, tmp_path / "study.pdf", "pdf")
    assert list(tmp_path.iterdir()) == [broken]


@pytest.mark.browser
def test_a_browser_prints_the_page(tmp_path: Path, result: EventStudyResult) -> None:
    if not any(map(shutil.which, pdf.BROWSERS)):
        pytest.skip("no browser on this machine")
    for _ in range(2):  # the second replaces its own
        save_report(result, tmp_path / "study.pdf", "pdf")
    assert (tmp_path / "study.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "out", "form"),
    [(None, None, "html"), (None, "a.DOCX", "docx"), ("md", "a", "md"), (None, "a.x", "html")],
)
def test_the_format_is_stated_or_that_of_the_suffix(name: Any, out: Any, form: str) -> None:
    assert document_format(name, out) == form


def test_an_unknown_format_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=f"allowed: {', '.join(DOCUMENTS)}"):
        document_format("doc", None)
    study = example(tmp_path / "study")
    done = said("report", "--format", "doc", cwd=study)
    assert (done.code, done.err.count("\n")) == (2, 1)
