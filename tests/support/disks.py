"""Disks and users that refuse: a file system of a few kilobytes, and somebody whom permissions bind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class tiny_disk:  # noqa: N801
    """A file system of a few kilobytes; the test is skipped where one cannot be mounted."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        self.folder, self.size = folder, kilobytes

    def __enter__(self) -> Path:
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.size}k", "tmpfs", str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount command")
        if done.returncode:
            pytest.skip("only root may mount a small file system")
        return self.folder

    def __exit__(self, *_: object) -> None:
        # lazily: the traceback of a test that fails as it should keeps its files open
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class as_ordinary_user:  # noqa: N801
    """Act as a user whom file permissions bind, as root is not."""

    def __enter__(self) -> None:
        self.before = os.geteuid()
        if self.before == 0:
            os.seteuid(65534)

    def __exit__(self, *_: object) -> None:
        os.seteuid(self.before)
