"""Replacing files as a whole, with one writer at a time, and one process at a time that fetches a ticker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eventstudy import atomic

LOCKS = ".locks"  #: folder of the lock files, inside the folder of the files
WRITE_TIMEOUT = 60.0  #: seconds to wait for another process to finish a write, which takes milliseconds
FETCH_TIMEOUT = 120.0  #: seconds to wait for processes that fetch without any progress, e.g. suspended ones


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file as a whole; the caller holds its lock, so that temporary files of it are leftovers."""
    atomic.replace_file(path, content, abandoned=0.0)


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
