"""Time of 100 specifications of the bundled study as a whole process, from its start to its end.

Run with the project's interpreter: `.venv/bin/python benchmarks/specifications.py`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

ONCE = "once"  #: argument of the process that is measured
ROOT = Path(__file__).resolve().parents[1]
INDEX = {
    "ticker": "SPY",
    "exclude": "event",
    "weights": {"NVDA": 0.066, "MSFT": 0.062},
    "as_of": "2025-01-24",
}
GRID = {
    "models": ["market", "market-adjusted", "dimson", "mean"],
    "estimations": [(-260, -11), (-200, -11), (-160, -11), (-130, -11), (-260, -61)],
    "benchmarks": ["SPY", ["AAPL", "AMZN", "META", "TSLA"], INDEX],
    "return_kinds": ["simple", "log"],
}


def once() -> None:
    """Draw the curve and print its size."""
    import eventstudy as es

    found = es.robustness(ROOT / "events.yaml", offline=True, **GRID)
    specifications, rows = len(found.manifest["specifications"]), len(found.tables["specifications"])
    sys.stdout.write(f"{specifications} specifications, {rows:,} rows")


def main() -> None:
    """Run a whole process and print its wall and processor time."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = [sys.executable, __file__, ONCE]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(f"{printed}: {wall:.1f} s, {processor:.1f} s of processor\n")


if __name__ == "__main__":
    once() if ONCE in sys.argv else main()
