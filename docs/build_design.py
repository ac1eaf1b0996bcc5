"""Write the table of design fields in docs/study-file.md and the committed JSON Schema of the study file.

Both come from the fields' records; tests fail where they are stale. Run `python docs/build_design.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from eventstudy.design import DESIGN_FIELDS, DesignField, MaskDates, Window
from eventstudy.events.json_schema import study_json_schema
from eventstudy.intake.options import STATEMENTS, Statement
from eventstudy.models import MODELS

DOCS = Path(__file__).resolve().parent
PAGE, SCHEMA = DOCS / "study-file.md", DOCS.parent / "eventstudy/events/events.schema.json"
DATA = re.compile(r"(?<=\| key of `data` \| option \| meaning \|\n)(\|.*\n)+")
TABLE = re.compile(r"(?<=\| key \| default \| option \| meaning \|\n)(\|.*\n)+")


def page(text: str) -> str:
    """Return the page with the rows of the table as they must be."""
    rows = ["| --- | --- | --- | --- |", *map(_row, DESIGN_FIELDS.values())]
    text = TABLE.sub("".join(f"{row}\n" for row in rows), text, count=1)
    rows = ["| --- | --- | --- |", *map(_data_row, (each for each in STATEMENTS if each.key))]
    rows.insert(1, "| `files` | `--prices` | Files of prices or returns, relative to the study file. |")
    return DATA.sub("".join(f"{row}\n" for row in rows), text, count=1)


def _data_row(statement: Statement) -> str:
    option = f"`{statement.option}`" if statement.is_option else ""
    allowed = f" One of {', '.join(f'`{word}`' for word in statement.choices)}." if statement.choices else ""
    return f"| `{statement.key}` | {option} | {statement.meaning}{allowed} |"


def _row(record: DesignField[Any, Any]) -> str:
    default = "" if record.default in (None, (), MaskDates()) else f"`{_as_yaml(record.default)}`"
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
    schema = json.dumps(study_json_schema(), indent=2, ensure_ascii=False)
    SCHEMA.write_text(f"{schema}\n", encoding="utf-8")
