"""What no text of the product says: that news moved a stock, or a verdict that the study does not give."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from pages import bundled_page
from panels import REPOSITORY, bundled

from eventstudy.cli.run_text import run_text
from eventstudy.words import LANGUAGES, words

#: A firm-day is named, or it is not: nothing is unusual or significant, and nothing moved anything.
FORBIDDEN = re.compile(
    r"\bmove[ds]?\b|\bunusual|\b(stood|stands?) out\b|\bsignificant\b|\bafter adjustment\b"
    r"|이례적|보정한 뒤|움직였|유의한|유의하",
    re.IGNORECASE,
)
#: A count of p-values below a level, in either language, and the number that chance would give.
COUNTED = re.compile(r"p[^.]*\bbelow \{level\}[^.]*\{n\}|p값 \{level\} 미만[^.]*\{n\}|\{n\}[^.]*p[^.]* below")
DOCUMENTS = ("README.md", *(f"docs/{name}.md" for name in (
    "headline", "index", "quick-start", "reading-the-report", "faq", "python-api", "models-and-tests",
)))  # fmt: skip


def offences(text: str) -> list[str]:
    """Return the forbidden words of a text, each with what stands around it."""
    return [text[max(0, at.start() - 40) : at.end() + 20] for at in FORBIDDEN.finditer(text)]


def of_users() -> list[str]:
    """Return what the study file and its articles say in their own words."""
    rows = bundled().tables["events"].to_pylist()
    own = {str(row[name]) for row in rows for name in ("title", "session_note", "confounders") if row[name]}
    for card in (bundled().manifest.get("articles") or {}).get("cards", {}).values():
        own.add(str(card["reports"]))
    for cited in (bundled().manifest.get("articles") or {}).get("events", {}).values():
        own |= {str(each["note"]) for each in cited if each["note"]}
    return sorted(own, key=len, reverse=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_of_the_words_has_a_forbidden_one(lang: str) -> None:
    """But for the English forms of sentences of tables, where prices move: what is wrong with a series."""
    texts = {key: text for key, text in words(lang).texts.items() if lang != "en" or key[:5] != "told."}
    assert {key: found for key, text in texts.items() if (found := offences(text))} == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_count_of_small_p_values_has_its_expectation_beside_it(lang: str) -> None:
    counting = {key: text for key, text in words(lang).texts.items() if COUNTED.search(text)}
    assert len(counting) >= 3  # the tests of the residuals
    assert [key for key, text in counting.items() if "{expected}" not in text] == []


@pytest.mark.parametrize("width", [60, 120])
def test_nothing_that_is_printed_has_a_forbidden_word(width: int) -> None:
    text = " ".join(" ".join(line.text for line in run_text(bundled().view(), [], width)).split())
    for own in of_users():
        text = text.replace(" ".join(own.split()), "")
    assert offences(text) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_the_bundled_study_has_no_forbidden_word(lang: str) -> None:
    shown = bundled_page(lang).read_text("utf-8").partition('<script id="report-library"')[0]
    text = html.unescape(
        re.sub(r"<bdi>.*?</bdi>|<style>.*?</style>|<td[^>]*>.*?</td>", "", shown, flags=re.DOTALL)
    )
    for own in of_users():
        text = text.replace(own, "")
    assert offences(text) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_for_users_has_a_forbidden_word(document: str) -> None:
    assert offences(Path(REPOSITORY, document).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text", ["The news moved NVDA.", "12 unusual after adjustment", "이례적인 날", "종목이 움직였습니까?"]
)
def test_a_forbidden_word_is_found(text: str) -> None:
    assert offences(text)
    assert COUNTED.search("ARCH, p below {level}: {n} of {of}.")
