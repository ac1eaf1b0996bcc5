"""Write the table of design fields in docs/study-file.md from their records: `python docs/build_design.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from eventstudy.design import DESIGN_FIELDS, DesignField, Window
from eventstudy.models import MODELS

PAGE = Path(__file__).resolve().parent / "study-file.md"
TABLE = re.compile(r"(?<=\| key \| default \| option \| meaning \|\n)(\|.*\n)+")


def page(text: str) -> str:
    """Return the page with the rows of the table as they must be."""
    rows = ["| --- | --- | --- | --- |", *map(_row, DESIGN_FIELDS.values())]
    return TABLE.sub("".join(f"{row}\n" for row in rows), text, count=1)


def _row(record: DesignField[Any, Any]) -> str:
    default = "" if record.default in (None, ()) else f"`{_as_yaml(record.default)}`"
    option = f"({record.no_option})" if record.no_option else f"`{record.option}`"
    names = tuple(MODELS) if record.name == "model" else record.choices
    allowed = f" One of {', '.join(f'`{name}`' for name in names)}." if names else ""
    return f"| `{record.name}` | {default} | {option} | {record.meaning}{allowed} |"


def _as_yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Window):
        return f"[{value.start}, {value.end}]"
    return f"[{', '.join(map(_as_yaml, value))}]" if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
