"""Processes that tests start and kill."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests/support'}"}


posix = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and fork are of POSIX")
