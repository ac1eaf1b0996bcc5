"""The part of `run` that repeats an earlier run and says what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.columns import aligned
from eventstudy.results.manifest import MANIFEST, complete, read_manifest
from eventstudy.results.reproduction import Difference, differences, exit_code
from eventstudy.results.table_files import conform
from eventstudy.study_result import EventStudyResult


def earlier(file: str) -> dict[str, Any]:
    """Return the manifest that a user names by its file or by the result folder.

    Raises
    ------
    OutputError
        There is none.
    """
    path = Path(file)
    return read_manifest(path.parent if path.name == MANIFEST else path, path)


def verify(call: Call, manifest: dict[str, Any], result: EventStudyResult) -> None:
    """Say what differs between an earlier run and this one, and end with the code of the first cause."""
    conformed = {name: conform(name, table) for name, table in result.tables.items()}
    found = differences(manifest, complete(result.manifest, conformed))
    code = exit_code(found)
    call.document({"same": not code, "differences": [asdict(difference) for difference in found]})
    call.say(_lines(found))
    if code:
        typed = " ".join(["eventstudy", *(manifest.get("command") or [])])
        call.remark(f"This run does not repeat that one, which was made by: {typed}")
        raise typer.Exit(code)
    call.remark("This run repeats that one: the same prices and design give the same tables, bit for bit.")


def _lines(found: list[Difference]) -> Iterator[str]:
    rows = [["", "", "before", "now"]]
    rows += [[each.part, each.name, _short(each.before), _short(each.now)] for each in found]
    for lines in aligned("llll", rows) if found else ():
        yield from lines


def _short(text: str) -> str:
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", text)[:80] or "-"
