"""`Column`: one column of a result table, and how columns are written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["key", "text", "date", "tau", "count", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a result table."""

    name: str
    kind: Kind
    unit: str
    meaning: str


def read_columns(text: str) -> tuple[Column, ...]:
    """Read lines of ``name | kind | unit | meaning``."""
    return tuple(Column(*map(str.strip, line.split("|", 3))) for line in text.strip().splitlines())  # type: ignore[arg-type]
