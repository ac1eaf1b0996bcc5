"""Time the command line as whole processes, in pairs against `python -c "import pandas"`.

Run with the project's interpreter: `.venv/bin/python benchmarks/command.py [RUNS] [COMMAND ...]`, commands
among `run`, `help` and `check`. Every pair is printed when it ends, so that a run that is broken off has told
something. Ratios of one run on one machine can be compared; seconds from different machines cannot.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PANDAS = [sys.executable, "-c", "import pandas"]
TOOL = [sys.executable, "-m", "eventstudy"]
COMMANDS = {"run": ["run"], "help": ["--help"], "check": ["events", "check"]}
RUNS = 5


def seconds(command: list[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the wall and the processor time of one whole process; a failure is an error."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def paired(name: str, command: list[str], runs: int, environment: Mapping[str, str]) -> None:
    """Print each pair, then the medians of `command`, of the import of pandas, and of their ratio.

    Processor time is the steadier of the two on a machine with other work.
    """
    pairs = []
    for number in range(runs + 1):
        pair = seconds(command, environment), seconds(PANDAS, environment)
        if number:  # the first compiles the bytecode and warms the caches
            pairs.append(pair)
            print(f"    processor {pair[0][1]:7.3f} s   import pandas {pair[1][1]:7.3f} s", flush=True)
    for place, kind in enumerate(("wall", "processor")):
        mine, theirs = ([both[side][place] for both in pairs] for side in (0, 1))
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        print(
            f"{name:24s} {kind:10s} {statistics.median(mine):7.3f} s   "
            f"import pandas {statistics.median(theirs):7.3f} s   "
            f"ratio {statistics.median(ratios):5.2f}   ({min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


def main(words: list[str]) -> None:
    """Time the commands that a user waits for, with one thread of linear algebra and compiled bytecode."""
    runs = int(words[0]) if words else RUNS
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        for name in words[1:] or COMMANDS:
            out = ["--out", f"{folder}/results"] if name == "run" else []
            paired(f"eventstudy {name}", [*TOOL, *COMMANDS[name], *out], runs, environment)


if __name__ == "__main__":
    main(sys.argv[1:])
