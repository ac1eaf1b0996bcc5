"""`Understood`: what was understood of a file, for the line on stderr, the table and the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Understood:
    """What a reader took a file for.

    Attributes
    ----------
    file
        Name of the file, with the sheet where there are several.
    role
        ``prices``, ``returns``, ``factors`` or ``events``.
    layout
        Name in the registry of layouts, such as ``crsp-siz``.
    title
        The layout in words: ``CRSP daily``.
    columns
        Title of the column taken for each role: ``{"id": "PERMNO", "date": "date", "return": "RET"}``.
    unit
        ``decimal``, ``percent``, ``price``, ``index``.
    dates
        How dates were read: ``YYYY-MM-DD``, ``day first``, ``SAS days``.
    n_series, n_rows
        Series (or events), and rows of the table.
    first, last
        First and last date, as text; "" where there is none.
    remarks
        What was left out, corrected or not used, each a short phrase: ``3 of C, B taken as missing``.
    """

    file: str
    role: str
    layout: str
    title: str
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    dates: str = ""
    n_series: int = 0
    n_rows: int = 0
    first: str = ""
    last: str = ""
    remarks: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the line that says what was read."""
        what = {"factors": "factor", "events": "event"}.get(self.role, "series")
        plural = "" if self.n_series == 1 or what == "series" else "s"
        span = f", {self.first} to {self.last}," if self.first else ""
        taken = ", ".join(title for title in dict.fromkeys(self.columns.values()) if title)
        form = f"{self.title} ({taken})" if taken else self.title
        details = "; ".join((form, *self.remarks))
        return f"read {self.n_series:,} {what}{plural}{span} from {self.file}: {details}"
