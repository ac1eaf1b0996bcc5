"""Sentences that tables hold in English, such as why a firm-event was skipped, in another language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from eventstudy.words import words

Form = tuple[re.Pattern[str], str]  #: the English pattern of a sentence, and its template in a language
TOLD = "told."  #: where the sentences are among the words
#: What a placeholder of a sentence holds; any text where it is not named here.
HOLDS = {
    "date": r"\d{4}-\d\d-\d\d",
    "n": "[0-9,]+(?:\N{EN DASH}[0-9]+)?",
    "sum": r"[\d.]+%",
    "id": r"\S+",
    "ret": r"[+-]?[\d.]+%",
    "rest": r"(?: \(.*\))?",
}
#: Placeholders that hold a sentence, or a word, to be translated as well.
SENTENCES = ("what", "why", "source", "series", "times", "weight")
LISTS = {"names": " and ", "weekdays": " and ", "weights": ", "}  #: several, by what is between them
COUNTS = {"sessions": "session", "dates": "date", "firm_days": "firm_day"}  #: a number with its noun
CODES = ("rule", "verdict")  #: placeholders that hold a code of that name
HOLDS |= {name: rf"[\d,]+ {noun.replace('_', '-')}s?" for name, noun in COUNTS.items()}


@dataclass(frozen=True)
class Translator:
    """Sentences of tables in a language; what it does not know stays as it is.

    Attributes
    ----------
    lang
        The language.
    phrases
        Texts of the user in the language, by the text that the tables hold.
    titles
        Titles of events in the language, by id.
    """

    lang: str
    phrases: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def translate(self, text: str) -> str:
        """Return a sentence, or several with semicolons between them, in the language."""
        parts = self._parts(text)
        if len(parts) == 1:
            return self._sentence(text, _forms(self.lang)) or text
        long = tuple(form for form in _forms(self.lang) if ";" in form[0].pattern)
        if whole := self._sentence(text, long):
            return whole
        return "; ".join(self._sentence(each, _forms(self.lang)) or each for each in parts)

    def _sentence(self, text: str, forms: Iterable[Form]) -> str | None:
        """Return a sentence by the first form that it has, None where it has none."""
        if text in self.phrases:
            return self.phrases[text]
        for form, template in forms:
            if at := form.fullmatch(text):
                return template.format_map(
                    {key: self._held(key, value) for key, value in at.groupdict().items()}
                )
        return None

    def _held(self, key: str, value: str) -> str:
        if key == "id":
            return self.titles.get(value, value)
        if key == "news":
            return self.phrases.get(value, value)
        if key in LISTS:
            return ", ".join(map(self.translate, value.split(LISTS[key])))
        if key in COUNTS:
            number = int(value.partition(" ")[0].replace(",", ""))
            return words(self.lang).counted(COUNTS[key], number)
        if key in CODES:
            return str(words(self.lang).coded(key, value))
        return self.translate(value) if key in SENTENCES else value

    def _parts(self, text: str) -> list[str]:
        """Cut a text at its semicolons, but at none that is part of a phrase."""
        whole = "".join(f"{re.escape(each)}|" for each in self.phrases if "; " in each)
        return [each.strip() for each in re.findall(rf"(?:{whole}(?!; ).)+", text)]


@cache
def _forms(lang: str) -> tuple[Form, ...]:
    """Return the English form of every sentence and its template in a language, in their order."""
    english, own = words("en").texts, words(lang).texts
    named = english if lang == "en" else own
    return tuple((_form(text), named[key]) for key, text in english.items() if key.startswith(TOLD))


def _form(template: str) -> re.Pattern[str]:
    """Return the pattern of a template."""
    parts = re.split(r"\{(\w+)\}", template)
    literals, names = parts[::2], parts[1::2]
    held = [f"(?P<{name}>{HOLDS.get(name, '.+?')})" for name in names]
    return re.compile("".join(a + b for a, b in zip(map(re.escape, literals), [*held, ""], strict=True)))
