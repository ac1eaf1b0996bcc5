"""What is costly to make and the same for every test is made once per run, by whoever needs it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

RUN = "EVENTSTUDY_TEST_RUN"  #: variable with the folder that all workers of a run share


def built_once(name: str, build: Callable[[Path], object]) -> Path:
    """Return a file or folder that all workers share and none changes, built where it is not there yet."""
    path = Path(os.environ[RUN], name)
    with FileLock(path.with_name(f"{name}.lock")):
        if not path.exists():
            part = path.with_name(f"{name}.part")
            build(part)
            part.rename(path)
    return path
