"""A folder on this machine as the destination of files, each written whole or not at all.

A file is written under another name in the folder ``.eventstudy`` of the destination, forced to disk and
moved to its place, so that a reader finds the old file or the new one. That folder is held by a lock: what an
output finds in it was left by one that was killed, and is removed.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from eventstudy.atomic import PART, sync_folder
from eventstudy.errors import OutputError
from eventstudy.results.generations import GENERATIONS
from eventstudy.results.manifest import is_large_study, is_result_folder
from eventstudy.results.outputs.ownership import Overwrite
from eventstudy.results.outputs.staged import partition_folders, plain_files, refuse_unknown, staged_files

WORK = ".eventstudy"  #: folder for what is not complete, inside the destination
LOCK_SECONDS = 60.0  #: how long to wait for another output to the same folder
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/")


@dataclass(frozen=True)
class LocalFolder:
    """A folder on this machine; ``name`` is what the user calls it."""

    path: Path
    name: str

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder to write to, on the same disk, and remove what is left of it."""
        if is_result_folder(self.path) or GENERATIONS in self.path.resolve().parts:
            raise OutputError(self.name, "is a result folder, which the next run replaces", "name another")
        folder = self.path.resolve()
        if any(map(is_large_study, (folder, *folder.parents))):
            raise OutputError(self.name, "is the folder of a large study", "name another")
        made = _make_folder(self.path)
        try:
            with _working_folder(self.path) as work:
                stage = work / "new"
                with suppress(FileNotFoundError):
                    shutil.rmtree(stage)
                stage.mkdir()
                try:
                    yield stage
                finally:
                    shutil.rmtree(stage)
        finally:
            _remove_empty(made)

    def publish(self, stage: Path, overwrite: Overwrite) -> list[str]:
        """Move every file to its place, after a check that none is in the way; old partitions go last."""
        files = staged_files(stage)
        stale = {file for folder in partition_folders(files) for file in self._partitions(folder)} - set(
            files
        )
        for file in files:
            self._check(self.path / file, overwrite)
        for file in files:
            with (stage / f"{file}{PART}").open("rb") as written:
                os.fsync(written.fileno())
        made: list[Path] = []
        try:
            for file in files:
                made += _make_folder((self.path / file).parent)
        except OSError:
            _remove_empty(made)
            raise
        for file in files:
            _put(stage / f"{file}{PART}", self.path / file)
        for file in stale:
            (self.path / file).unlink()
            with suppress(OSError):  # a partition with other files in it
                (self.path / file).parent.rmdir()
        for folder in {(self.path / file).parent for file in files}:
            with suppress(OSError):  # some network file systems cannot; the files themselves are written
                sync_folder(folder)
        return [f"{self.name.rstrip('/')}/{file}" for file in files]

    def _check(self, target: Path, overwrite: Overwrite) -> None:
        """Refuse to replace what must stay: folders, links, inputs, and files of others."""
        for path in (target, *target.parents):
            if path == self.path:
                break
            if path.is_symlink():
                raise OutputError(path, f"is a link to {path.readlink()}", "name that, or remove the link")
        if not target.exists() or is_stream(target):
            return
        if target.is_dir():
            raise OutputError(
                target, "is a folder where a file is to be written", "move it or name another folder"
            )
        overwrite.check(target)

    def _partitions(self, folder: str) -> list[str]:
        """Return the files of an earlier export; OutputError where there are others among them."""
        target = self.path / folder
        if not target.exists():
            return []
        files = plain_files(target) if target.is_dir() else ["a file"]
        refuse_unknown(files, target)
        return [f"{folder}/{file}" for file in files]


@contextmanager
def _working_folder(folder: Path) -> Iterator[Path]:
    """Hold the folder for unfinished files, waiting for another output, and remove it afterwards."""
    from filelock import FileLock, Timeout

    work = folder / WORK
    if work.is_symlink():
        raise OutputError(work, "is a link, where a folder for unfinished files is needed", "remove it")
    lock = work / "lock"
    work.mkdir(exist_ok=True)
    try:
        held = FileLock(lock, timeout=LOCK_SECONDS).acquire().lock
    except Timeout:
        raise OutputError(folder, "another output is being written there", "wait for it") from None
    try:
        yield work
    finally:
        with suppress(OSError):  # an open file cannot be removed everywhere
            lock.unlink()
        held.release()
        _remove_empty([work])


def _put(staged: Path, target: Path) -> None:
    """Move a file to its place; what is a device or a pipe is written to."""
    if is_stream(target):
        copy_to_stream(staged, target)
    else:
        staged.replace(target)


def copy_to_stream(source: Path, stream: Path) -> None:
    """Write the content of a file to a device or a pipe."""
    with source.open("rb") as file, stream.open("wb") as sink:
        shutil.copyfileobj(file, sink)


def is_stream(path: Path) -> bool:
    """Tell whether a path is a device, a pipe or a socket, or a stream of this process."""
    if str(path).startswith(_STREAMS):
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder with its parents and return those that were made, the outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):  # it is not empty
            folder.rmdir()
