"""The report as a document: the content of the page in its order; a tool that is missing is named."""

from __future__ import annotations

import base64
import re
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from commands import example, said
from panels import bundled, random_returns, study
from tools import tool

import eventstudy as es
from eventstudy.errors import OutputError, UnknownNameError
from eventstudy.report.documents import DOCUMENTS, document_format, pdf, save_report
from eventstudy.report.documents import content as contents
from eventstudy.report.documents.content import MOST_ROWS, Grid, Items, Picture, Text, Title, elements
from eventstudy.report.documents.markdown import escaped
from eventstudy.report.packing import unpacked
from eventstudy.report.page import chosen, page_view
from eventstudy.report.page_data import blocks_of
from eventstudy.report.section import Block, Card, DataTable, EventList, Heading, Ranked, Section
from eventstudy.report.sections.answer import finding
from eventstudy.results.outputs.ownership import CHART_MARK
from eventstudy.study_result import EventStudyResult
from eventstudy.words import LANGUAGES

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
    view = page_view(result, lang)
    return list(elements(chosen(view), view))


def test_every_kind_of_block_has_a_writer() -> None:
    assert {block.kind for block in get_args(Block)} == contents.WRITERS.keys()


def test_the_elements_are_those_of_the_page_in_its_order(result: EventStudyResult) -> None:
    made = chosen(page_view(result, "en"))
    found = shown(result)
    assert [each.text for each in found if isinstance(each, Title) and each.level == 1] == [
        section.title for section in made
    ]
    tables = [each for each in found if isinstance(each, Grid)]
    (ranked,) = (block for block in made[0].blocks if isinstance(block, Ranked))
    assert tables[0].caption == ranked.caption
    assert [(row[0], row[2], row[3]) for row in tables[0].rows] == [
        (row.ticker, row.day, row.interval) for row in ranked.rows
    ]
    for cells, row in zip(tables[0].rows, ranked.rows, strict=True):
        assert cells[1].endswith(row.title) and cells[1].startswith("\N{DAGGER}") == row.flagged
        assert cells[4].startswith(row.value) and (cells[4] == row.value) == (row.verdict == "not_named")
    cards = [block for block in blocks_of(made) if isinstance(block, Card)]
    titles = [each.text for each in found if isinstance(each, Title) and each.level == 2]
    assert titles[: len(cards)] == [card.title for card in cards]
    for card in cards:
        (grid,) = (each for each in tables if each.caption == card.title)
        assert [row[0] for row in grid.rows] == [each.ticker for each in (*card.panels, *card.more)]
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
    _, grid = elements([Section("s", "title", (table,))], page_view(bundled(), "en"))
    assert (
        isinstance(grid, Grid) and len(grid.rows) == MOST_ROWS and grid.more.startswith("The first 60 of 61")
    )


def test_many_events_are_a_table_of_those_that_the_page_ranks_first(rng: np.random.Generator) -> None:
    result = study(random_returns(rng, ("A",), n=420), [(f"e{n}", "A", 300 + n) for n in range(70)])
    view = page_view(result, "en")
    made = chosen(view, ("events",))
    (listed,) = (block for block in made[0].blocks if isinstance(block, EventList))
    (grid,) = (each for each in elements(made, view) if isinstance(each, Grid))
    ranked = [row["title"] for row in unpacked(listed.rows)]
    assert [row[0] for row in grid.rows] == ranked[:MOST_ROWS] and grid.more.startswith("The first 60 of 70")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("form", ["html", "md", "docx"])
def test_title_author_and_sections_are_those_of_every_format(
    tmp_path: Path, result: EventStudyResult, form: str
) -> None:
    asked: dict[str, Any] = {"title": "AI news", "author": "A. Author", "sections": ("answer", "power")}
    file = tmp_path / f"study.{form}"
    save_report(result, file, form, **asked)
    if form == "docx":
        docx = pytest.importorskip("docx")
        text = "\n".join(each.text for each in docx.Document(str(file)).paragraphs)
    else:
        text = file.read_text("utf-8")
    view = page_view(result, "en")
    assert all(each in text for each in ("AI news", "A. Author", finding(view).split(":")[0]))
    kept, left = (view.words.say(f"{name}.title") for name in ("power", "question"))
    assert kept in text and left not in text
    with pytest.raises(UnknownNameError, match="events"):
        save_report(result, file, form, sections=("evnts",))
    plain = tmp_path / f"plain.{form}"
    save_report(result, plain, form, sections=("answer",))  # without a title it is the finding
    if form == "md":
        assert f"# {escaped(finding(view))}\n" in plain.read_text("utf-8")


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
    tool("BROWSER", *pdf.BROWSERS)
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
