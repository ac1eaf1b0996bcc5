"""Processes that tests start and kill."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests/support'}"}


posix = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and fork are of POSIX")


def forked(call: Callable[[], object]) -> int:
    """Run a function in a forked process and return its number; what it raises ends it with 1."""
    child = os.fork()
    if child == 0:
        try:
            call()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return child


def die_before(step: int) -> None:
    """Kill this process right before its given step that changes the disk, counted from 0."""
    count = itertools.count()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink") or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if changes and next(count) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
