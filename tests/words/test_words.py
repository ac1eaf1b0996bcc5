"""The languages of the report: each says all that English says, and no more, with the same figures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from string import Formatter

import pytest
from pages import bundled_page

from eventstudy.design import DESIGN_FIELDS
from eventstudy.errors import UnknownNameError
from eventstudy.words import LANGUAGES, words

OTHERS = sorted(set(LANGUAGES) - {"en"})
HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"\b[a-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}\b")  #: three words in a row, none capitalised
PERCENT = re.compile(r"\d+ %")
#: Texts that no language translates: symbols of the field.
SYMBOLS = {"a", "b", "a - b", "n", "N", "t", "AR", "CAR", "AAR", "CAAR", "R²", "SHA-256"}
SYMBOLS |= {"OLS", "WLS", "Fama-MacBeth", "HC1", "HC3"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def plain(text: str) -> str:
    """Return what a text says without its placeholders."""
    return "".join(literal for literal, _, _, _ in Formatter().parse(text))


def faults(english: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    """Name what a language lacks, has too much, leaves empty or leaves in English."""
    yield from (f"{key} is missing" for key in english if key not in other)
    yield from (f"{key} is not in English" for key in other if key not in english)
    for key in english.keys() & other.keys():
        said, told = english[key], other[key]
        if not told.strip():
            yield f"{key} is empty"
        if placeholders(said) != placeholders(told):
            yield f"{key} has other placeholders"
        if sorted(PERCENT.findall(said)) != sorted(PERCENT.findall(told)):
            yield f"{key} has other figures"
        if said == told and said not in SYMBOLS and re.search(r"\w", plain(said)):
            yield f"{key} is in English"


@pytest.mark.parametrize("lang", OTHERS)
class TestEveryLanguage:
    def test_it_has_the_texts_of_english(self, lang: str) -> None:
        assert list(faults(words("en").texts, words(lang).texts)) == []

    def test_it_has_them_in_the_order_of_english(self, lang: str) -> None:
        assert list(words(lang).texts) == list(words("en").texts)


def test_no_english_text_is_empty() -> None:
    assert [key for key, text in words("en").texts.items() if not text.strip()] == []


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("answer.title", None, "is missing"),
        ("answer.titel", "결과", "is not in English"),
        ("answer.title", " ", "is empty"),
        ("answer.large", "종목-사건이 많습니다.", "has other placeholders"),
        ("axis.mde", "최소탐지효과(유의수준 1 %, 검정력 80 %)", "has other figures"),
        ("events.kind", "Kind: {kind}.", "is in English"),
    ],
)
def test_a_fault_is_found(key: str, text: str | None, fault: str) -> None:
    texts = dict(words("ko").texts)
    if text is None:
        del texts[key]
    else:
        texts[key] = text
    assert list(faults(words("en").texts, texts)) == [f"{key} {fault}"]


def test_a_placeholder_that_is_not_filled_is_an_error() -> None:
    with pytest.raises(KeyError):
        words("ko").say("answer.large")


def test_there_is_a_file_for_every_language_and_for_no_other() -> None:
    assert {lang: words(lang).lang for lang in LANGUAGES} == {lang: lang for lang in LANGUAGES}
    with pytest.raises(UnknownNameError):
        words("xx")


def test_no_particle_depends_on_a_name_that_is_not_known() -> None:
    """After a count its noun is known; any other placeholder may end in a vowel or not."""
    counts = {"events", "tickers", "dates", "firm_events", "pairs", "claims", "findings", "asked", "of"}
    counts |= {"sessions", "share", "model"}  # 거래일, 퍼센트, 모형
    after = re.compile(r"\{(\w+)\}(?:[은는이가을를과와로]|으로)(?![가-힣(])")
    found = {key: set(after.findall(text)) - counts for key, text in words("ko").texts.items()}
    assert {key: names for key, names in found.items() if names} == {}


class Page(HTMLParser):
    """A page by its parts: language, headings, captions, and the cells of every table by column."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang = ""
        self.texts: dict[str, list[str]] = {}
        self.hows: list[list[str]] = []
        self.rows: list[list[list[str]]] = []
        self.open: list[list[str]] = []
        self.counted = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "html":
            self.lang = attributes["lang"] or ""
        elif tag == "table":
            self.counted = "id" in attributes  # the first table of the page is a drawing
            if self.counted:
                self.hows.append([])
                self.rows.append([])
        elif tag == "th" and self.counted:
            self.hows[-1].append(attributes["data-how"] or "")
        elif tag == "tr" and self.counted:
            self.rows[-1].append([])
        elif tag in ("title", "h2", "caption", "figcaption"):
            self.texts.setdefault(tag, []).append("")
            self.open = [self.texts[tag]]
        elif tag == "td" and self.counted:
            self.rows[-1][-1].append("")
            self.open = [self.rows[-1][-1]]

    def handle_data(self, data: str) -> None:
        for texts in self.open:
            texts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("title", "h2", "caption", "figcaption", "td"):
            self.open = []

    def figures(self) -> list[list[list[str]]]:
        """Return of every table the cells of the columns that hold figures, row by row."""
        return [
            [[cell for cell, how in zip(row, hows, strict=True) if how != "text"] for row in rows if row]
            for hows, rows in zip(self.hows, self.rows, strict=True)
        ]


@cache
def page(lang: str) -> Page:
    return Page(bundled_page(lang).read_text("utf-8"))


def test_the_korean_page_is_korean() -> None:
    korean = page("ko")
    assert korean.lang == "ko"
    for part in ("title", "h2", "caption", "figcaption"):
        assert korean.texts[part]
        assert [text for text in korean.texts[part] if not HANGUL.search(text)] == [], part
        assert len(korean.texts[part]) == len(page("en").texts[part])


def test_the_korean_page_has_no_run_of_english_words() -> None:
    """But for names, which are isolated, cells of the result tables, sources and the command."""
    shown = bundled_page("ko").read_text("utf-8").partition('<script id="report-library"')[0]
    for element in ("style", "script", "bdi", "tbody", "math", "code", 'span class="quiet"'):
        shown = re.sub(rf"<{element}[^>]*>.*?</{element.split()[0]}>", "", shown, flags=re.DOTALL)
    text = html.unescape(re.sub("<[^>]*>", "\n", shown))
    assert HANGUL.search(text)
    assert ENGLISH.findall(text) == []
    assert ENGLISH.search("the price of it")


def test_the_english_page_has_no_korean() -> None:
    english = page("en")
    assert english.lang == "en"
    assert [text for texts in english.texts.values() for text in texts if HANGUL.search(text)] == []


@pytest.mark.more
def test_the_tables_hold_the_same_figures_in_every_language() -> None:
    english, korean = page("en"), page("ko")
    assert english.hows == korean.hows
    assert english.figures() == korean.figures()
    assert sum(len(row) for rows in english.figures() for row in rows) > 1000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_of_the_design_has_a_name_for_the_reader(lang: str) -> None:
    missing = [name for name in DESIGN_FIELDS if f"design.{name}" not in words(lang).texts]
    assert not missing, f"name {missing} under design: in eventstudy/words/{lang}.yaml"
