"""The tables of a result in a language: titles, reasons, notes and what else they say in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventstudy.schema import TABLES
from eventstudy.words.by_language import first_text, in_language
from eventstudy.words.sentences import Translator

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns of text that hold no sentence of the program.
OTHER = {"title", "when", "characteristics", "columns"}
PARTS = {"confounders"}  #: taken apart first, by `eventstudy.results.confounders`


@dataclass(frozen=True, eq=False)
class TablesInLanguage(Mapping[str, "pa.Table"]):
    """Tables by name, their sentences in a language; each is translated when it is first read.

    Attributes
    ----------
    tables
        As a result has them: sentences in English, and the study's texts in its first language.
    texts
        The study's texts by language, as of the manifest.
    lang
        The language.
    """

    tables: Mapping[str, pa.Table]
    texts: Mapping[str, Any]
    lang: str
    _made: dict[str, pa.Table] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self._made:
            self._made[name] = self._translated(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The titles by event id, of events whose title is given by language."""
        return {id_: in_language(title, self.lang) for id_, title in self.texts.get("titles", {}).items()}

    def told(self, text: str) -> str:
        """Return a sentence of a table, or several, in the language."""
        return self._translator.translate(text)

    def phrase(self, text: str) -> str:
        """Return what known news or a confounder says in the language."""
        return self._translator.phrases.get(text, text)

    @cached_property
    def _translator(self) -> Translator:
        phrases = self.texts.get("phrases", ())
        own = {first_text(phrase): in_language(phrase, self.lang) for phrase in phrases}
        named = {} if self.lang == "en" else self.titles  # English sentences have the ids
        return Translator(self.lang, own, named)

    @property
    def _untold(self) -> bool:
        """Whether the sentences stay as they are: English ones, where the user's texts are English first."""
        return self.lang == "en" and all(old == new for old, new in self._translator.phrases.items())

    def _translated(self, name: str) -> pa.Table:
        table = self.tables[name]
        for column in () if self._untold else TABLES[name]:
            if column.kind == "text" and column.name in {*table.column_names} - OTHER - PARTS:
                table = _with(table, column.name, column.name, self._translator.translate)
        if self.titles and {"event_id", "title"} <= set(table.column_names):
            table = _with(table, "title", "event_id", lambda id_: self.titles.get(id_))
        return table


def texts_of(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the study's texts that are given by language; older results have none."""
    return manifest.get("texts") or {}


def tables_in(lang: str, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]) -> TablesInLanguage:
    """Return tables with their sentences in a language."""
    texts = texts_of(manifest)
    return TablesInLanguage(tables.tables if isinstance(tables, TablesInLanguage) else tables, texts, lang)


def _with(table: pa.Table, column: str, by: str, told: Any) -> pa.Table:
    """Return a table with a column written anew for each distinct text of a column, where it has one."""
    from eventstudy.numerics.arrow import encoded, listed, to_arrow

    codes, names = encoded(listed(table[by]))
    written = [*map(told, names), None]
    rows = [written[code] for code in codes.tolist()]
    if not all(written[:-1]) or (codes < 0).any():
        rows = [new or old for new, old in zip(rows, listed(table[column]), strict=True)]
    place = table.column_names.index(column)
    return table.set_column(place, column, to_arrow(rows, table.schema.field(column).type))
