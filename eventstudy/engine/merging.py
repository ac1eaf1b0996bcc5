"""Shards on disk to a whole: their sums added, averages, tests and the manifest written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventstudy.engine.grid_shards import Kinds, OfLevels, both_passes, with_parts
from eventstudy.engine.grid_tables import group_tables, rows_of_sums
from eventstudy.engine.shard_files import (
    FIRST,
    KNOWN,
    SECOND,
    about,
    added,
    as_parquet,
    read_sums,
    refuse_others,
    shard_parts,
    sums_file,
    write,
)
from eventstudy.engine.shard_tables import OF_FIRM_EVENTS
from eventstudy.engine.study_folder import SUMS, StudyFolder, manifest_of, remove_left
from eventstudy.engine.sums_file import sums_as_bytes
from eventstudy.errors import OutputError
from eventstudy.results.manifest import json_ready
from eventstudy.results.table_files import file_name
from eventstudy.schema import TABLES

SHOWN = 10  #: numbers of shards that a message lists


def merge_shards(folder: StudyFolder, second: Callable[[Sequence[int]], None], *, complete: bool) -> None:
    """Add the sums of all shards, and write the tables of groups and the manifest.

    Parameters
    ----------
    second
        Computes the second pass of some shards.
    complete
        Write the tables; else only the second pass is computed, or a part of it.

    Raises
    ------
    OutputError
        A shard is missing or damaged, or a file of others is in the way.
    """
    numbers = range(folder.shards)
    parts = {number: shard_parts(folder, number) for number in numbers}
    _refuse_missing(folder, [number for number in numbers if parts[number] is None])
    targets = [folder.path / file_name(table) for table in ("averages", "tests")]
    for target in targets:
        refuse_others(target)
    _refuse_other_manifest(folder)
    if folder.has_second_pass:
        if about(sums_file(folder, KNOWN, 0), folder.key) is None:
            refuse_others(sums_file(folder, KNOWN, 0))
            whole = _total(folder, FIRST, folder.kinds(second=False), only=folder.known_kinds)
            write(sums_file(folder, KNOWN, 0), sums_as_bytes(whole, {"key": folder.key}))
        second(numbers)
    if not complete:
        return
    sums = _total(folder, FIRST, folder.kinds(second=False))
    if folder.has_second_pass:
        sums = both_passes(sums, _total(folder, SECOND, folder.kinds(second=True)))
    study = folder.study(folder.events.slice(0, 0))
    tables = group_tables(study, rows_of_sums(study, sums, folder.tests))
    single = {}
    for (name, table), target in zip(tables.items(), targets, strict=True):
        content, rows = as_parquet(name, [table], folder)
        write(target, content)
        part = {"file": target.name, "rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
        single[name] = {"rows": rows, "parts": [part]}
    of_parts = [each for each in parts.values() if each is not None]
    document = _manifest(folder, of_parts, single)
    write(manifest_of(folder.path), (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
    for below in ("", SUMS, *folder.keep):
        remove_left(folder.path / below)


def _refuse_missing(folder: StudyFolder, missing: Sequence[int]) -> None:
    if missing:
        shown = ", ".join(map(str, missing[:SHOWN])) + (", ..." if len(missing) > SHOWN else "")
        problem = f"{len(missing)} of {folder.shards} shards are missing or damaged (numbers {shown})"
        raise OutputError(folder.path, problem, "run `eventstudy large` again: it computes these alone")


def _refuse_other_manifest(folder: StudyFolder) -> None:
    path = manifest_of(folder.path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("key") != folder.key:
        raise OutputError(path, "is already there and is not of this study", "move it")


def _total(folder: StudyFolder, which: str, kinds: Kinds, only: Kinds | None = None) -> OfLevels:
    """Return the sums of all shards, of some kinds alone where these are named."""
    each = (read_sums(folder, which, number, kinds) for number in range(folder.shards))
    total = added(each if only is None else (_of_kinds(sums, only) for sums in each))
    return with_parts(folder.levels(folder.events.slice(0, 0)), total) if which == FIRST else total


def _of_kinds(levels: OfLevels, kinds: Kinds) -> OfLevels:
    return tuple(
        {
            measure: replace(
                sums, kinds={kind: taken for kind, taken in sums.kinds.items() if kind in kinds[measure]}
            )
            for measure, sums in level.items()
        }
        for level in levels
    )


def _manifest(
    folder: StudyFolder, shards: Sequence[Mapping[str, Any]], single: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is known of a whole study: the same for the same study, however it was computed."""
    document, kept = folder.document, [table for table in OF_FIRM_EVENTS if table in folder.keep]
    tables = {
        name: {
            "rows": sum(shard["parts"][name]["rows"] for shard in shards),
            "parts": [shard["parts"][name] for shard in shards],
        }
        for name in kept
    } | dict(single)
    skipped = sum(shard["skipped"] for shard in shards)
    return json_ready(
        {
            **document["versions"],
            "format": document["format"],
            "key": folder.key,
            "request": document["request"],
            "design": document["request"]["design"],
            "sources": document["sources"],
            "firm_events": document["firm_events"],
            "skipped": skipped,
            "shards": folder.shards,
            "levels": {level["name"]: len(level["keys"]) for level in document["levels"]},
            "tests": document["tests"],
            "tests_left_out": document["tests_left_out"],
            "tables": tables,
            "not_kept": [name for name in TABLES if name not in tables],
        }
    )
