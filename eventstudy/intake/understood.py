"""`Understood`: what was understood of a file, for the line on stderr, the table and the manifest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

MOST_ALONE = 3  #: files of one form that have a line each


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

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Understood:
        """Return what a row of the table ``inputs`` says."""
        remarks = tuple(filter(None, (row["remarks"] or "").split("; ")))
        return cls(
            row["file"],
            row["role"],
            row["layout"],
            row["title"] or "",
            json.loads(row["columns"] or "{}"),
            row["unit"] or "",
            row["dates"] or "",
            row["series"],
            row["rows"],
            str(row["first"] or ""),
            str(row["last"] or ""),
            remarks,
        )

    def row(self) -> dict[str, Any]:
        """Return it as a row of the table ``inputs`` and as JSON."""
        return {
            "file": self.file,
            "role": self.role,
            "layout": self.layout,
            "title": self.title,
            "columns": json.dumps(dict(self.columns), ensure_ascii=False),
            "unit": self.unit,
            "dates": self.dates,
            "series": self.n_series,
            "rows": self.n_rows,
            "first": self.first or None,
            "last": self.last or None,
            "remarks": "; ".join(self.remarks),
        }

    def sentence(self) -> str:
        """Return the line that says what was read."""
        what = {"factors": "factor", "events": "event"}.get(self.role, "series")
        plural = "" if self.n_series == 1 or what == "series" else "s"
        span = f", {self.first} to {self.last}," if self.first else ""
        taken = ", ".join(title for title in dict.fromkeys(self.columns.values()) if title)
        form = f"{self.title} ({taken})" if taken else self.title
        details = "; ".join((form, *self.remarks))
        return f"read {self.n_series:,} {what}{plural}{span} from {self.file}: {details}"


def sentences(read: Sequence[Understood]) -> list[str]:
    """Return a line per file, and one for more than `MOST_ALONE` files of the same form."""
    forms: dict[tuple[Any, ...], list[Understood]] = {}
    for each in read:
        forms.setdefault((each.role, each.layout, each.title, tuple(each.columns.items())), []).append(each)
    return [
        line
        for same in forms.values()
        for line in (
            [_together(same).sentence()] if len(same) > MOST_ALONE else [each.sentence() for each in same]
        )
    ]


def _together(same: Sequence[Understood]) -> Understood:
    counts = Counter(remark for each in same for remark in each.remarks)
    remarks = (
        remark if count == len(same) else f"{remark} ({count} files)" for remark, count in counts.items()
    )
    return replace(
        same[0],
        file=f"{len(same):,} files ({same[0].file} to {same[-1].file})",
        n_series=sum(each.n_series for each in same),
        n_rows=sum(each.n_rows for each in same),
        first=min(each.first for each in same),
        last=max(each.last for each in same),
        remarks=tuple(remarks),
    )
