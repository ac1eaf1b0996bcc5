"""Whose turn it is to fetch a ticker, among the processes that share a cache.

A turn saves requests and nothing hangs on it: whoever cannot have one for long fetches all the same, and a
file is safe by the lock under which it is replaced. Nobody waits for a turn while having one, so two
processes never wait for each other; the system ends the turns of a process that dies.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eventstudy.prices.cache.writing import lock_file

PATIENCE = 120.0  #: seconds to wait for others without any progress, as when one of them was suspended


def take_fetch_lock(file: Path, wait: float = 0.0) -> Callable[[], None] | None:
    """Return what ends the turn to fetch the series of a file, None while another process has it.

    Where no lock can be made (a read-only folder, a full disk) everybody has a turn.
    """
    import filelock

    try:
        lock = filelock.FileLock(lock_file(file, "~fetch"), timeout=wait, thread_local=False)
        lock.acquire()
    except filelock.Timeout:
        return None
    except OSError:
        return lambda: None
    return lock.release
