"""The page on large studies: its Python and its commands run, with two parts in the place of sixty-four."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages_of_docs import blocks
from processes import ENVIRONMENT, posix

import eventstudy as es

PAGE = "large-studies.md"
PARTS = ("1", "2")


@posix
@pytest.mark.process
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "bin" / "eventstudy"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m eventstudy "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"

    def run(script: str, **variables: str) -> None:
        small = script.replace("/64", f"/{len(PARTS)}").replace("seq 64", f"seq {len(PARTS)}")
        environment = {**ENVIRONMENT, "PATH": path, **variables}
        subprocess.run(["bash", "-ec", small], cwd=tmp_path, env=environment, check=True, capture_output=True)

    making, opening = blocks(PAGE, "python")
    exec(compile(making, PAGE, "exec"), {})
    command, reading = blocks(PAGE, "sh")
    run(command)
    slurm, merge, kubernetes, xargs = blocks(PAGE, "bash")
    for number in PARTS:
        run(slurm, SLURM_ARRAY_TASK_ID=number)
    run(merge)
    run(kubernetes, JOB_COMPLETION_INDEX="0")
    run(xargs)
    run(reading)
    exec(compile(opening, PAGE, "exec"), {"es": es})
    whole = es.load_large("study")
    assert whole.manifest["skipped"] < 40
    for other in ("cluster", "xargs"):
        assert (tmp_path / other / "manifest.json").read_bytes() == (
            whole.path / "manifest.json"
        ).read_bytes()
        assert es.load_large(other).table("cars").equals(whole.table("cars"))
