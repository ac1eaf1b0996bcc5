"""The generations of a result folder: one is current, one switch replaces it, the one before is kept.

Beside a result path ``results`` lies its shed, ``.generations/results``, with the folders ``0001``, ``0002``
and so on; ``results`` itself is a relative symbolic link to the current one, so the parent folder can move.
A new generation grows as ``new`` and is switched in by one ``os.replace`` of the link. Everything that
changes a shed holds its lock, which the system releases with the process; whatever else lies there is then
the leftover of a run that was killed.

Where the switch needs two steps (links are impossible, or an ordinary folder is in the way) a journal names
the folder to put in place; whoever comes next and finds it finishes the switch.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from eventstudy.errors import OutputError
from eventstudy.results.manifest import is_result_folder
from eventstudy.results.table_files import OWN_NAMES

SHEDS = ".generations"
LOCK_SECONDS = 60.0  #: how long to wait for another run that writes to the same path
_LINK = re.compile(rf"{re.escape(SHEDS)}/[^/]+/\d{{4,}}")


@dataclass(frozen=True)
class Shed:
    """The place beside ``path``, a result path with its parent resolved, where its generations lie."""

    path: Path

    @classmethod
    def of(cls, path: Path) -> Shed:
        """Return the shed of a result path, whose parent need not exist yet."""
        if path.name in ("", ".."):
            raise OutputError(
                path, "is not a name for a result folder", "name one inside it, such as results"
            )
        parent = path.parent.resolve()
        if SHEDS in parent.parts:
            raise OutputError(
                path, "lies inside a result folder, which the next run replaces", "name another"
            )
        return cls(parent / path.name)

    @property
    def folder(self) -> Path:
        """The shed itself."""
        return self.path.parent / SHEDS / self.path.name

    @property
    def new(self) -> Path:
        """The folder in which the next generation grows."""
        return self.folder / "new"

    @property
    def journal(self) -> Path:
        """The file that names a folder to be put in place, while a switch of two steps is under way."""
        return self.folder / "journal"

    def numbers(self) -> list[int]:
        """Return the numbers of the generations in the shed, in order."""
        return sorted(
            int(entry.name) for entry in self.folder.iterdir() if re.fullmatch(r"\d{4,}", entry.name)
        )

    def generation(self, number: int) -> Path:
        """Return the folder of one generation."""
        return self.folder / f"{number:04d}"

    def current(self) -> int | None:
        """Return the number of the generation the link names, if it is a link to this shed."""
        target = self.path.readlink() if self.path.is_symlink() else Path()
        return int(target.name) if target == self._target(target.name) else None

    def _target(self, generation: str) -> Path:
        return Path(SHEDS, self.path.name, generation)

    def link_to(self, generation: str) -> Path:
        """Make a link to a generation, to be moved to the result path; OSError where links are impossible."""
        link = self.folder / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(self._target(generation), target_is_directory=True)
        return link


@contextmanager
def locked(shed: Shed) -> Iterator[None]:
    """Hold the shed, waiting for another process that does."""
    from filelock import FileLock, Timeout

    shed.folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(shed.folder / "lock", timeout=LOCK_SECONDS).acquire()
    except Timeout:
        remedy = "wait for it, or name another folder; the results there are left as they were"
        raise OutputError(shed.path, "another run is writing there", remedy) from None
    with lock:
        yield


def check_place(shed: Shed) -> None:
    """Refuse a path at which something stands that is neither a result of ours nor an empty folder."""
    path, remedy = shed.path, "move it away or name another folder; it is left as it was"
    if path.is_symlink():
        if not _LINK.fullmatch(path.readlink().as_posix()):
            raise OutputError(path, f"is a link to {path.readlink()}, which is not a result of ours", remedy)
    elif path.is_dir():
        names = {entry.name for entry in path.iterdir()}
        if names and not is_result_folder(path):
            raise OutputError(path, "is a folder with other contents, not an old result folder", remedy)
        if foreign := sorted(names - OWN_NAMES):
            raise OutputError(
                path, f"holds {foreign[0]!r} beside old results, which would be replaced", remedy
            )
    elif path.exists():
        raise OutputError(path, "is a file, not a folder", remedy)


def switch(shed: Shed) -> None:
    """Make what has grown in ``shed.new`` the results; what they were becomes the generation before."""
    number = max(shed.numbers(), default=0) + 1
    occupied = os.path.lexists(shed.path)
    ordinary = occupied and not shed.path.is_symlink()
    fresh = shed.generation(number + ordinary) if links_possible(shed) else shed.new
    if fresh != shed.new:
        shed.new.rename(fresh)
    if not ordinary and (fresh != shed.new or not occupied):
        _place(shed, fresh)
        return
    _write_journal(shed, fresh.name)
    _retire(shed.path, shed.generation(number))
    _place(shed, fresh)
    shed.journal.unlink()


def recover(shed: Shed) -> None:
    """Finish a switch that was cut off between its two steps, or forget one that never began."""
    if not shed.journal.exists():
        return
    fresh = shed.folder / shed.journal.read_text(encoding="utf-8")
    if not os.path.lexists(shed.path) and fresh.is_dir():
        _place(shed, fresh)
    shed.journal.unlink()


def sweep(shed: Shed) -> None:
    """Remove what no one needs: leftovers of killed runs, and all generations but the current and the last.

    A generation that a link beside the result path still names (``mv results kept``), or into which someone
    put files of their own, is left alone.
    """
    current = shed.current()
    older = [number for number in shed.numbers() if current is None or number < current]
    kept = {current, max(older, default=None)}
    for number in set(shed.numbers()) - kept:
        folder = shed.generation(number)
        if not _linked_beside(shed, folder) and {entry.name for entry in folder.iterdir()} <= OWN_NAMES:
            shutil.rmtree(folder)
    with suppress(FileNotFoundError):
        shutil.rmtree(shed.new)
    (shed.folder / "link").unlink(missing_ok=True)


def links_possible(shed: Shed) -> bool:
    """Tell whether the result path can be a link that one ``os.replace`` switches."""
    if os.name == "nt":  # there os.replace refuses to replace a link to a folder
        return False
    try:
        shed.link_to("new").unlink()
    except (OSError, NotImplementedError):
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place(shed: Shed, fresh: Path) -> None:
    if fresh == shed.new:
        fresh.rename(shed.path)
    else:
        sync_folder(shed.folder)
        shed.link_to(fresh.name).replace(shed.path)
    sync_folder(shed.path.parent)


def _retire(path: Path, generation: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif any(path.iterdir()):
        path.rename(generation)
    else:
        path.rmdir()


def _write_journal(shed: Shed, fresh: str) -> None:
    draft = shed.folder / "journal.draft"
    with draft.open("w", encoding="utf-8") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(shed.journal)
    sync_folder(shed.folder)


def _linked_beside(shed: Shed, folder: Path) -> bool:
    """Tell whether some link beside the result path names this generation."""
    with os.scandir(shed.path.parent) as entries:
        links = [Path(entry.path) for entry in entries if entry.is_symlink()]
    return any(link.parent / link.readlink() == folder for link in links)
