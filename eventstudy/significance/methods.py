"""What a test of significance is, in words and formulas: read from the docstring of its function."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from eventstudy.significance import TESTS, SignificanceTest

_SECTION = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
_FORMULA = re.compile(r"^\.\. math::(.*(?:\n+[ \t]+\S.*)*)", re.MULTILINE)


@dataclass(frozen=True)
class Method:
    """One test as a reader of results needs it.

    Attributes
    ----------
    test
        Its row of the registry.
    summary
        What it computes, one sentence.
    formulas
        In LaTeX, without delimiters.
    notes
        Null hypothesis, assumptions, missing values; paragraphs of plain text.
    references
        Where it comes from, with DOI and equation.
    """

    test: SignificanceTest
    summary: str
    formulas: tuple[str, ...]
    notes: tuple[str, ...]
    references: str


def method(name: str) -> Method:
    """Return what the test of this name is.

    Examples
    --------
    >>> method("bmp_t").summary
    'Test the mean standardised abnormal return against its own cross-section.'
    """
    test = TESTS[name]
    summary, *sections = _SECTION.split(inspect.getdoc(test.function) or "")
    text = dict(zip(sections[::2], sections[1::2], strict=True))
    further = summary.strip().split("\n\n")
    notes = text.get("Notes", "")
    formulas = tuple(_joined(found) for found in _FORMULA.findall(notes))
    prose = [*further[1:], *re.split(r"\n\s*\n", _FORMULA.sub("", notes))]
    return Method(
        test=test,
        summary=_joined(further[0]),
        formulas=formulas,
        notes=tuple(paragraph for part in prose if (paragraph := _joined(part))),
        references=_joined(text.get("References", "")) or test.reference,
    )


def _joined(text: str) -> str:
    return " ".join(text.split())
