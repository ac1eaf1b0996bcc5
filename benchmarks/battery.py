"""A study on a grid with every test that it takes: time, growth and peak memory.

Run with the project's interpreter: `python benchmarks/battery.py [FIRM_EVENTS] [THREADS] [TEST ...]`, by
default 100,000, one thread and all tests. Returns are those of `grid.py`; the firm-events are different
firm-days in twelve groups, tested all together and by group, and over date means where a test is. A first
study of 12,000 firm-events, which is not timed, loads or compiles the kernels.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from grid import SECURITIES, SEED, SESSIONS, make

import eventstudy as es
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.grid_tables import run_on_grid

GROUPS, WARM = 12, 12_000
DESIGN = es.Design(
    estimation=(-260, -11),
    window=(-10, 10),
    car_windows=[(0, 0), (-1, 1), (0, 1), (0, 5), (-10, 10)],
    mask_events=False,
)


def run(firm_events: int, threads: int, tests: list[str]) -> dict[str, Any]:
    """Return the tables of a study of so many seeded firm-events."""
    rng = np.random.default_rng(SEED)
    days = np.arange(280, SESSIONS - 20)
    firm_days = rng.permutation(SECURITIES * len(days))[:firm_events]
    security, day0 = firm_days // len(days), days[firm_days % len(days)]
    tickers = np.array([f"S{number}" for number in range(SECURITIES)], dtype=object)
    groups = np.array([f"group {number}" for number in range(GROUPS)], dtype=object)
    study = GridStudy.of(
        *(make(1)[0], security, day0, DESIGN.replace(tests=tests)),
        tickers=tickers,
        groupings={"group": groups[rng.integers(0, GROUPS, len(day0))]},
        by_ticker=False,
    )
    with ThreadPoolExecutor(threads) as executor:
        return run_on_grid(
            study,
            tickers=tickers,
            sessions=np.arange(SESSIONS).astype("datetime64[D]"),
            event_id=day0.astype(str).astype(object),
            executor=executor if threads > 1 else None,
        )


def main(firm_events: int, threads: int, tests: list[str]) -> None:
    """Time a study."""
    run(WARM, threads, tests)
    start = time.perf_counter(), time.process_time()
    tables = run(firm_events, threads, tests)
    wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count = tables["events"].num_rows
    names = len(tables["tests"].column("test").combine_chunks().dictionary)
    print(
        f"{count:9,d} firm-events  {names} tests  {threads} thread(s)  wall {wall:6.1f} s  "
        f"processor {processor:6.1f} s  {processor / count * 1e6:6.1f} us each  peak {peak:5.0f} MiB"
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 100_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 1,
        sys.argv[3:],
    )
