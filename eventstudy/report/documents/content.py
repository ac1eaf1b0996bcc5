"""The sections of the page as plain elements: headings, texts, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from eventstudy.charts.chart import ROOM
from eventstudy.report.packing import unpacked
from eventstudy.report.section import DataTable, Figure, Formula, Listing, Paragraph, Section
from eventstudy.words import Words
from eventstudy.words.formatting import count

MOST_ROWS = 60  #: rows of a table that a document shows
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Title:
    """A heading; level 1 is that of a section."""

    level: int
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; ``tone`` as of `Paragraph`."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Items:
    """Sentences one below the other."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A formula or a command."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table: its caption, its head, its first rows, which columns are right-aligned, what is left out."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    more: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart as a Vega-Lite document, and the sentence for readers who cannot see it."""

    id: str
    caption: str
    description: str
    document: Mapping[str, Any]


Element = Title | Text | Items | Code | Grid | Picture


def elements(sections: Iterable[Section], words: Words, level: int = 1) -> Iterator[Element]:
    """Yield the elements of sections in their order; what the page shows on demand has none.

    A chart with a chooser is drawn as the page first shows it, and a chart without rows is left out.
    """
    for section in sections:
        yield Title(level, section.title)
        for block in section.blocks:
            yield from WRITERS[block.kind](block, words)
        yield from elements(section.sections, words, level + 1)


def _plain(html: str) -> str:
    """Return a text of the page without its marks."""
    return unescape(_TAG.sub("", str(html)))


def _paragraph(block: Paragraph, _: Words) -> Iterator[Element]:
    yield Text(_plain(block.html), block.tone)


def _listing(block: Listing, _: Words) -> Iterator[Element]:
    yield Items(tuple(map(_plain, block.items)))


def _formula(block: Formula, _: Words) -> Iterator[Element]:
    yield Code(block.text)


def _table(block: DataTable, words: Words) -> Iterator[Element]:
    if block.folded:  # figures behind a chart, which the page shows on demand
        return
    shown, total = block.rows[:MOST_ROWS], len(block.rows)
    more = words.say("document.more", shown=count(MOST_ROWS), total=count(total))
    yield Grid(
        block.caption,
        tuple(each.title for each in block.headings),
        shown,
        tuple(each.right for each in block.headings),
        more if total > MOST_ROWS else "",
    )


def _figure(block: Figure, _: Words) -> Iterator[Element]:
    datasets = {name: unpacked(rows) for name, rows in block.datasets.items()}
    if all(datasets.values()):
        spec = block.drawings[ROOM]
        document = {**spec, "datasets": {**spec.get("datasets", {}), **datasets}}
        yield Picture(block.id, block.caption, block.description, document)


def _nothing(*_: Any) -> Iterator[Element]:
    return iter(())


#: By the kind of a block; the rows of a chooser, and the chooser of a table, are the script's.
WRITERS: dict[str, Callable[..., Iterator[Element]]] = {
    "paragraph": _paragraph,
    "listing": _listing,
    "formula": _formula,
    "table": _table,
    "figure": _figure,
    "chosen": _nothing,
    "pair": _nothing,
}
