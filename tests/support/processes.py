"""Processes that tests start and kill."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

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
