"""A large study that is killed at any moment goes on where it was, to the same bytes.

The file is a test and, called with a folder, the program that computes its study (``run`` or ``merge``).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from large_studies import OPTIONS, content, run_large
from processes import ENVIRONMENT, die_before, forked, posix

import eventstudy as es

ES = [sys.executable, "-m", "eventstudy"]
INTERRUPTED = 130
STEPS = 120  #: more than a run has that change the disk
pytestmark = posix


def large(out: str, *words: str) -> list[str]:
    return [*ES, "large", "events.csv", "--returns", "returns.parquet", "--out", out, *OPTIONS, *words]


def ended(call: Callable[[], object]) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(forked(call), 0)[1])


def killed_at(step: int, call: Callable[[], object]) -> bool:
    """Kill a forked process right before a step that changes the disk; tell whether it came to it."""

    def doomed() -> None:
        die_before(step)
        call()

    code = ended(doomed)
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def finished(folder: Path) -> dict[str, bytes]:
    """Return every file, but for what was being written at a kill, which is removed after an hour."""
    return {
        name: raw
        for name, raw in content(folder).items()
        if not any(part.startswith(".") for part in name.split("/"))
    }


def survives(folder: Path, out: str, steps: list[int]) -> None:
    """Kill runs at these steps, one after the other, each of which goes on; the last one is completed."""
    killed = [killed_at(step, lambda: run_large(folder, out)) for step in steps]
    assert any(killed)
    run_large(folder, out)
    assert finished(folder / out) == content(folder / "whole")


def merge_survives(folder: Path, out: str, steps: list[int]) -> None:
    """Compute the shards, and kill merges at these steps."""
    for number in (1, 2):
        run_large(folder, out, shard=(number, 2))
    killed = [killed_at(step, lambda: es.merge_large(folder / out)) for step in steps]
    assert any(killed)
    es.merge_large(folder / out)
    assert finished(folder / out) == content(folder / "whole")


@pytest.mark.kill
def test_a_few_kills_of_runs_and_merges(folder: Path) -> None:
    survives(folder, "few", [2, 9, 14, 30])
    merge_survives(folder, "few-merged", [1, 4, 7])


@pytest.mark.slow
def test_a_kill_before_every_step(folder: Path) -> None:
    for step in range(STEPS):
        out = f"step-{step}"
        if not killed_at(step, lambda out=out: run_large(folder, out)):  # type: ignore[misc]
            assert step > 40
            break
        run_large(folder, out)
        assert finished(folder / out) == content(folder / "whole")


@pytest.mark.slow
def test_fifty_kills_at_random(folder: Path) -> None:
    """Commands with two workers are killed with their workers, run and merge in turns, and go on."""
    start = time.monotonic()
    subprocess.run(large("timed", "--workers", "2", "--quiet"), cwd=folder, env=ENVIRONMENT, check=True)
    longest = time.monotonic() - start
    moments, killed, rounds = random.Random(50), 0, 0
    while killed < 50:
        out, rounds = f"random-{rounds}", rounds + 1
        for attempt in range(1_000):
            shards = large(out, "--workers", "2", "--shard", f"{1 + attempt % 2}/2")
            for command in (shards, [*ES, "merge", out, "--workers", "2"]):
                with subprocess.Popen(
                    command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL, start_new_session=True
                ) as process:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(moments.uniform(0.1, 1.0) * longest)
                    done = process.poll() is not None
                    longest *= 0.9 if done else 1.1  # on fast and on slow machines half of them are killed
                    if not done:
                        killed += 1
                        os.killpg(process.pid, signal.SIGKILL)
            if (folder / out / "manifest.json").exists():
                break
        assert finished(folder / out) == content(folder / "whole")


@pytest.mark.kill
def test_eight_processes_share_a_folder(folder: Path) -> None:
    """As `seq 8 | xargs -P2` does: two processes at once, which both prepare the study."""
    waiting = [large("shared", "--shard", f"{number}/8") for number in (3, 1, 8, 2, 7, 5, 4, 6)]
    running: list[subprocess.Popen[bytes]] = []
    while waiting or running:
        while waiting and len(running) < 2:
            running.append(
                subprocess.Popen(waiting.pop(0), cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE)
            )
        for process in [each for each in running if each.poll() is not None]:
            assert process.communicate()[1].startswith(b"This part is done")
            assert process.returncode == 0
            running.remove(process)
        time.sleep(0.02)
    merged = subprocess.run(
        [*ES, "merge", "shared"], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True
    )
    assert merged.stdout.startswith(b"5")
    assert content(folder / "shared") == content(folder / "whole")


@pytest.mark.kill
def test_an_interruption_says_what_to_do_next(folder: Path) -> None:
    for workers in ("1", "2"):
        out = f"interrupted-{workers}"
        with subprocess.Popen(
            large(out, "--workers", workers),
            cwd=folder,
            env=ENVIRONMENT,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            while process.poll() is None and not list((folder / out).glob("sums/*.first")):
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert process.returncode == INTERRUPTED, said
        assert b"the same command computes the shards that are left" in said
        assert b"what was complete is kept" in said
        assert b"Traceback" not in said
        run_large(folder, out)
        assert content(folder / out) == content(folder / "whole")


def test_workers_end_with_the_process_that_is_killed() -> None:
    """They hold its standard output, which is at its end when the last of them has ended."""
    program = (
        "import os, signal\n"
        "from eventstudy.engine.large_study import executor_of\n"
        "if __name__ == '__main__':\n"
        "    with executor_of(2, 'processes', None) as own:\n"
        "        assert own.submit(os.getpid).result() != os.getpid()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
