"""Files replaced as a whole, and temporary folders.

Temporary names are known, and what killed processes left under them is cleared.
"""

from __future__ import annotations

import glob
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PART = ".part"  #: ends the name of every file that is not complete, so that no reader takes it for data
ABANDONED = 3600.0  #: seconds after which what no lock protects was left by a killed process
_SCRATCH = "eventstudy-scratch-"


def replace_file(path: Path, content: bytes, *, abandoned: float = ABANDONED) -> None:
    """Replace a file by bytes; a reader, or a crash, finds the old file or the new one.

    Temporary files of it and of copies named after it, older than ``abandoned`` seconds, are removed:
    0 where the caller holds a lock, so that only killed writers can have left them.
    """
    _clear_parts(path, abandoned)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}~", suffix=PART)
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
    with suppress(OSError):  # some network file systems cannot; the file itself is written
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, where the system can."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a temporary folder to this process, and remove those that killed processes of the user left."""
    from filelock import FileLock

    for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        with suppress(OSError):  # another process clears it at the same time
            _clear_scratch(left)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH) as folder:
        content = Path(folder, "content")
        content.mkdir()
        with FileLock(Path(folder, "lock")):
            yield content


def _clear_parts(path: Path, abandoned: float) -> None:
    """Remove what was left of a file and of those named after it, as "X.parquet.revised-2026"."""
    name = glob.escape(path.name)
    for pattern in (f".{name}~*{PART}", f".{name}.*~*{PART}"):
        for left in path.parent.glob(pattern):
            with suppress(FileNotFoundError):
                if not abandoned or time.time() - left.stat().st_mtime >= abandoned:
                    left.unlink()


def _clear_scratch(folder: Path) -> None:
    """Remove a scratch folder of this user that is old and that no process holds."""
    from filelock import FileLock, Timeout

    about = folder.lstat()
    own = not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
    if not (stat.S_ISDIR(about.st_mode) and own and time.time() - about.st_mtime >= ABANDONED):
        return
    try:
        with FileLock(folder / "lock", timeout=0):
            shutil.rmtree(folder / "content", ignore_errors=True)
    except Timeout:
        return
    shutil.rmtree(folder)
