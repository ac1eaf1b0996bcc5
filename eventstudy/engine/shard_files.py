"""A shard on disk: its rows as Parquet files, its sums, and whether they are there and sound."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy._typing import IntArray
from eventstudy.assembly.building import make_table
from eventstudy.atomic import replace_file
from eventstudy.engine.grid_shards import Kinds, OfLevels, Rows, add_levels, first_pass, second_pass
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.engine.study_folder import SUMS, StudyFolder, days, open_folder, read_sound
from eventstudy.engine.sums_file import MAGIC, DamagedSumsError, about_sums, sums_as_bytes, sums_of_bytes
from eventstudy.errors import OutputError
from eventstudy.numerics.arrow import coded_array
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.threads import one_thread
from eventstudy.results.manifest import about_file
from eventstudy.results.outputs.ownership import TABLE_KEY
from eventstudy.results.table_files import conform, write_content
from eventstudy.schema import TABLES

OF_FIRM_EVENTS = ("events", "cars", "abnormal_returns")  #: tables of firm-events that can be kept
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
    found = first_pass(
        folder.shard(number),
        folder.kinds(second=False),
        abnormal_returns="abnormal_returns" in kept,
    )
    tables = _tables(folder, number, found.rows.listed())
    parts = {}
    for table, target in targets.items():
        content = as_parquet(table, tables[table], folder)
        write(target, content)
        checksum = hashlib.sha256(content).hexdigest()
        parts[table] = {"file": f"{table}/{target.name}", "rows": len(tables[table]), "sha256": checksum}
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


def as_parquet(name: str, table: pa.Table, folder: StudyFolder) -> bytes:
    """Return a result table as the bytes of a Parquet file, the same for the same table."""
    said = about_file({**folder.document["versions"], "design": folder.document["request"]["design"]})
    sink = io.BytesIO()
    write_content(conform(name, table), sink, said)
    return sink.getvalue()


def _tables(folder: StudyFolder, number: int, rows: Rows) -> Mapping[str, pa.Table]:
    """Return the tables of the firm-events of a shard, in the order in which they are listed."""
    listed, design = folder.rows(number), folder.design
    _, sessions = folder.axes
    codes = {name: codes_of(listed.column(name)) for name in ("event_id", "ticker")}

    def labels(at: IntArray) -> Columns:
        return {name: coded_array(code[at], names) for name, (code, names) in codes.items()}

    each = np.arange(len(listed))
    reason = listed.column("reason").combine_chunks()
    placed = reason.null_count == len(reason)
    day0 = sessions[np.where(placed, rows.events["session"], 0)] if placed else days(listed, "session")
    own = {name: values for name, values in rows.events.items() if name not in ("ticker", "session")}
    own |= {} if placed else {"reason": np.array(reason.to_pylist(), dtype=object)}
    events = {**labels(each), "session": day0, **own}
    if "when" in listed.column_names:
        when = days(listed, "when")
        shift = (day0 - when).astype(float)
        events |= {"when": np.where(np.isnat(when), "", when.astype(str)).astype(object)}
        events |= {"shift": np.where(np.isnat(day0) | np.isnat(when), np.nan, shift)}
    grouped = {name: listed.column(f"label {name}") for name in folder.document["columns"]}
    known = {name: _coded(column) for name, column in grouped.items() if name in _COLUMNS}
    table = make_table("events", {**events, **known})
    for name, column in grouped.items():
        if name not in _COLUMNS:
            table = table.append_column(name, column)
    found = {"events": table}
    width = np.repeat(each, len(design.car_windows))
    flat = {name: values.ravel() for name, values in rows.cars.items()}
    found["cars"] = make_table("cars", {**labels(width), **flat})
    if rows.abnormal_returns is not None:
        window = design.window
        length = np.repeat(each, window.length)
        tau = np.tile(np.arange(window.start, window.end + 1), len(each))
        flat = {name: values.ravel() for name, values in rows.abnormal_returns.items()}
        at = np.repeat(rows.events["session"], window.length) + tau
        inside = placed & (at >= 0) & (at < len(sessions))
        session = np.where(inside, sessions[np.clip(at, 0, len(sessions) - 1)], np.datetime64("NaT", "D"))
        found["abnormal_returns"] = make_table(
            "abnormal_returns", {**labels(length), "tau": tau, "session": session, **flat}
        )
    return found


_COLUMNS = {column.name for column in TABLES["events"]}


def _coded(column: pa.ChunkedArray) -> pa.Array:
    codes, names = codes_of(column)
    return coded_array(codes, names)
