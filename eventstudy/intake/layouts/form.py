"""`Form`: a layout of open, high, low and close by security, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from eventstudy._typing import Closes
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

#: titles of columns in English, by the name of the figure; a form adds its own and takes precedence
ENGLISH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "date": ("date",),
        "open": ("open",),
        "high": ("high",),
        "low": ("low",),
        "close": ("close",),
        "volume": ("volume", "vol"),
        "shares": ("shares outstanding", "outstanding shares", "shares out", "발행주식수", "상장주식수"),
        "currency": ("currency", "ccy", "curr"),
    }
)


@dataclass(frozen=True)
class Form:
    """How a vendor's table of prices is recognised and read; titles are compared as `plain` writes them.

    Attributes
    ----------
    name, title, certain_by
        As of a `Layout`.
    needs, without
        Titles that must be there, and that must not.
    columns
        Titles by name of the figure, and of ``date`` and ``ticker``, the preferred first.
    closes
        What the closes hold; None where it is found out by the figures.
    exchange
        MIC of all securities in such files, "" where it varies.
    zone
        IANA zone whose midnights date a bar, "" where it follows from the exchange of each security.
    remarks
        What is not used, and why.
    """

    name: str
    title: str
    certain_by: str
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closes: Closes | None = None
    exchange: str = ""
    zone: str = ""
    remarks: tuple[str, ...] = ()

    def fits(self, table: Table) -> bool:
        """Whether a table has the titles of the form."""
        titles = {plain(title) for title in table.titles}
        needed, barred = ({plain(title) for title in group} for group in (self.needs, self.without))
        return needed <= titles and not barred & titles

    def titles_of(self, role: str) -> tuple[str, ...]:
        """Return the titles of a role, the preferred first."""
        return self.columns.get(role, ENGLISH.get(role, ()))
