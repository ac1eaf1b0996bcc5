"""What was understood of price files, written into a study file: the block ``data``, comments kept."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from eventstudy.atomic import replace_file
from eventstudy.errors import EventsFileError
from eventstudy.events.study_file import read_study
from eventstudy.intake.options import STATEMENTS, UNSTATED, ReadingOptions
from eventstudy.intake.understood import Understood

#: the block as far as its last line that is indented
_BLOCK = re.compile(r"^data:[^\n]*\n(?:[ \t]+[^\n]*\n|\n(?=[ \t]))*", re.MULTILINE)
ORDERS = {"day first": "dmy", "month first": "mdy"}  #: how dates were read, and the option that says so


def save_mapping(
    study: Path, files: Sequence[Path], read: Sequence[Understood], stated: ReadingOptions
) -> dict[str, Any]:
    """Write how files were read into a study file, in place of what it says of them, and return it.

    Raises
    ------
    EventsFileError
        The study file cannot be read, or the files are of several layouts, for which there is one mapping.
    """
    layouts = list(dict.fromkeys(each.layout for each in read))
    if len(layouts) != 1:
        said = ", ".join(layouts) or "none"
        raise EventsFileError(study, f"holds one mapping, and the files are of the layouts {said}")
    read_study(study)
    mapping: dict[str, Any] = {
        "files": [Path(os.path.relpath(file, study.parent)).as_posix() for file in files],
        "layout": layouts[0],
    }
    orders = {ORDERS[each.dates] for each in read if each.dates in ORDERS}
    for statement in (each for each in STATEMENTS if each.key and each.name != "layout"):
        value = getattr(stated, statement.name)
        if statement.name == "date_order" and value is None and len(orders) == 1:
            value = orders.pop()
        if value == getattr(UNSTATED, statement.name):
            continue
        above, _, name = statement.key.rpartition(".")
        (mapping.setdefault(above, {}) if above else mapping)[name] = value
    before = study.read_text("utf-8")
    if closes := (yaml.safe_load(before).get("data") or {}).get("closes"):
        mapping["closes"] = closes  # of what the figures are, not of how they are written
    text = _with_block(before, mapping)
    replace_file(study, text.encode())
    try:
        read_study(study)
    except EventsFileError:
        replace_file(study, before.encode())
        raise
    return mapping


def mapping_lines(mapping: Mapping[str, Any]) -> list[str]:
    """Return the lines of a mapping below ``data:`` of a study file."""
    return [f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in mapping.items()]


def _with_block(text: str, mapping: Mapping[str, Any]) -> str:
    """Return the text of a study file with a block ``data``: in the place of the old one, else at the end."""
    block = "data:\n" + "".join(f"{line}\n" for line in mapping_lines(mapping))
    text = text if text.endswith("\n") else f"{text}\n"
    if _BLOCK.search(text):
        return _BLOCK.sub(lambda _: block, text, count=1)
    return f"{text}\n{block}"
