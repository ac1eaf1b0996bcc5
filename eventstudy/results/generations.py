"""The generations of a result folder: one is current, one switch replaces it, the one before is kept.

The generations of a result path ``results`` are the folders ``0001``, ``0002`` and so on in
``.generations/results``; ``results`` itself is a relative symbolic link to the current one, so the parent
folder can be moved. A new generation is written to ``new`` and put in place by one ``os.replace`` of the
link. Every change is made under a lock, which the system releases with the process; other files there were
left by a run that was killed.

Where the switch needs two steps (links are impossible, or an ordinary folder is in the way) a journal names
the folder to be put in place; the next command that finds it completes the switch.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from eventstudy.atomic import sync_folder
from eventstudy.errors import OutputError
from eventstudy.results.manifest import is_result_folder
from eventstudy.results.table_files import OWN_NAMES

GENERATIONS = ".generations"
LOCK_SECONDS = 60.0  #: how long to wait for another run that writes to the same path
_LINK = re.compile(rf"{re.escape(GENERATIONS)}/[^/]+/\d{{4,}}")


@dataclass(frozen=True)
class ResultGenerations:
    """The folder of the generations of ``path``, a result path whose parent is resolved."""

    path: Path

    @classmethod
    def of(cls, path: Path) -> ResultGenerations:
        """Return the generations of a result path, whose parent need not exist yet."""
        if path.name in ("", ".."):
            raise OutputError(
                path, "is not a name for a result folder", "name one inside it, such as results"
            )
        parent = path.parent.resolve()
        if GENERATIONS in parent.parts:
            raise OutputError(
                path, "lies inside a result folder, which the next run replaces", "name another"
            )
        return cls(parent / path.name)

    @property
    def folder(self) -> Path:
        """The folder that holds them."""
        return self.path.parent / GENERATIONS / self.path.name

    @property
    def new(self) -> Path:
        """The folder to which the next generation is written."""
        return self.folder / "new"

    @property
    def journal(self) -> Path:
        """The file that names the folder to be put in place during a switch of two steps."""
        return self.folder / "journal"

    def numbers(self) -> list[int]:
        """Return their numbers, in order."""
        return sorted(
            int(entry.name) for entry in self.folder.iterdir() if re.fullmatch(r"\d{4,}", entry.name)
        )

    def generation(self, number: int) -> Path:
        """Return the folder of one generation."""
        return self.folder / f"{number:04d}"

    def current(self) -> int | None:
        """Return the number of the generation that the result path links to, if it is such a link."""
        target = self.path.readlink() if self.path.is_symlink() else Path()
        return int(target.name) if target == self._target(target.name) else None

    def _target(self, generation: str) -> Path:
        return Path(GENERATIONS, self.path.name, generation)

    def link_to(self, generation: str) -> Path:
        """Make a link to a generation, to be moved to the result path; OSError where links are impossible."""
        link = self.folder / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(self._target(generation), target_is_directory=True)
        return link


@contextmanager
def locked(generations: ResultGenerations) -> Iterator[None]:
    """Hold the lock, waiting for another process that does."""
    from filelock import FileLock, Timeout

    generations.folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(generations.folder / "lock", timeout=LOCK_SECONDS).acquire()
    except Timeout:
        remedy = "wait for it, or name another folder; the results there are left as they were"
        raise OutputError(generations.path, "another run is writing there", remedy) from None
    with lock:
        yield


def check_path(generations: ResultGenerations) -> None:
    """Refuse a path with anything but a result folder of this package or an empty folder."""
    path, remedy = generations.path, "move it away or name another folder; it is left as it was"
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


def switch(generations: ResultGenerations) -> None:
    """Make ``generations.new`` the results; the results of before become the previous generation."""
    number = max(generations.numbers(), default=0) + 1
    occupied = os.path.lexists(generations.path)
    ordinary = occupied and not generations.path.is_symlink()
    fresh = generations.generation(number + ordinary) if links_possible(generations) else generations.new
    if fresh != generations.new:
        generations.new.rename(fresh)
    if not ordinary and (fresh != generations.new or not occupied):
        _place(generations, fresh)
        return
    _write_journal(generations, fresh.name)
    _retire(generations.path, generations.generation(number))
    _place(generations, fresh)
    generations.journal.unlink()


def complete_switch(generations: ResultGenerations) -> None:
    """Complete a switch that was interrupted between its two steps, or drop one that never began."""
    if not generations.journal.exists():
        return
    fresh = generations.folder / generations.journal.read_text(encoding="utf-8")
    if not os.path.lexists(generations.path) and fresh.is_dir():
        _place(generations, fresh)
    generations.journal.unlink()


def remove_old(generations: ResultGenerations) -> None:
    """Remove leftovers of killed runs, and all generations but the current and the previous one.

    A generation that another link in the parent folder names (``mv results kept``), or that holds files of
    the user, is left alone.
    """
    current = generations.current()
    older = [number for number in generations.numbers() if current is None or number < current]
    kept = {current, max(older, default=None)}
    for number in set(generations.numbers()) - kept:
        folder = generations.generation(number)
        if (
            not _linked_beside(generations, folder)
            and {entry.name for entry in folder.iterdir()} <= OWN_NAMES
        ):
            shutil.rmtree(folder)
    with suppress(FileNotFoundError):
        shutil.rmtree(generations.new)
    (generations.folder / "link").unlink(missing_ok=True)


def links_possible(generations: ResultGenerations) -> bool:
    """Tell whether the result path can be a link that one ``os.replace`` switches."""
    if os.name == "nt":  # there os.replace refuses to replace a link to a folder
        return False
    try:
        generations.link_to("new").unlink()
    except (OSError, NotImplementedError):
        return False
    return True


def _place(generations: ResultGenerations, fresh: Path) -> None:
    if fresh == generations.new:
        fresh.rename(generations.path)
    else:
        sync_folder(generations.folder)
        generations.link_to(fresh.name).replace(generations.path)
    sync_folder(generations.path.parent)


def _retire(path: Path, generation: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif any(path.iterdir()):
        path.rename(generation)
    else:
        path.rmdir()


def _write_journal(generations: ResultGenerations, fresh: str) -> None:
    draft = generations.folder / "journal.draft"
    with draft.open("w", encoding="utf-8") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(generations.journal)
    sync_folder(generations.folder)


def _linked_beside(generations: ResultGenerations, folder: Path) -> bool:
    """Tell whether a link in the parent folder names this generation."""
    with os.scandir(generations.path.parent) as entries:
        links = [Path(entry.path) for entry in entries if entry.is_symlink()]
    return any(link.parent / link.readlink() == folder for link in links)
