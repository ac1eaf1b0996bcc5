"""The files of a small large study, and one run of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from large_studies import run_large, write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the study and one run of it."""
    found = tmp_path_factory.mktemp("large")
    write_files(found)
    run_large(found, "whole")
    return found


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    return Path(shutil.copytree(folder, tmp_path / "own"))
