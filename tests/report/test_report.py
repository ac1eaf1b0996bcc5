"""The report: one page, whole, from what is in the tables, with nothing in it that a page could obey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import markupsafe
import numpy as np
import pytest
from commands import example, said
from pages import Page, bundled_page
from pages import page_of_the_bundled_study as page
from panels import bundled, random_returns, study

from eventstudy.errors import UnknownNameError
from eventstudy.report import report
from eventstudy.words.by_language import in_language

SECTIONS = ("answer", "events", "cars", "timeline", "tickers", "compare", "estimation", "power", "question")
BUNDLED_BYTES = 2_500_000  #: an e-mail takes it
LARGE_BYTES = 5_000_000  #: of 500 firm-events, above which a page has no tables for each
HOSTILE = "</script><script>alert(1)</script>\"onload='x' <b>&amp;"


def test_it_has_every_section_in_order_and_one_heading_of_the_first_rank() -> None:
    ids = [attributes.get("id") for tag, attributes in page().tags if tag == "section"]
    assert [name for name in ids if name in SECTIONS] == [name for name in SECTIONS if name in ids]
    assert len(set(ids) & set(SECTIONS)) >= 7
    assert [tag for tag, _ in page().tags].count("h1") == 1
    every = [attributes["id"] for _, attributes in page().tags if attributes.get("id")]
    assert len(every) == len(set(every))


def test_it_asks_nothing_of_any_network() -> None:
    for tag, attributes in page().tags:
        assert tag not in ("iframe", "object", "embed", "link", "base", "img"), tag
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), attributes
        assert "action" not in attributes, tag  # a form of the page's own controls sends nothing
        if tag == "a" and (target := attributes.get("href")):
            assert target.startswith("#"), target
    policies = [a["content"] for tag, a in page().tags if tag == "meta" and "http-equiv" in a]
    assert len(policies) == 1
    assert "default-src 'none'" in str(policies[0])
    assert "unsafe-eval" not in str(policies[0])


def test_links_of_the_contents_lead_to_a_part() -> None:
    ids = {attributes.get("id") for _, attributes in page().tags}
    targets = {str(a["href"])[1:] for tag, a in page().tags if tag == "a" and a.get("href")}
    assert len(targets) > 10
    assert targets <= ids


def test_the_bundled_page_is_small() -> None:
    assert bundled_page().stat().st_size < BUNDLED_BYTES


@pytest.mark.large
def test_a_page_that_shows_less_is_small_and_says_so(rng: np.random.Generator) -> None:
    rows = [(f"e{n}", ticker, 300 + n) for n in range(101) for ticker in "ABCDE"]
    page_ = report(study(random_returns(rng, tuple("ABCDE"), n=420), rows))
    assert len(page_.encode()) < BUNDLED_BYTES
    assert "505 firm-events" in page_


@pytest.mark.large
def test_a_page_of_500_firm_events_can_be_sent(rng: np.random.Generator) -> None:
    rows = [(f"event-{n}", ticker, 300 + n) for n in range(100) for ticker in "ABCDE"]
    written = report(study(random_returns(rng, tuple("ABCDE"), n=420), rows))
    assert "40 of 500 firm-events" in written  # of so many, some residuals are drawn
    assert len(written.encode()) < LARGE_BYTES


def test_title_author_and_sections_are_those_asked_for() -> None:
    asked = {"title": "AI <news>", "author": "A. Author", "sections": ("answer", "methods")}
    written = report(bundled(), **asked)
    made = Page(written)
    assert [a["id"] for tag, a in made.tags if tag == "section"] == ["answer", "methods"]
    assert '<p class="title"><bdi>AI &lt;news&gt;</bdi></p>' in written
    assert "<title>AI &lt;news&gt;</title>" in written and "A. Author" in written
    with pytest.raises(UnknownNameError, match="events"):
        report(bundled(), sections=("evnts",))


def test_it_names_the_articles_and_what_they_report() -> None:
    written = bundled_page().read_text("utf-8")
    cards = bundled().manifest["articles"]["cards"]
    assert len(cards) == 5
    for card in cards.values():
        assert str(markupsafe.escape(in_language(card["reports"], "en"))) in written


@pytest.mark.more
def test_the_same_result_gives_the_same_bytes() -> None:
    assert report(bundled()) == bundled_page().read_text("utf-8")


def test_hostile_text_stays_text(rng: np.random.Generator) -> None:
    rows = [("e", ticker, 300) for ticker in "AB"] + [("f", "A", 340)]
    titles = [HOSTILE, HOSTILE, f"\u202e{HOSTILE}" + "x" * 10_000]
    result = study(random_returns(rng, tuple("AB"), n=400), rows, columns={"title": titles})
    written = report(result)
    harmless = Page(written)
    assert len(harmless.scripts) == len(page().scripts)
    assert "b" not in {tag for tag, _ in harmless.tags}
    assert not any(name.startswith("on") for _, attributes in harmless.tags for name in attributes)
    assert "alert(1)" in written


@pytest.mark.parametrize(
    "rows", [[("only", "A", 300)], [("early", "A", 10)], [("a", "A", 300), ("b", "A", 10)]]
)
def test_odd_results_have_a_page(rng: np.random.Generator, rows: list[Any]) -> None:
    """One firm-event; nothing measured; one of two skipped."""
    written = report(study(random_returns(rng, ("A",), n=400), rows))
    assert "<h1" in written
    assert written.rstrip().endswith("</html>")


class TestTheCommand:
    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return example(tmp_path_factory.mktemp("report") / "study")

    def test_it_writes_the_page(self, folder: Path) -> None:
        done = said("report", "--out", "page.html", "--json", cwd=folder)
        assert done.code == 0
        assert done.document == {"files": ["page.html"]}
        assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    def test_a_folder_that_is_no_result_is_exit_6(self, folder: Path) -> None:
        done = said("report", "nowhere", "--out", "none.html", cwd=folder)
        assert (done.code, done.err.count("\n")) == (6, 1)
        assert not (folder / "none.html").exists()

    def test_an_unknown_language_or_format_is_exit_2(self, folder: Path) -> None:
        for option in (
            ("--lang", "xx"),
            ("--figures", "figures", "--figure-format", "gif"),
            ("--sections", "evnts"),
        ):
            done = said("report", "--out", "none.html", *option, cwd=folder)
            assert (done.code, done.err.count("\n")) == (2, 1)
            assert not (folder / "none.html").exists()
