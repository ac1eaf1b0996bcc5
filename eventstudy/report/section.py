"""`Section`, `Figure` and `DataTable`: what a page is made of, before any HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.words import Words


@dataclass(frozen=True)
class Column:
    """One column of a table: the field it shows, its heading, and whether it holds figures."""

    field: str
    title: str
    figures: bool = False


@dataclass(frozen=True)
class DataTable:
    """A table as it is shown, and as it is downloaded.

    Attributes
    ----------
    id, caption
        For the page, and for the name of the file.
    columns
        What is shown.
    rows
        One mapping per row from field to the text that is shown.
    header, values
        What is downloaded: the columns of the result table as they are called there, and the figures as they
        are, unrounded.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]
    header: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]

    @property
    def download(self) -> dict[str, Any]:
        """Return what the page keeps for the download."""
        return {"name": f"{self.id}.csv", "header": self.header, "values": self.values}


@dataclass(frozen=True)
class Figure:
    """A chart with the sentence that says what it shows, for who cannot see it."""

    id: str
    caption: str
    spec: Mapping[str, Any]
    description: str


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes
    ----------
    id, title
        Of the heading; the id is the anchor.
    paragraphs
        Plain text; the template escapes it.
    figures, tables
        In this order, below the paragraphs.
    sections
        Parts of the part; they are folded where they are many.
    """

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[DataTable, ...] = ()
    sections: tuple[Section, ...] = ()


def data_table(
    id_: str,
    caption: str,
    rows: Sequence[Mapping[str, Any]],
    shown: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    words: Words,
    figures: Sequence[str] = (),
) -> DataTable:
    """Return a table whose headings are ``label.<column>`` of the words.

    Parameters
    ----------
    rows
        Rows of a result table, as they are downloaded.
    shown
        The same rows as text.
    columns, figures
        Fields of ``shown``, and which of them are right-aligned.
    """
    header = tuple(rows[0]) if rows else ()
    return DataTable(
        id=id_,
        caption=caption,
        columns=tuple(Column(name, words.say(f"label.{name}"), name in figures) for name in columns),
        rows=tuple(shown),
        header=header,
        values=tuple(tuple(_plain(row[name]) for name in header) for row in rows),
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
