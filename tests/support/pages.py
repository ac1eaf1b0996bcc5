"""A written report taken apart: its elements, its tables as they are shown, and what its script reads."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from once import built_once
from panels import bundled

from eventstudy.report import report

Attributes = dict[str, str | None]


@dataclass
class ShownTable:
    """A table of the page: where its rows come from, the attributes of its headings, its texts."""

    id: str
    source: str
    caption: str = ""
    headings: list[Attributes] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """The elements of a page: every start tag with its attributes, the text of each script, the tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.scripts: list[tuple[Attributes, str]] = []
        self.tables: dict[str, ShownTable] = {}
        self.inside = ""
        self.table: ShownTable | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.inside = tag
        if tag == "script":
            self.scripts.append((attributes, ""))
        elif tag == "table" and "id" in attributes:
            name = str(attributes["id"]).removeprefix("table-")
            self.table = self.tables[name] = ShownTable(name, attributes.get("data-source") or "")
        elif tag == "th" and self.table:
            self.table.headings.append(attributes)
        elif tag == "tr" and self.table and self.table.headings:
            self.table.rows.append([])
        elif tag == "td" and self.table:
            self.table.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data
        elif self.inside == "td" and self.table:
            self.table.rows[-1][-1] += data
        elif self.inside == "caption" and self.table:
            self.table.caption += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""
        if tag == "table":
            self.table = None

    @cached_property
    def data(self) -> Any:
        """What the page's own script reads."""
        (text,) = (text for attributes, text in self.scripts if attributes.get("id") == "report-data")
        return json.loads(gzip.decompress(base64.b64decode(text)))

    def paths(self, card: str) -> list[dict[str, Any]]:
        """Return the rows that the panels of a card draw."""
        paths = self.data["paths"]
        first, count = paths["places"][card]
        return unpacked(paths["rows"])[first : first + count]

    def download(self, name: str) -> tuple[list[str], list[list[Any]]]:
        """Return header and rows of what the button below a table saves."""
        table = self.data["tables"][name]
        pool = self.data["pools"][table["pool"]]
        return pool["header"], [pool["rows"][place] for place in table["at"]]


def unpacked(packed: Any) -> list[dict[str, Any]]:
    """Return the rows of a packed dataset, as the page's script unpacks them."""
    columns = {
        name: [column["values"][code] for code in column["codes"]] if isinstance(column, dict) else column
        for name, column in packed["columns"].items()
    }
    return [{name: column[at] for name, column in columns.items()} for at in range(packed["n"])]


def bundled_page(lang: str = "en") -> Path:
    """Return the report of the bundled study as a file, which every worker reads."""
    return built_once(
        f"bundled-{lang}.html", lambda path: path.write_text(report(bundled(), lang), encoding="utf-8")
    )


@cache
def page_of_the_bundled_study() -> Page:
    """Return the report of the bundled study taken apart."""
    return Page(bundled_page().read_text(encoding="utf-8"))
