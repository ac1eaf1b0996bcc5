"""Time of 100 specifications of the bundled study: prices, returns and events are read once for all.

Run with the project's interpreter: `.venv/bin/python benchmarks/specifications.py`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import eventstudy as es

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


def main() -> None:
    """Measure once and print wall and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    found = es.robustness(ROOT / "events.yaml", offline=True, **GRID)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    specifications, rows = len(found.manifest["specifications"]), len(found.tables["specifications"])
    sys.stdout.write(
        f"{specifications} specifications, {rows:,} rows: {wall:.1f} s, {processor:.1f} s of processor\n"
    )


if __name__ == "__main__":
    main()
