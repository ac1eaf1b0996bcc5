"""The first thing that is done for a large study: its folder is made, and its inputs are written to it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from eventstudy.atomic import replace_file, sync_folder
from eventstudy.engine.study_folder import (
    FORMAT_VERSION,
    SCRATCH,
    StudyFolder,
    document_of,
    inputs_of,
    open_folder,
    remove_left,
)
from eventstudy.errors import OutputError
from eventstudy.results.manifest import LARGE, STUDY


def prepared(
    path: Path,
    request: Mapping[str, Any],
    write: Callable[[Path], Mapping[str, Any]],
) -> StudyFolder:
    """Return the folder of a study, which is prepared unless it is there.

    Several processes may do so at once: each prepares the same, and the first to be done is taken.

    Parameters
    ----------
    request
        All on which the result depends; JSON.
    write
        Writes the inputs to a folder, and returns what else is to be known of them.

    Raises
    ------
    OutputError
        The folder holds another study or files of others, or cannot be written.
    """
    request = json.loads(json.dumps(request))
    key = key_of(request)
    found = document_of(path)
    if found is None:
        _refuse_others(path)
        made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        try:
            found = _prepare(path, key, request, write)
        except BaseException:
            if made:
                with suppress(OSError):  # another process may prepare the same
                    path.rmdir()
            raise
    if found["key"] != key:
        problem = (
            f"holds another study: it differs in {', '.join(_changed(found.get('request', {}), request))}"
        )
        raise OutputError(path, problem, "name another folder")
    return open_folder(path)


def _changed(before: Mapping[str, Any], request: Mapping[str, Any]) -> list[str]:
    """Return what of a request is another than it was: fields of the design and of the reading by name."""
    changed: list[str] = []
    for name, value in request.items():
        was = before.get(name)
        if isinstance(value, dict) and isinstance(was, dict):
            changed += [f"{name}.{field}" for field in {**was, **value} if was.get(field) != value.get(field)]
        elif was != value:
            changed.append(name)
    return changed


def _prepare(
    path: Path, key: str, request: Mapping[str, Any], write: Callable[[Path], Mapping[str, Any]]
) -> dict[str, Any]:
    remove_left(path)
    scratch = Path(tempfile.mkdtemp(dir=path, prefix=SCRATCH))
    try:
        about = write(scratch)
        for file in scratch.iterdir():
            with file.open("rb+") as written:
                os.fsync(written.fileno())
        scratch.chmod(0o755)
        with suppress(OSError):  # another process was faster; it wrote the same
            scratch.rename(inputs_of(path, key))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    document = {
        "format": LARGE,
        "format_version": FORMAT_VERSION,
        "key": key,
        "request": request,
        **about,
    }
    if (faster := document_of(path)) is None:
        replace_file(path / STUDY, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
        sync_folder(path)
    return faster or document


def key_of(request: Mapping[str, Any]) -> str:
    """Return the hash of a request."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _refuse_others(path: Path) -> None:
    """Refuse a place that is not free: what killed preparations left does not count."""
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise OutputError(path, "is already there and is no folder", "name another")
    own = (SCRATCH, "inputs-", f".{STUDY}~")
    others = sorted(each.name for each in path.iterdir() if not each.name.startswith(own))
    if others:
        raise OutputError(path, f"is not empty, and no folder of a large study ({others[0]})", "name another")
