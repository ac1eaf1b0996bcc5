"""A run that is killed, at any moment, leaves the results whole: those of before, or its own.

The file is a test and, called with arguments, the program that is killed:

``write SILENT FOLDER``
    saves growing results to ``FOLDER/results`` for ever; every number in them is the number of the save. It
    tells that it is ready after ``SILENT`` saves.
``steps MODE FOLDER``
    saves once per step it finds in a save, and is killed right before that step.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import ENVIRONMENT, REPOSITORY, die_before, forked, posix

from eventstudy import results as store
from eventstudy.results.generations import ResultGenerations
from eventstudy.results.manifest import sums
from eventstudy.schema import TABLES, arrow_schema

THIS = str(Path(__file__).resolve())


def sealed_tables(seal: int) -> dict[str, Any]:
    """Return tables that grow with `seal` and hold it in every cell that takes a number."""
    import pyarrow as pa

    rows, kinds = seal % 40 * 10 + 1, {"tau": "i4", "count": "i8", "number": "f8"}

    def column(kind: str, arrow: Any) -> Any:  # by way of buffers, since pa.array would import pandas
        if kind not in kinds:
            return pa.nulls(rows, arrow)
        return pa.Array.from_buffers(arrow, rows, [None, pa.py_buffer(np.full(rows, seal, kinds[kind]))])

    return {
        name: pa.Table.from_arrays(
            [column(c.kind, field.type) for c, field in zip(columns, arrow_schema(name), strict=True)],
            schema=arrow_schema(name),
        )
        for name, columns in TABLES.items()
    }


def save_sealed(path: Path, seal: int) -> None:
    """Save the tables of a seal; the manifest tells it too."""
    store.save(sealed_tables(seal), {"seal": seal}, path)


def seal_of(path: Path) -> int:
    """Return the seal of the results at `path`, all of which must bear it."""
    saved = store.load(path)
    tables = {name: saved.table(name) for name in TABLES}
    assert sums(tables) == saved.manifest["tables"]
    seal: int = saved.manifest["seal"]
    for name, table in tables.items():
        assert table.equals(sealed_tables(seal)[name]), f"{name} is not of save {seal}"
    return seal


def kill_at_random(
    commands: Sequence[Sequence[str]],
    kills: int,
    longest: float,
    check: Callable[[], str],
    *,
    seed: int,
    cwd: Path | None = None,
    ready: bool = False,
) -> Counter[str]:
    """Start commands in turn, kill each after at most `longest` seconds, and count what `check` says.

    Parameters
    ----------
    ready
        Begin to count the time at the first line of output, not at the start.
    """
    moments, outcomes = random.Random(seed), Counter[str]()
    for _, command in zip(range(kills), itertools.cycle(commands), strict=False):
        with subprocess.Popen(
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            if ready:
                assert process.stdout.readline()
            time.sleep(moments.uniform(0, longest))
            with suppress(ProcessLookupError):  # it was done before
                os.killpg(process.pid, signal.SIGKILL)
            process.stdout.read()
        outcomes[check()] += 1
    return outcomes


def leftovers(path: Path) -> set[str]:
    """Return what lies among the generations besides them and the lock."""
    return {
        entry.name for entry in ResultGenerations.of(path).folder.iterdir() if not entry.name.isdigit()
    } - {"lock"}


def check_writer(folder: Path, kills: int, seed: int) -> None:
    """Kill the endless writer again and again; the seal in the folder never goes back and is never mixed."""
    path = folder / "results"
    save_sealed(path, 0)
    seals = [0]

    def check() -> str:
        seals.append(seal_of(path))
        assert seals[-1] >= seals[-2]
        return "moved on" if seals[-1] > seals[-2] else "stayed"

    commands = [[sys.executable, THIS, "write", silent, str(folder)] for silent in "01"]
    outcomes = kill_at_random(commands, kills, 0.25, check, seed=seed, ready=True)
    assert outcomes["moved on"] >= kills // 2
    save_sealed(path, seals[-1] + 1)
    assert not leftovers(path)
    assert len(ResultGenerations.of(path).numbers()) == 2


@posix
@pytest.mark.kill
def test_a_few_kills(tmp_path: Path) -> None:
    check_writer(tmp_path, kills=5, seed=5)


@posix
@pytest.mark.slow
def test_two_hundred_kills(tmp_path: Path) -> None:
    check_writer(tmp_path, kills=200, seed=200)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["links", "folders", "migrating", "losing-links"])
def test_a_kill_before_every_step(tmp_path: Path, mode: str) -> None:
    command = [sys.executable, THIS, "steps", mode, str(tmp_path)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


@posix
@pytest.mark.slow
def test_two_hundred_kills_of_a_study(tmp_path: Path) -> None:
    """Runs of the bundled study with one design and another, killed from their start to beyond their end."""
    commands, whole, length = [], {}, 0.0
    for confidence in ("0.95", "0.9"):
        run = [sys.executable, "-m", "eventstudy", "run", str(REPOSITORY / "events.yaml"), "--offline"]
        command = [*run, "--confidence", confidence, "--out"]
        begun = time.monotonic()
        subprocess.run([*command, confidence], cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True)
        length = max(length, time.monotonic() - begun)
        whole[float(confidence)] = store.load(tmp_path / confidence).manifest["tables"]
        commands.append([*command, "results"])
    path = tmp_path / "results"
    seen: list[float | None] = [None]

    def check() -> str:
        if seen[-1] is None and not os.path.lexists(path):
            return "not begun"
        saved = store.load(path)
        confidence: float = saved.manifest["design"]["confidence"]
        assert sums({name: saved.table(name) for name in TABLES}) == whole[confidence]
        seen.append(confidence)
        return "moved on" if seen[-1] != seen[-2] else "stayed"

    outcomes = kill_at_random(commands, 200, 1.7 * length, check, seed=2024, cwd=tmp_path)
    assert outcomes["moved on"] >= 10, outcomes
    assert outcomes["stayed"] >= 10, outcomes
    subprocess.run(commands[0], cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True)
    assert not leftovers(path)
    assert len(ResultGenerations.of(path).numbers()) <= 2


def write_for_ever(silent: int, folder: Path) -> None:
    """Save one result after the other, numbered on from the one that is there."""
    path = folder / "results"
    first = store.load(path).manifest["seal"] + 1
    sealed_tables(first)  # imports all that is needed
    for seal in itertools.count(first):
        if seal - first == silent:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
        save_sealed(path, seal)


def survive_steps(mode: str, folder: Path) -> int:
    """Kill a save before its first step, the next before its second, and so on; count the steps.

    Each save and each check is a process of its own, forked from this one, which has imported all they need.
    """
    import filelock  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    before, path = folder / "before", folder / "run" / "results"
    assert in_child(lambda: prepare(before / path.name, mode)) == 0
    for step in itertools.count():
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(before, path.parent, symlinks=True)
        killed = in_child(lambda at=step: save_and_die(path, mode, at))  # type: ignore[misc]
        assert killed in (0, -signal.SIGKILL), killed
        checked = in_child(lambda end=killed == 0: check_step(path, mode, end))  # type: ignore[misc]
        assert checked == 0, f"after a kill before step {step} ({mode})"
        if killed == 0:
            return step
    raise AssertionError("unreachable")


def prepare(path: Path, mode: str) -> None:
    """Put results of two earlier runs in place, as the mode has them."""
    if mode == "folders":
        forbid_links()
    save_sealed(path, 1)
    save_sealed(path, 2)
    if mode == "migrating":
        shutil.copytree(path, path.with_name("copy"))
        path.unlink()
        path.with_name("copy").rename(path)


def save_and_die(path: Path, mode: str, step: int) -> None:
    """Save, and be killed right before the given step that changes the disk."""
    if mode in ("folders", "losing-links"):
        forbid_links()
    die_before(step)
    save_sealed(path, 3)


def check_step(path: Path, mode: str, complete: bool) -> None:
    """See that the results are whole as they stand, and that the next run goes on from there."""
    if mode == "links":
        assert path.is_dir(), "the results were gone for a moment"
        assert not ResultGenerations.of(path).journal.exists()
    seal = seal_of(path)
    assert seal == 3 if complete else seal in (2, 3)
    assert path.is_dir()
    if mode in ("folders", "losing-links"):
        forbid_links()
    save_sealed(path, 4)
    assert seal_of(path) == 4
    assert not leftovers(path)
    kept = [
        seal_of(ResultGenerations.of(path).generation(number))
        for number in ResultGenerations.of(path).numbers()
    ]
    assert kept == ([seal, 4] if path.is_symlink() else [seal])


def in_child(call: Callable[[], None]) -> int:
    """Run a function in a forked process and return how that ended."""
    return os.waitstatus_to_exitcode(os.waitpid(forked(call), 0)[1])


def forbid_links() -> None:
    """Make symbolic links impossible in this process."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "links are not allowed here")

    os.symlink = refuse


if __name__ == "__main__":
    task, *arguments, folder = sys.argv[1:]
    if task == "write":
        write_for_ever(int(arguments[0]), Path(folder))
    else:
        sys.stdout.write(str(survive_steps(*arguments, Path(folder))))
