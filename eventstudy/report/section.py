"""`Section` and its blocks, before any HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several; ``html`` is escaped already, names in it are isolated."""

    kind: ClassVar[str] = "paragraph"
    html: str
    tone: str = ""  #: ``lead``, ``quiet``, ``notice``, or none


@dataclass(frozen=True)
class Listing:
    """Sentences one below the other; ``html`` of each is escaped already."""

    kind: ClassVar[str] = "listing"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """A formula or a command, as it would be typed."""

    kind: ClassVar[str] = "formula"
    text: str


@dataclass(frozen=True)
class Heading:
    """A column's heading."""

    title: str
    fields: tuple[str, ...]  #: of a row, that are shown below it
    how: str  #: they are written, see `eventstudy.report.table_blocks.WRITERS`
    right: bool  #: aligned


@dataclass(frozen=True)
class DataTable:
    """A table as it is shown, and as it is downloaded."""

    kind: ClassVar[str] = "table"
    id: str  #: also the name of the downloaded file
    caption: str
    source: str  #: the result table that its rows come from; empty for rows that the page composes
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]  #: texts, as they are shown
    header: tuple[str, ...]  #: columns of the download, named as in the result table
    values: tuple[tuple[Any, ...], ...]  #: of the download, unrounded
    folded: bool = True  #: opens on demand, as tables under charts do
    names: tuple[tuple[str, str], ...] = ()  #: of each row, that a chooser on the page filters by


@dataclass(frozen=True)
class Figure:
    """A chart, and the sentence that describes it to readers who cannot see it."""

    kind: ClassVar[str] = "figure"
    id: str
    caption: str
    description: str
    drawings: Mapping[int, Mapping[str, Any]]  #: Vega-Lite without rows, by width; shared by similar charts
    datasets: Mapping[str, Any]  #: rows, packed by column, by their name in the drawing
    choices: Mapping[str, Any] = field(default_factory=dict)  #: datasets and description by chosen name
    chooser: str = ""  #: what is chosen; empty without a choice, or where other controls make it


@dataclass(frozen=True)
class ChosenTable:
    """The rows of what is chosen in a figure, as a table that the page's script fills."""

    kind: ClassVar[str] = "chosen"
    id: str
    caption: str
    figure: str
    dataset: str
    headings: tuple[Heading, ...]  #: each of one field of the dataset, a text
    header: tuple[str, ...]  #: fields that are downloaded


@dataclass(frozen=True)
class Pair:
    """Two choosers; the table below them shows only rows of the two."""

    kind: ClassVar[str] = "pair"
    table: str
    names: tuple[str, ...]
    first: tuple[str, str]


Block = Paragraph | Listing | Formula | DataTable | Figure | ChosenTable | Pair


@dataclass(frozen=True)
class Section:
    """A part of the page; its id is the anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
