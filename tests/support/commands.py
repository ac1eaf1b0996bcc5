"""The real command line, in this process: what it said, how it ended; and the example study to run it on."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from once import built_once

from eventstudy.cli import main
from eventstudy.cli.init import write_example


@dataclass(frozen=True)
class Said:
    """What a command wrote to stdout and stderr, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout, which holds no number that JSON does not know."""
        return json.loads(self.out, parse_constant=_refuse)


def said(*words: str | Path, cwd: Path) -> Said:
    """Run a command in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


def example(folder: Path) -> Path:
    """Copy the example study, run once for all workers, to a new folder."""

    def build(study: Path) -> None:
        write_example(study)
        done = said("run", cwd=study)
        assert done.code == 0, done.err

    return Path(shutil.copytree(built_once("example", build), folder, symlinks=True))


def fingerprint(folder: Path) -> str:
    """Return a digest of everything below a folder: names, bytes, targets of links."""
    return hashlib.sha256("\n".join(_entries(folder)).encode()).hexdigest()


def _entries(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            if path.is_symlink():
                yield f"{path} -> {path.readlink()}"
            else:
                yield f"{path} {hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ''}"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
