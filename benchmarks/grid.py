"""Estimation of many firm-events on one grid: the compiled kernel beside NumPy's gather.

Run with the project's interpreter: `.venv/bin/python benchmarks/grid.py [FIRM_EVENTS ...]`; the default is
100,000 and 1,000,000. 500 securities, 2,900 sessions, 2 % of the returns missing, estimation window 250
sessions, event window 21, five windows and every single session: coefficients, AR, CAR and forecast errors.
NumPy's kernel is timed on a tenth of them. Times are medians of three rounds.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import numpy as np

from eventstudy.design import Window
from eventstudy.engine.grid_estimation import EventTime, Grid, estimate_on_grid

SECURITIES, SESSIONS, SEED, ROUNDS = 500, 2_900, 20_240_101, 3
TIME = EventTime(
    Window(-260, -11),
    Window(-10, 10),
    (*(Window(*pair) for pair in ((0, 0), (-1, 1), (0, 1), (0, 5), (-10, 10))), *Window(-10, 10).sessions),
)


def make(firm_events: int) -> tuple[Grid, Any, Any]:
    """Return seeded returns of one market and many securities, and firm-events."""
    rng = np.random.default_rng(SEED)
    market = rng.normal(0.0, 0.01, (1, SESSIONS))
    returns = rng.uniform(0.5, 1.5, (SECURITIES, 1)) * market + rng.normal(0.0, 0.02, (SECURITIES, SESSIONS))
    returns[rng.random(returns.shape) < 0.02] = np.nan
    security, day0 = rng.integers(0, SECURITIES, firm_events), rng.integers(280, SESSIONS - 20, firm_events)
    return Grid(returns, market), security, day0


def timed(name: str, firm_events: int, **options: Any) -> None:
    """Print time and memory of some firm-events."""
    grid, security, day0 = make(firm_events)
    estimate_on_grid(grid, security[:1_000], day0[:1_000], TIME, **options)  # compiled, or in the cache
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter(), time.process_time()
        estimate_on_grid(grid, security, day0, TIME, **options)
        rounds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, processor = np.median(rounds, axis=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:24s} {firm_events:9,d} firm-events  wall {wall:7.2f} s  processor {processor:7.2f} s  "
        f"{processor / firm_events * 1e6:7.2f} us each  peak {peak:6.0f} MiB",
        flush=True,
    )


def main(firm_events: int) -> None:
    """Time each kernel."""
    for threads in (1, 2):
        timed(f"NumPy, {threads} thread(s)", firm_events // 10, compiled=False, threads=threads)
    for threads in (1, 2):
        timed(f"compiled, {threads} thread(s)", firm_events, compiled=True, threads=threads)


if __name__ == "__main__":
    for each in map(int, sys.argv[1:] or ("100000", "1000000")):
        main(each)
