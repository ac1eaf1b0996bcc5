"""Rows as tables of the page: as they are shown, and as they are downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from eventstudy.design import Window
from eventstudy.report.section import ChosenTable, DataTable, Heading
from eventstudy.results.regression_models import coefficient
from eventstudy.schema import TABLES
from eventstudy.words import Words
from eventstudy.words.formatting import (
    car_label,
    count,
    freedom,
    placebo,
    pvalue,
    ratio,
    stated,
)

Row = Mapping[str, Any]
Shown = Mapping[str, Callable[[Row], str]]  #: by field, the text for a row


#: How the fields of a column are written, and whether it is aligned to the right.
WRITERS: dict[str, tuple[Callable[..., str], bool]] = {
    "text": (lambda value: "" if value is None else str(value), False),
    "yes": (lambda value: "●" if value else "", False),
    "ratio": (ratio, True),
    "coefficient": (coefficient, True),
    "p": (pvalue, True),
    "count": (count, True),
    "placebo": (placebo, True),
    "window": (lambda start, end: car_label(Window(start, end)), False),
    "freedom": (freedom, True),
    "stated": (stated, True),
}
#: Those of abnormal figures, percent where they are returns, and the method of `Figures` that writes them.
FIGURES = {
    "percent": "effect",
    "size": "size",
    "interval": "interval",
    "first_interval": "first_interval",
}


def table(
    words: Words,
    id_: str,
    caption: str,
    rows: Sequence[Row],
    columns: Sequence[str],
    source: str = "",
    folded: bool = True,
    names: tuple[str, str] | None = None,
    shown: Shown = MappingProxyType({}),
) -> DataTable:
    """Return rows as a table.

    Parameters
    ----------
    rows
        Of the result table ``source``, perhaps with further fields.
    columns
        ``label:how:fields``: the key of the heading below ``label.``, one of `WRITERS` or `FIGURES`, and the
        fields, separated by commas; ``how`` is text and the field is the label where they are left out.
    names
        The two fields that a chooser filters by.
    shown
        What stands in the place of a field's text.
    """
    headings = tuple(_heading(words, column) for column in columns)
    header = _header(source, rows, headings)
    written = tuple(_written(words, row, headings, shown) for row in rows)
    values = tuple(tuple(_plain(row[column]) for column in header) for row in rows)
    filtered = tuple((row[names[0]], row[names[1]]) for row in rows) if names else ()
    return DataTable(id_, caption, source, headings, written, header, values, folded, filtered)


def chosen_table(
    words: Words,
    id_: str,
    caption: str,
    shown: tuple[str, str],
    columns: Sequence[str],
    header: Sequence[str],
) -> ChosenTable:
    """Return the table of what is chosen in a figure.

    Parameters
    ----------
    shown
        The figure's id, and which of its datasets.
    columns
        As of `table`; each is one field of the dataset.
    header
        Fields of the dataset that are downloaded.
    """
    headings = tuple(_heading(words, column) for column in columns)
    return ChosenTable(id_, caption, *shown, headings=headings, header=tuple(header))


def _heading(words: Words, column: str) -> Heading:
    label, how, fields = [*column.split(":"), "text", ""][:3] if ":" in column else (column, "text", column)
    return Heading(
        words.say(f"label.{label}"), tuple(fields.split(",")), how, how in FIGURES or WRITERS[how][1]
    )


def _header(source: str, rows: Sequence[Row], headings: Sequence[Heading]) -> tuple[str, ...]:
    """Return the columns of the download: those of the result table, or the fields that are shown."""
    if source:
        known = [column.name for column in TABLES[source]]
        return tuple(name for name in known if not rows or name in rows[0])
    return tuple(dict.fromkeys(field for heading in headings for field in heading.fields))


def _written(words: Words, row: Row, headings: Sequence[Heading], shown: Shown) -> tuple[str, ...]:
    def written(each: Heading) -> str:
        values = [row[field] for field in each.fields]
        if each.how in FIGURES:
            return str(getattr(words.figures, FIGURES[each.how])(*values))
        if each.how == "text":
            values = [
                shown[field](row) if field in shown else words.coded(field, row[field])
                for field in each.fields
            ]
        text = WRITERS[each.how][0](*values)
        return text if each.how in ("text", "window") else words.figures.signed(text)

    return tuple(map(written, headings))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
