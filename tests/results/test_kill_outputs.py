"""An export or a report that is killed before any step leaves whole files, old or new, and no others.

The file is a test and, called with a mode and a folder, the program that is killed: it writes once per step
that it finds, each time in a process of its own, which is killed right before that step. Modes are formats,
``partitions`` and ``report``.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import ENVIRONMENT, die_before, forked, posix
from result_folders import everything, example_tables

from eventstudy import results as store
from eventstudy.atomic import PART
from eventstudy.cli import main
from eventstudy.report.documents import saving
from eventstudy.results.outputs.local import WORK

THIS = str(Path(__file__).resolve())
KILLS = {"csv": 12, "partitions": 30, "xlsx": 50, "report": 10}  #: at least so many steps, 100 in all
TABLES = ("cars", "events", "tests")
OLD, NEW = 9, 5  #: rows of the tables; fewer rows have fewer tickers, so that partitions are left over
PAGE = '<!doctype html>\n<meta name="generator" content="eventstudy 0">\n'


@posix
@pytest.mark.kill
@pytest.mark.parametrize("mode", KILLS)
def test_a_kill_before_every_step(tmp_path: Path, mode: str) -> None:
    command = [sys.executable, THIS, mode, str(tmp_path)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= KILLS[mode]


def write(mode: str, folder: Path, rows: int) -> None:
    """Write the output of a mode to ``folder/out``, by the command line or as it does."""
    out = folder / "out"
    if mode == "report":
        saving.report = lambda *_, **__: PAGE + "x" * rows  # the page itself takes seconds
        code = main(["report", str(folder / "results"), "--out", str(out / "page.html"), "--quiet"])
        assert code == 0
        return
    form, by = ("parquet", "ticker") if mode == "partitions" else (mode, None)
    store.export(example_tables(rows), format=form, out=out, partition_by=by, tables=TABLES)


def survive(mode: str, folder: Path) -> int:
    """Kill a writer before its first step, the next before its second, and so on; count the steps."""
    before, work = folder / "before", folder / "work"
    expected: dict[int, dict[str, Any]] = {}
    for rows in (NEW, OLD):  # what each leaves in a new folder
        store.save(example_tables(), {}, folder / str(rows) / "results")
        write(mode, folder / str(rows), rows)
        expected[rows] = everything(folder / str(rows) / "out")
    (folder / str(OLD)).rename(before)
    (before / "out" / "notes.txt").write_text("mine")
    for step in itertools.count():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(before, work, symlinks=True)
        killed = in_child(lambda at=step: write_and_die(mode, work, at))  # type: ignore[misc]
        assert killed in (0, -signal.SIGKILL), killed
        check(work / "out", expected[OLD], expected[NEW], complete=killed == 0)
        assert in_child(lambda: write(mode, work, NEW)) == 0, f"after a kill before step {step}"
        check(work / "out", {}, expected[NEW], complete=True)
        if killed == 0:
            return step
    raise AssertionError("unreachable")


def check(out: Path, old: dict[str, Any], new: dict[str, Any], *, complete: bool) -> None:
    """See that every file is whole, that none is missing, and that nothing unfinished looks like data."""
    found = everything(out)
    assert found.pop("notes.txt") == b"mine"
    unfinished = {name for name in found if name.split("/")[0] == WORK}
    assert all(name.endswith((PART, "/lock")) for name in unfinished), unfinished
    whole = {name: content for name, content in found.items() if name not in unfinished}
    for name, content in whole.items():
        assert content in (old.get(name), new.get(name)), f"{name} is neither the old file nor the new one"
    assert whole.keys() >= old.keys() & new.keys()
    if complete:
        assert whole == new and not unfinished and not (out / WORK).exists()


def write_and_die(mode: str, folder: Path, step: int) -> None:
    """Write, and be killed right before the given step that changes the disk."""
    die_before(step)
    write(mode, folder, NEW)


def in_child(call: Callable[[], None]) -> int:
    """Run a function in a forked process and return how that ended."""
    return os.waitstatus_to_exitcode(os.waitpid(forked(call), 0)[1])


if __name__ == "__main__":
    sys.stdout.write(str(survive(sys.argv[1], Path(sys.argv[2]))))
