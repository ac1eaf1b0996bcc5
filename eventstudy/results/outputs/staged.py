"""The files of a staging folder, and the partitions that they may replace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from eventstudy.atomic import PART
from eventstudy.errors import OutputError

_PARTITION = re.compile(r"[^/]+=[^/]*/part-[0-9]+\.parquet")


def partition_folders(files: Sequence[str]) -> set[str]:
    """Return the folders of partitions among some files."""
    return {file.partition("/")[0] for file in files if "/" in file}


def refuse_unknown(files: Sequence[str], where: str | Path) -> None:
    """Raise an OutputError where other files than partitions lie in a folder of them."""
    if foreign := [file for file in files if not _PARTITION.fullmatch(file)]:
        problem = f"would replace what is no partition of ours ({foreign[0]})"
        raise OutputError(where, problem, "move it or name another folder")


def staged_files(stage: Path) -> list[str]:
    """Return the names that the staged files will have."""
    return [file.removesuffix(PART) for file in plain_files(stage)]


def plain_files(folder: Path) -> list[str]:
    """Return the files below a folder, with their folders."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
