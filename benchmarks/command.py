"""Time the command line as whole processes, in pairs against `python -c "import pandas"`.

Run with the project's interpreter: `.venv/bin/python benchmarks/command.py [RUNS]`. Ratios of one run on one
machine can be compared; seconds from different machines cannot.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PANDAS = [sys.executable, "-c", "import pandas"]


def seconds(command: list[str]) -> tuple[float, float]:
    """Return the wall and the processor time of one whole process; a failure is an error."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def paired(name: str, command: list[str], runs: int) -> None:
    """Print the median of `command`, of the import of pandas, and of their ratio over alternating runs.

    Processor time is the steadier of the two on a machine with other work.
    """
    pairs = [(seconds(command), seconds(PANDAS)) for _ in range(runs + 1)][1:]  # the first warms the caches
    for place, kind in enumerate(("wall", "processor")):
        mine, theirs = ([both[side][place] for both in pairs] for side in (0, 1))
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        print(
            f"{name:24s} {kind:10s} {statistics.median(mine):7.3f} s   "
            f"import pandas {statistics.median(theirs):7.3f} s   "
            f"ratio {statistics.median(ratios):5.2f}   ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def main(runs: int) -> None:
    """Time the three commands that a user waits for."""
    with tempfile.TemporaryDirectory() as folder:
        tool = [sys.executable, "-m", "eventstudy"]
        paired("eventstudy run", [*tool, "run", "--out", f"{folder}/results"], runs)
        paired("eventstudy --help", [*tool, "--help"], runs)
        paired("eventstudy events check", [*tool, "events", "check"], runs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
