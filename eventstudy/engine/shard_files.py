"""A shard on disk: its rows as Parquet files, its sums, and whether they are there and sound."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy.atomic import replace_file
from eventstudy.engine.grid_shards import Kinds, OfLevels, add_levels, first_pass, second_pass
from eventstudy.engine.shard_tables import OF_FIRM_EVENTS, further_rows, shard_tables
from eventstudy.engine.study_folder import SUMS, StudyFolder, open_folder, read_sound
from eventstudy.engine.sums_file import MAGIC, DamagedSumsError, about_sums, sums_as_bytes, sums_of_bytes
from eventstudy.errors import OutputError
from eventstudy.numerics.threads import one_thread
from eventstudy.results.manifest import about_file
from eventstudy.results.outputs.ownership import TABLE_KEY
from eventstudy.results.table_files import conform, write_parts

MARK = b"PAR1"  #: how a Parquet file begins, whole or cut off
FIRST, SECOND, KNOWN = "first", "second", "known"  #: passes, and what the second knows of the first


@one_thread()
def compute_shard(path: Path, number: int, *, resume: bool) -> None:
    """Estimate a shard, and write its tables and then its sums, which say that it is complete.

    Parameters
    ----------
    resume
        A shard that is there and sound is not computed again.

    Raises
    ------
    OutputError
        A file of others is in the way.
    """
    folder = open_folder(path)
    if resume and shard_parts(folder, number) is not None:
        return
    kept = [table for table in OF_FIRM_EVENTS if table in folder.keep]
    targets = {table: folder.file(table, number, ".parquet") for table in kept}
    for target in (*targets.values(), sums_file(folder, FIRST, number)):
        refuse_others(target)
    found = first_pass(folder.shard(number), folder.kinds(second=False), further_rows(folder, number))
    parts = {}
    for table, in_parts in shard_tables(folder, number, found.rows.listed()).items():
        content, rows = as_parquet(table, in_parts, folder)
        write(targets[table], content)
        checksum = hashlib.sha256(content).hexdigest()
        parts[table] = {"file": f"{table}/{targets[table].name}", "rows": rows, "sha256": checksum}
    skipped = int((found.rows.events["status"] != "ok").sum())
    about = {"key": folder.key, "parts": parts, "skipped": skipped}
    write(sums_file(folder, FIRST, number), sums_as_bytes(found.sums, about))


@one_thread()
def compute_second(path: Path, number: int) -> None:
    """Estimate a shard anew and write its sums of the second pass, unless they are there and sound."""
    folder = open_folder(path)
    target = sums_file(folder, SECOND, number)
    if about(target, folder.key) is not None:
        return
    refuse_others(target)
    known = read_sums(folder, KNOWN, 0, folder.known_kinds)
    found = second_pass(folder.shard(number, alone=True), folder.kinds(second=True), known)
    write(target, sums_as_bytes(found.sums, {"key": folder.key}))


def shard_parts(folder: StudyFolder, number: int) -> dict[str, Any] | None:
    """Return what is said of a shard that is complete and sound, None of any other."""
    found = about(sums_file(folder, FIRST, number), folder.key)
    if found is None:
        return None
    whole = all(read_sound(folder.path / part["file"], part["sha256"]) for part in found["parts"].values())
    return found if whole else None


def sums_file(folder: StudyFolder, which: str, number: int) -> Path:
    """Return where the sums of a shard are."""
    return folder.file(SUMS, number, f".{which}")


def about(path: Path, key: str) -> dict[str, Any] | None:
    """Return what a file of sums says of its shard; None where it is not whole, or of another study."""
    try:
        found = about_sums(path.read_bytes())
    except (OSError, DamagedSumsError):
        return None
    return found if found.get("key") == key else None


def read_sums(folder: StudyFolder, which: str, number: int, kinds: Kinds) -> OfLevels:
    """Return the sums of a shard; an OutputError where they are damaged."""
    path = sums_file(folder, which, number)
    try:
        return sums_of_bytes(path.read_bytes(), kinds)
    except (OSError, DamagedSumsError) as error:
        raise OutputError(
            path, f"is damaged ({error})", "run `eventstudy large` again: it computes what is missing"
        ) from error


def added(parts: Iterable[OfLevels]) -> OfLevels:
    """Return the sum of all shards, adding those of about one size: few values are sorted often."""
    stack: list[tuple[int, OfLevels]] = []
    for part in parts:
        height, total = 0, part
        while stack and stack[-1][0] == height:
            total, height = add_levels(stack.pop()[1], total), height + 1
        stack.append((height, total))
    _, whole = stack.pop()
    while stack:
        whole = add_levels(stack.pop()[1], whole)
    return whole


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole, in a folder that is made where it is not there."""
    path.parent.mkdir(exist_ok=True)
    replace_file(path, content)


def refuse_others(path: Path) -> None:
    """Refuse to replace a file that this package did not write; what is damaged under its name is its own."""
    if os.path.lexists(path) and not (path.is_file() and _is_own(path)):
        raise OutputError(
            path, "is already there and is not of this study", "move it, or name another folder"
        )


def _is_own(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
    if path.suffix != ".parquet":
        return MAGIC.startswith(head)
    try:
        return not head or (head.startswith(MARK) and TABLE_KEY in (pq.read_schema(path).metadata or {}))
    except (pa.ArrowException, OSError):
        return True


def as_parquet(name: str, parts: Iterable[pa.Table], folder: StudyFolder) -> tuple[bytes, int]:
    """Return a result table as the bytes of a Parquet file, the same for the same parts, and its rows."""
    said = about_file({**folder.document["versions"], "design": folder.document["request"]["design"]})
    sink = io.BytesIO()
    rows = write_parts((conform(name, part) for part in parts), sink, said)
    return sink.getvalue(), rows
