"""`Section` and the blocks that it is made of, before any HTML."""

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
class Fact:
    """A headline figure, what it is a figure of, and how sure it is."""

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Facts:
    """Headline figures side by side."""

    kind: ClassVar[str] = "facts"
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Formula:
    """A formula or a command, as it would be typed."""

    kind: ClassVar[str] = "formula"
    text: str


@dataclass(frozen=True)
class Heading:
    """A column's heading: its text, the fields of the row that stand below it, and how they are written."""

    title: str
    fields: tuple[str, ...]
    how: str
    right: bool


@dataclass(frozen=True)
class DataTable:
    """A table as it is shown, and as it is downloaded.

    Attributes
    ----------
    id, caption
        For the page, and for the name of the file.
    source
        The result table that its rows come from; empty where they are put together here.
    headings, rows
        What is shown: texts.
    header, values
        What is downloaded: columns as they are called in the result table, figures unrounded.
    folded
        Whether it opens on demand, as tables under charts do.
    names
        Of each row the names that a chooser on the page filters by; empty for a table without one.
    """

    kind: ClassVar[str] = "table"
    id: str
    caption: str
    source: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    header: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]
    folded: bool = True
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A chart with the sentence that says what it shows, for who cannot see it.

    Attributes
    ----------
    drawings
        Vega-Lite without rows, by the width in pixels that it is made for; one object for charts of a kind.
    datasets
        Rows, packed by column, by the name that the drawing calls them.
    choices
        Datasets and description by the name that is chosen, where one drawing serves for many.
    chooser
        What the reader chooses here; empty where there is no choice, or other controls make it.
    """

    kind: ClassVar[str] = "figure"
    id: str
    caption: str
    description: str
    drawings: Mapping[int, Mapping[str, Any]]
    datasets: Mapping[str, Any]
    choices: Mapping[str, Any] = field(default_factory=dict)
    chooser: str = ""


@dataclass(frozen=True)
class ChosenTable:
    """The rows of what is chosen in a figure, as a table that the page's script fills.

    Attributes
    ----------
    figure, dataset
        The id of the figure, and which of its datasets.
    headings
        As of a `DataTable`; each stands over one field of the dataset, which is a text.
    header
        Fields of the dataset that are downloaded.
    """

    kind: ClassVar[str] = "chosen"
    id: str
    caption: str
    figure: str
    dataset: str
    headings: tuple[Heading, ...]
    header: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two choosers that show of the table below them only the rows of the two."""

    kind: ClassVar[str] = "pair"
    table: str
    names: tuple[str, ...]
    first: tuple[str, str]


Block = Paragraph | Listing | Facts | Formula | DataTable | Figure | ChosenTable | Pair


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes
    ----------
    id, title
        Of the heading; the id is the anchor.
    blocks
        What it shows, in this order.
    sections
        Parts of the part.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
