"""Putting bytes in the place of a file: whole, on the disk, and one writer at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCKS = ".locks"  #: folder of the lock files beside the files they guard
PATIENCE = 60.0  #: seconds to wait for another process to finish a write, which takes it some milliseconds


def put(path: Path, content: bytes) -> None:
    """Put bytes in the place of a file; a reader, or a crash, finds the old file or the new one.

    The caller holds the file's lock, so that parts of it, or of copies set aside under longer names, belong
    to writers that were killed.
    """
    for left in path.parent.glob(f".{path.name}*.part"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}~", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; the system lets go of it when the process dies, however it dies.

    Raises
    ------
    OSError
        The folder cannot be written to, or another process has held the lock for too long.
    """
    import filelock

    with filelock.FileLock(lock_file(path), timeout=PATIENCE):
        yield


def lock_file(path: Path, purpose: str = "") -> Path:
    """Return the lock file of a file, in a folder that is there from now on."""
    locks = path.parent / LOCKS
    locks.mkdir(parents=True, exist_ok=True)
    return locks / f"{path.stem}{purpose}.lock"


def _sync_folder(folder: Path) -> None:
    """Bring a change of names to the disk, where the system can."""
    if os.name == "nt":
        return
    with suppress(OSError):  # some network file systems cannot; the file itself is there
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
