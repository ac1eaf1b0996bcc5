"""Replacing files as a whole, with one writer at a time, and one process at a time that fetches a ticker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCKS = ".locks"  #: folder of the lock files, inside the folder of the files
WRITE_TIMEOUT = 60.0  #: seconds to wait for another process to finish a write, which takes milliseconds
FETCH_TIMEOUT = 120.0  #: seconds to wait for processes that fetch without any progress, e.g. suspended ones


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file by bytes; a reader, or a crash, finds the old file or the new one.

    The caller holds the file's lock, so that temporary files of it were left by killed writers.
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
    """Hold the lock of a file; the system releases it when the process dies.

    An OSError says that the folder cannot be written to, or that another process held the lock for too long.
    """
    import filelock

    with filelock.FileLock(_lock_file(path), timeout=WRITE_TIMEOUT):
        yield


def take_fetch_lock(file: Path, wait: float = 0.0) -> Callable[[], None] | None:
    """Return what releases the lock for fetching the series of a file, None while another process holds it.

    The lock only saves requests: a process that cannot have it for long fetches without, and files are safe
    by `locked`. No process waits for one while it holds another, so there are no deadlocks. Where no lock can
    be made (a read-only folder, a full disk) every process may fetch.
    """
    import filelock

    try:
        lock = filelock.FileLock(_lock_file(file, "~fetch"), timeout=wait, thread_local=False)
        lock.acquire()
    except filelock.Timeout:
        return None
    except OSError:
        return lambda: None
    return lock.release


def _lock_file(path: Path, purpose: str = "") -> Path:
    locks = path.parent / LOCKS
    locks.mkdir(parents=True, exist_ok=True)
    return locks / f"{path.stem}{purpose}.lock"


def _sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, where the system can."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    with suppress(OSError):  # some network file systems cannot; the file itself is written
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
