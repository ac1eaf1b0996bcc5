"""`Section` and its blocks, before any HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several; ``html`` is escaped already, names in it are isolated."""

    kind: ClassVar[str] = "paragraph"
    html: str
    tone: str = ""  #: ``lead``, ``quiet``, ``notice``, ``control`` (of what the page alone has), or none


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


@dataclass(frozen=True)
class RankedRow:
    """A firm-day with its interval; places are percent of the width of the drawing."""

    ticker: str
    title: str
    target: str  #: anchor of its event
    day: str
    value: str
    interval: str
    side: str  #: ``up`` or ``down``
    verdict: str  #: of `eventstudy.results.firm_day.verdict`
    flagged: bool  #: a confounder was stated
    dot: float
    left: float | None = None  #: of the interval; None without one
    width: float | None = None


@dataclass(frozen=True)
class Ranked:
    """Firm-days ranked, with their intervals: a table that needs no script."""

    kind: ClassVar[str] = "ranked"
    caption: str
    key: str  #: what the marks mean
    rows: tuple[RankedRow, ...]
    ticks: tuple[tuple[float, str], ...]  #: place in percent, and label
    beside: Figure | None = None
    below: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Panel:
    """The head of a ticker's panel on a card; the script draws its path."""

    ticker: str
    value: str
    verdict: str
    chip: str
    told: str  #: interval and p-value
    side: str  #: ``up`` or ``down`` where the interval excludes zero, else empty


@dataclass(frozen=True)
class Terms:
    """Names with what each means; html, escaped already."""

    kind: ClassVar[str] = "terms"
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fold:
    """Blocks that open on demand."""

    kind: ClassVar[str] = "fold"
    title: str
    blocks: tuple[Any, ...]


@dataclass(frozen=True)
class Card:
    """An event: what happened, its tickers' panels, caveats, and what opens on demand."""

    kind: ClassVar[str] = "card"
    id: str  #: the anchor
    name: str
    title: str
    day: str
    told: str  #: the verdict; html, escaped already
    panels: tuple[Panel, ...]
    more: tuple[Panel, ...]  #: opened on demand
    more_label: str
    caveats: tuple[str, ...]  #: html, escaped already
    folds: tuple[Fold, ...]
    paths: Sequence[Mapping[str, Any]]  #: of its panels, as of `eventstudy.charts.paths.panel_rows`


@dataclass(frozen=True)
class EventList:
    """Events as rows of a table that is ranked, sorted and searched; the script fills it and opens cards."""

    kind: ClassVar[str] = "list"
    id: str
    caption: str
    headings: tuple[Heading, ...]
    rows: Mapping[str, Any]  #: packed; texts, and the figures that they are sorted by
    cards: tuple[Card, ...]  #: in the order of the rows


Block = (
    Paragraph
    | Listing
    | Formula
    | DataTable
    | Figure
    | ChosenTable
    | Pair
    | Ranked
    | Terms
    | Fold
    | Card
    | EventList
)


@dataclass(frozen=True)
class Section:
    """A part of the page; its id is the anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    folded: bool = False  #: opens on demand
