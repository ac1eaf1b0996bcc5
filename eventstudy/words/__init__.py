"""The sentences of the report and the charts in every language, and numbers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eventstudy._typing import Measured
from eventstudy.errors import UnknownNameError
from eventstudy.words.formatting import Figures, count, spaced

LANGUAGES = {"en": "English", "ko": "한국어"}  #: code and name of each file beside this module

PERCENT = Figures()


@dataclass(frozen=True, eq=False)
class Words:
    """The texts of one language by key, about one measure; there is one object for each pair.

    Attributes
    ----------
    lang
        Its code, as of the ``lang`` attribute of a page.
    texts
        Templates with ``{placeholders}`` by dotted key.
    figures
        How abnormal figures are written.
    """

    lang: str
    texts: Mapping[str, str]
    figures: Figures = PERCENT

    def say(self, key: str, **values: Any) -> str:
        """Return a text with its placeholders filled; one that is missing is a `KeyError`."""
        return spaced(self.texts[key].format_map(values))

    def coded(self, name: str, value: Any) -> Any:
        """Return what a code of a column or field is called; a value that has no name stays as it is."""
        return self.texts.get(f"codes.{name}.{value}", value)

    def counted(self, noun: str, number: int) -> str:
        """Write a count with its noun, from ``count.<noun>.one`` or ``count.<noun>.many``."""
        return self.say(f"count.{noun}.{'one' if number == 1 else 'many'}", n=count(number))


@cache
def page_words(lang: str = "en", measure: Measured = "returns") -> Words:
    """Return the words as a page is set: one decimal of a percent, no space before %, true minus signs."""
    plain = words(lang, measure)
    texts = {key: text.replace(" %", "%") for key, text in plain.texts.items()}
    return Words(lang, texts, Figures(log=plain.figures.log, digits=1, typographic=True))


@cache
def words(lang: str = "en", measure: Measured = "returns") -> Words:
    """Return the words of a language about a measure.

    Texts are written about returns. For volume and volatility the phrases below ``measures.returns`` are
    replaced by those of the measure, and whole texts by those below its ``texts``.

    Raises
    ------
    UnknownNameError
        There is no file for it.
    """
    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, LANGUAGES)
    own = _read(f"{lang}.yaml")
    if measure == "returns":
        return Words(lang, own)
    of_returns, ours, whole = "measures.returns.", f"measures.{measure}.", f"measures.{measure}.texts."
    phrases = [
        (phrase, own[ours + key.removeprefix(of_returns)])
        for key, phrase in own.items()
        if key.startswith(of_returns)
    ]
    about = {key: text if key.startswith("measures.") else _about(text, phrases) for key, text in own.items()}
    about |= {key.removeprefix(whole): text for key, text in own.items() if key.startswith(whole)}
    return Words(lang, about, Figures(log=True))


@cache
def texts_of_tests(lang: str) -> Mapping[str, str]:
    """Return what tests of significance are, ``bmp_t.summary`` and ``bmp_t.null``; empty in English.

    In English the record of a test says it.
    """
    return {} if lang == "en" else _read(f"{lang}_tests.yaml")


def _read(name: str) -> dict[str, str]:
    """Return the texts of a file beside this module by dotted key."""
    import yaml

    text = (files("eventstudy.words") / name).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where it was compiled
    return dict(_flat("", loader(text).get_single_node()))


def _about(text: str, phrases: Sequence[tuple[str, str]]) -> str:
    for phrase, other in phrases:
        text = text.replace(phrase, other)
    return text


def _flat(prefix: str, node: Any) -> list[tuple[str, str]]:
    """Return the nested texts of a node of YAML, all taken as written, as pairs of dotted key and text."""
    pairs: list[tuple[str, str]] = []
    for name, value in node.value:
        key = f"{prefix}{name.value}"
        pairs += _flat(f"{key}.", value) if value.id == "mapping" else [(key, value.value)]
    return pairs
