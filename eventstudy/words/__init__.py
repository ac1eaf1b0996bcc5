"""The sentences of the report and the charts in every language, and numbers as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eventstudy.errors import UnknownNameError
from eventstudy.words.formatting import count

LANGUAGES = {"en": "English", "ko": "한국어"}  #: code and name of each file beside this module


@dataclass(frozen=True, eq=False)
class Words:
    """The texts of one language by key; there is one object per language.

    Attributes
    ----------
    lang
        Its code, as of the ``lang`` attribute of a page.
    texts
        Templates with ``{placeholders}`` by dotted key.
    """

    lang: str
    texts: Mapping[str, str]

    def say(self, key: str, **values: Any) -> str:
        """Return a text with its placeholders filled; one that is missing is a `KeyError`."""
        return self.texts[key].format_map(values)

    def counted(self, noun: str, number: int) -> str:
        """Write a count with its noun, from ``count.<noun>.one`` or ``count.<noun>.many``."""
        return self.say(f"count.{noun}.{'one' if number == 1 else 'many'}", n=count(number))


@cache
def words(lang: str = "en") -> Words:
    """Return the words of a language.

    Raises
    ------
    UnknownNameError
        There is no file for it.
    """
    import yaml

    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, LANGUAGES)
    text = (files("eventstudy.words") / f"{lang}.yaml").read_text(encoding="utf-8")
    return Words(lang, dict(_flat("", yaml.safe_load(text))))


def _flat(prefix: str, node: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return nested texts as pairs of dotted key and text."""
    pairs = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        pairs += _flat(f"{key}.", value) if isinstance(value, Mapping) else [(key, str(value))]
    return pairs
