"""Time the command line as whole processes, in pairs against `python -c "import pandas"`.

Run with the project's interpreter: `.venv/bin/python benchmarks/command.py [RUNS]`. Ratios of one run on one
machine can be compared; seconds from different machines cannot.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PANDAS = [sys.executable, "-c", "import pandas"]


def seconds(command: list[str]) -> float:
    """Return the wall time of one whole process; a failure is an error."""
    start = time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def paired(name: str, command: list[str], runs: int) -> None:
    """Print the median of `command`, of the import of pandas, and of their ratio over alternating runs."""
    pairs = [(seconds(command), seconds(PANDAS)) for _ in range(runs + 1)][1:]  # the first warms the caches
    mine, theirs = ([pair[place] for pair in pairs] for place in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{name:24s} {statistics.median(mine):7.3f} s   import pandas {statistics.median(theirs):7.3f} s   "
        f"ratio {ratio:5.2f}   ({min(a / b for a, b in pairs):.2f} to {max(a / b for a, b in pairs):.2f})"
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
