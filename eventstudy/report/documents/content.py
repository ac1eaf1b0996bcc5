"""The sections of the page as plain elements: headings, texts, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from eventstudy.charts import chart as charted
from eventstudy.charts.chart import ROOM, Chart
from eventstudy.report.packing import unpacked
from eventstudy.report.section import (
    Card,
    DataTable,
    EventList,
    Figure,
    Formula,
    Listing,
    Paragraph,
    Ranked,
    RankedRow,
    Section,
    Terms,
)
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

MOST_ROWS = 60  #: rows of a table that a document shows
#: Columns of the ranked firm-days, and of the tickers of a card: label, and whether it is a figure.
RANKED = (("ticker", False), ("title", False), ("day0", False), ("interval", True), ("abnormal", True))
PANELS = (("ticker", False), ("abnormal", True), ("interval", True), ("mark", False))
_TAG = re.compile(r"<math.*?</math>|<[^>]+>", re.DOTALL)  #: formulas are the page's


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


def elements(sections: Iterable[Section], view: ResultView, level: int = 1) -> Iterator[Element]:
    """Yield the elements of sections in their order; what opens within one has none.

    A chart with a chooser is drawn as the page first shows it, and a chart without rows is left out.
    """
    for section in sections:
        yield Title(level, section.title)
        for block in section.blocks:
            yield from _written(block, view, level)
        yield from elements(section.sections, view, level + 1)


def _written(block: Any, view: ResultView, level: int) -> Iterator[Element]:
    return WRITERS[block.kind](block, view, level)


def _plain(html: str) -> str:
    """Return a text of the page without its marks."""
    return unescape(_TAG.sub("", str(html))).strip()


def _paragraph(block: Paragraph, *_: Any) -> Iterator[Element]:
    if block.tone != "control":
        yield Text(_plain(block.html), block.tone)


def _listing(block: Listing, *_: Any) -> Iterator[Element]:
    yield Items(tuple(map(_plain, block.items)))


def _formula(block: Formula, *_: Any) -> Iterator[Element]:
    yield Code(block.text)


def _table(block: DataTable, view: ResultView, _: int) -> Iterator[Element]:
    if block.folded:  # figures behind a chart, which the page shows on demand
        return
    yield _grid(
        view,
        block.caption,
        tuple(each.title for each in block.headings),
        block.rows,
        tuple(each.right for each in block.headings),
    )


def _list(block: EventList, view: ResultView, _: int) -> Iterator[Element]:
    columns = [each for each in block.headings if each.fields[1]]  # one that is not sorted by is a drawing
    rows = tuple(tuple(row[each.fields[0]] for each in columns) for row in unpacked(block.rows))
    head = tuple(each.title for each in columns)
    yield _grid(view, block.caption, head, rows, tuple(each.right for each in columns))


def _ranked(block: Ranked, view: ResultView, level: int) -> Iterator[Element]:
    words = view.words

    def cells(row: RankedRow) -> tuple[str, ...]:
        value = row.value
        if row.verdict != "not_named":
            value = f"{value}, {words.say(f'verdicts.{row.verdict}')}"
        return (
            row.ticker,
            f"\N{DAGGER} {row.title}" if row.flagged else row.title,
            row.day,
            row.interval,
            value,
        )

    yield _labelled(view, block.caption, RANKED, tuple(map(cells, block.rows)))
    if any(row.flagged for row in block.rows):
        yield Text(f"\N{DAGGER} {words.say('answer.flagged')}", "quiet")
    for inner in (*block.below, *([] if block.beside is None else [block.beside])):
        yield from _written(inner, view, level)


def _card(block: Card, view: ResultView, level: int) -> Iterator[Element]:
    yield Title(level + 1, block.title)
    yield Text(block.day, "quiet")
    yield Text(_plain(block.told))
    chart = charted(view, "price_paths" if view.measure == "returns" else "car_paths", event=block.name)
    if not chart.empty:
        yield _picture(f"{block.id}--paths", chart)
    rows = tuple((each.ticker, each.value, each.told, each.chip) for each in (*block.panels, *block.more))
    yield _labelled(view, block.title, PANELS, rows)
    for caveat in block.caveats:
        yield Text(_plain(caveat), "quiet")


def _terms(block: Terms, *_: Any) -> Iterator[Element]:
    yield Items(tuple(f"{_plain(term)}: {_plain(told)}" for term, told in block.items))


def _labelled(
    view: ResultView,
    caption: str,
    columns: Sequence[tuple[str, bool]],
    rows: tuple[tuple[str, ...], ...],
) -> Grid:
    head = tuple(view.words.say(f"label.{label}") for label, _ in columns)
    return _grid(view, caption, head, rows, tuple(right for _, right in columns))


def _grid(
    view: ResultView,
    caption: str,
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    right: tuple[bool, ...],
) -> Grid:
    """Return a table with its first rows, and how many there are where some are left out."""
    total = len(rows)
    more = view.words.say("document.more", shown=count(MOST_ROWS), total=count(total))
    return Grid(caption, head, rows[:MOST_ROWS], right, more if total > MOST_ROWS else "")


def _figure(block: Figure, *_: Any) -> Iterator[Element]:
    datasets = {name: unpacked(rows) for name, rows in block.datasets.items()}
    if all(datasets.values()):
        spec = block.drawings[ROOM]
        document = {**spec, "datasets": {**spec.get("datasets", {}), **datasets}}
        yield Picture(block.id, block.caption, block.description, document)


def _picture(id_: str, chart: Chart) -> Picture:
    return Picture(id_, chart.description, chart.description, chart.document(ROOM))


def _nothing(*_: Any) -> Iterator[Element]:
    return iter(())


#: By the kind of a block; what opens on demand, and what a chooser chooses, are the page's alone.
WRITERS: dict[str, Callable[..., Iterator[Element]]] = {
    "paragraph": _paragraph,
    "listing": _listing,
    "formula": _formula,
    "terms": _terms,
    "table": _table,
    "ranked": _ranked,
    "card": _card,
    "list": _list,
    "figure": _figure,
    "chosen": _nothing,
    "pair": _nothing,
    "fold": _nothing,
}
