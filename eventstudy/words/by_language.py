"""Texts of the user that may be given in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventstudy.errors import UsageError
from eventstudy.words import LANGUAGES

AnyText = str | Mapping[str, str]  #: a text for every language, or one for each language by its code


def first_text(text: AnyText) -> str:
    """Return a text in the language that is given first.

    Examples
    --------
    >>> first_text({"ko": "실적", "en": "results"}), first_text("results")
    ('실적', 'results')
    """
    return text if isinstance(text, str) else next(iter(text.values()))


def in_language(text: AnyText, lang: str) -> str:
    """Return a text in a language, or in the one that is given first where it lacks that language.

    Examples
    --------
    >>> in_language({"en": "results", "ko": "실적"}, "ko"), in_language({"en": "results"}, "ko")
    ('실적', 'results')
    """
    return text if isinstance(text, str) else text.get(lang, first_text(text))


def check_text(name: str, text: Any) -> None:
    """Refuse what is neither a text nor a text by language; a UsageError names the argument."""
    if isinstance(text, str):
        return
    example = '{"en": "results", "ko": "실적"}'
    if not isinstance(text, Mapping) or not text:
        raise UsageError(f"{name} must be text, or a text for each language, such as {example}")
    for lang, each in text.items():
        if lang not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise UsageError(f"{name}: {str(lang)!r} is not the code of a language that is known: {known}")
        if not isinstance(each, str) or not each:
            raise UsageError(f"{name}: the text for {lang} is empty; write it, or remove the language")
