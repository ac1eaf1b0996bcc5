"""Every sentence that the code writes into a table has a form in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from panels import REPOSITORY

from eventstudy.design import DESIGN_FIELDS
from eventstudy.events.claim import CLAIM_FIELDS
from eventstudy.models import MODELS
from eventstudy.significance import TESTS
from eventstudy.soundness import FOUND_IN_READING, RETURN_RULES, RULES, TABLE_RULES
from eventstudy.words import LANGUAGES, texts_of_tests, words
from eventstudy.words.sentences import TOLD, Translator

PACKAGE = REPOSITORY / "eventstudy"
OTHERS = sorted(set(LANGUAGES) - {"en"})
HANGUL = re.compile("[가-힣]")
WORDS = re.compile(r"[a-z]{2,}.*? [a-z]{2,}")  #: two words make a sentence
#: What fills the columns reason, note, session_note, detail and their like.
WRITERS = (
    "assembly", "inference", "models", "panel", "sessions/first.py", "significance", "soundness",
    "specification_curve/tables.py", "prices/claims", "prices/series.py", "prices/cache/revision.py",
    "prices/cache/coverage.py", "prices/corporate_actions/actions.py", "prices/yahoo/bars.py",
    "prices/yahoo/answers.py", "prices/files/source.py", "engine/event_rows.py", "engine/grid_measured.py",
    "engine/grid_shards.py",
)  # fmt: skip
#: Files whose sentences are errors that stop a run, and functions that make nothing else.
REFUSALS = (
    "soundness/units.py",
    "models/refusals.py",
    "panel/index_weights.py",
    "panel/loading.py",
    "panel/given.py",
)
#: Records and calls whose texts are no sentences of tables: documentation, errors, names, patterns.
OTHER_CALLS = re.compile(
    r"(Error|SignificanceTest|NormalReturnModel|Column|Literal|compile|cast|check_kind|PriceStatus|join)$"
)
#: What no table holds: parts of errors, codes of `codes.` and other names, formulas.
ELSEWHERE = {
    "as expected", "one date", "event-induced variance", "fat tails", "left out", "not requested",
    "not testable", "total return", "; quality: flag", "high and low", "no currency",
    ", which the measure", "an index without some members is about returns, not", "is made of",
    "the benchmark has no", "the prices hold no", "is no session of", "is no session of the table",
    "; the next one is", "is infinite", "is not numeric but", "the column", "1 times, first",
    'pip install "eventstudy-impact[models]"', "alpha_i + sum_j b_j R_j", "alpha_i + sum_j b_j R_j,",
    "Data doesn't exist", "Not Found", "Capital Gains", "Stock Splits", "Connection timed out",
    "Resolving timed out", "See http", "its answer is empty", "times the one before",
    "is a column of the event list and a measure; rename the column",
}  # fmt: skip
RECORDED = ("summary", "null", "notes", "references")  #: fields of a test's record, see the words of tests


def sentences(source: str) -> Iterator[str]:
    """Yield the literal parts of the sentences of a module: no docstrings, errors or records."""
    skipped: set[int] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        named = getattr(called, "id", getattr(called, "attr", "")) or ""
        if (
            isinstance(node, ast.Raise)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            or (isinstance(node, ast.keyword) and node.arg in RECORDED)
            or (isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal")
            or OTHER_CALLS.search(named)
        ):
            skipped |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


@cache
def told_parts() -> str:
    """Return what the forms of English say between their placeholders, a line each."""
    forms = [text for key, text in words("en").texts.items() if key.startswith(TOLD)]
    return "\n".join(part for form in forms for part in re.split(r"\{\w+\}", form))


def untold(source: str) -> list[str]:
    """Return the parts of sentences that no form of the words has."""

    def is_told(part: str) -> bool:
        whole = HANGUL.search(Translator("ko").translate(part))
        pieces = (each.strip(" ;:,.()") for each in re.split(r"; |: ", part))
        return bool(whole) or all(each in told_parts() for each in pieces)

    parts = {part.strip() for part in sentences(source)}
    return sorted(part for part in parts - ELSEWHERE if WORDS.search(part) and not is_told(part))


def modules() -> list[Path]:
    found = []
    for name in WRITERS:
        found += sorted((PACKAGE / name).rglob("*.py")) or [PACKAGE / name]
    return [path for path in found if path.relative_to(PACKAGE).as_posix() not in REFUSALS]


def test_every_sentence_of_the_code_has_a_form() -> None:
    """What is missing goes to told: in en.yaml, and its translation to the other languages."""
    left = {path.relative_to(PACKAGE).as_posix(): untold(path.read_text("utf-8")) for path in modules()}
    assert len(left) > 100
    assert {path: parts for path, parts in left.items() if parts} == {}


def test_a_sentence_without_a_form_is_found() -> None:
    source = 'def f(n):\n    """No sentence here."""\n    return f"{n} of them are green; no day 0 {n}"\n'
    assert untold(source) == ["of them are green; no day 0"]
    assert untold('raise ValueError("it is wrong")') == []


@pytest.mark.parametrize("lang", OTHERS)
def test_every_form_is_translated(lang: str) -> None:
    """A sentence made of its form is found again, and is not in English."""
    held = {"date": "2024-05-07", "n": "7", "sum": "7.0%", "ret": "+7.0%", "rest": "",
            "sessions": "7 sessions", "dates": "7 dates", "firm_days": "7 firm-days", "verdict": "confirmed",
            "rule": "spike"}  # fmt: skip
    told = Translator(lang)
    left = []
    for key, form in words("en").texts.items():
        if key.startswith(TOLD):
            names = re.findall(r"\{(\w+)\}", form)
            sentence = form.format_map({name: held.get(name, "X") for name in names})
            if not HANGUL.search(told.translate(sentence)) and HANGUL.search(words(lang).texts[key]):
                left.append(sentence)
    assert left == []


@pytest.mark.parametrize("lang", OTHERS)
class TestEveryCode:
    def test_every_test_says_what_it_is(self, lang: str) -> None:
        texts = texts_of_tests(lang)
        assert {key for name in TESTS for key in (f"{name}.summary", f"{name}.null")} == set(texts)
        assert [key for key, text in texts.items() if not HANGUL.search(text)] == []

    def test_every_model_has_a_name(self, lang: str) -> None:
        assert [name for name in MODELS if f"codes.model.{name}" not in words(lang).texts] == []

    def test_every_model_says_what_is_expected(self, lang: str) -> None:
        told = (Translator(lang).translate(model.summary) for model in MODELS.values())
        assert [text for text in told if re.search(r"\b[a-z]{3,} [a-z]{3,}\b", text)] == []

    def test_every_rule_has_a_name(self, lang: str) -> None:
        rules = {*RULES, *RETURN_RULES, *TABLE_RULES, *FOUND_IN_READING}
        assert [rule for rule in rules if f"codes.rule.{rule}" not in words(lang).texts] == []

    def test_every_choice_of_the_design_has_a_name(self, lang: str) -> None:
        texts = words(lang).texts
        choices = {
            f"codes.{name}.{choice}" for name, each in DESIGN_FIELDS.items() for choice in each.choices
        }
        assert len(choices) > 15 and sorted(choices - set(texts)) == []

    def test_every_claim_has_a_name(self, lang: str) -> None:
        assert [kind for kind in CLAIM_FIELDS if f"codes.claim.{kind}" not in words(lang).texts] == []
