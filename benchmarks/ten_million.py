"""Ten million firm-events on a Dask cluster one of whose workers is killed: time, and memory of each process.

Run with the interpreter of `make test-engines`:
`.venv-engines/bin/python benchmarks/ten_million.py [FIRM_EVENTS ...]`; the default is 100,000, 1,000,000 and
10,000,000. Each size is a process of its own with two workers. Shards are drawn when they are handed out, and
of each only its sums are kept: the rows of all firm-events, which `run_on_grid` returns, would grow with
their number. 5,000 securities, estimation window 60 sessions, event window 3, and the tests of `TESTS`.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

import eventstudy as es
from eventstudy.engine.executors import dask_executor
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_shards import Kinds, LevelSums, first_pass, kinds_by_measure
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.engine.shards import add_up
from eventstudy.significance import TESTS as ALL_TESTS
from eventstudy.significance.observations import observations

SECURITIES, SEED, SHARD, LONGEST = 5_000, 20_240_101, 50_000, 2_600
TESTS = ("cross_section_t", "patell_z", "bmp_t", "sign")
DESIGN = es.Design(
    *(), estimation=(-70, -11), window=(-1, 1), car_windows=[(0, 0), (-1, 1)], tests=TESTS, mask_events=False
)
BEFORE, AFTER = 70, 2
TICKERS = np.array([f"S{row:04d}" for row in range(SECURITIES)], dtype=object)


def returns_of(block: int, sessions: int) -> Grid:
    """Return seeded returns of some sessions."""
    rng = np.random.default_rng([SEED, block])
    market = rng.normal(0.0, 0.01, (1, sessions))
    returns = market + rng.normal(0.0, 0.02, (SECURITIES, sessions))
    returns[rng.random(returns.shape, dtype=np.float32) < 0.02] = np.nan
    return Grid(returns, market)


def drawn(firm_events: int) -> tuple[GridStudy, dict[str, Any]]:
    """Return a whole study in memory: half of all securities on each date."""
    dates = -(-firm_events // (SECURITIES // 2))
    sessions = dates + BEFORE + AFTER
    rng = np.random.default_rng(SEED)
    cells = rng.choice(SECURITIES * dates, firm_events, replace=False)
    study = GridStudy.of(
        *(returns_of(0, sessions), cells % SECURITIES, BEFORE + cells // SECURITIES, DESIGN), tickers=TICKERS
    )
    names = {
        "tickers": TICKERS,
        "sessions": np.datetime64("1990-01-01", "D") + np.arange(sessions).astype("timedelta64[D]"),
        "event_id": np.array([f"e{cell}" for cell in cells], dtype=object),
    }
    return GridStudy(**{**vars(study), "levels": study.levels[:1]}), names


def shards(firm_events: int) -> Iterator[GridShard]:
    """Draw shards of `SHARD` firm-events one after the other: 20 dates of half of all securities each."""
    dates = 2 * SHARD // SECURITIES
    for block in range(firm_events // SHARD):
        rng = np.random.default_rng([SEED, block, 1])
        cells = rng.choice(SECURITIES * dates, SHARD, replace=False)
        study = GridStudy.of(
            *(returns_of(block, dates + BEFORE + AFTER), cells % SECURITIES),
            *(BEFORE + cells // SECURITIES, DESIGN),
            tickers=TICKERS,
        )
        part = GridStudy(**{**vars(study), "levels": study.levels[:1]})
        rows = block * SHARD + np.arange(SHARD)
        none = np.zeros((0, 0), dtype=np.uint8)
        yield GridShard(part, SHARD, rows, study.security, study.day0 + block * dates, none)


def sums_of(shard: GridShard, kinds: Kinds) -> LevelSums:
    """Estimate a shard and keep its sums."""
    return LevelSums(first_pass(shard, kinds).sums)


def spent() -> tuple[float, float]:
    """Return the largest memory that this process has had, in MiB, and its processor time."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()


def measure(firm_events: int) -> None:
    """Print what one size takes."""
    from distributed import Client, LocalCluster

    kinds = kinds_by_measure([ALL_TESTS[name] for name in TESTS], second=False)
    with (
        LocalCluster(2, threads_per_worker=1, memory_limit="1.5GiB", dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        killed: list[tuple[float, float]] = []

        def watched() -> Iterator[GridShard]:
            for place, shard in enumerate(shards(firm_events)):
                if place == max(1, firm_events // SHARD // 2):
                    address, process = min(client.run(os.getpid).items())
                    killed.append(client.run(spent)[address])
                    os.kill(process, signal.SIGKILL)
                yield shard

        start, begun = time.perf_counter(), sum(each for _, each in [spent(), *client.run(spent).values()])
        total = add_up(partial(sums_of, kinds=kinds), watched(), dask_executor(client))
        took = time.perf_counter() - start
        workers = [*killed, *client.run(spent).values()]
    own, _ = spent()
    processor = sum(each for _, each in [spent(), *workers]) - begun
    n = int(total.sums[0]["CAR"].sums(observations).n[0, 0])
    print(
        f"{firm_events:10,d} firm-events {took:8.1f} s  {took / firm_events * 1e6:6.1f} us each  "
        f"processor {processor:7.1f} s, {processor / firm_events * 1e6:5.1f} us each  in the sums {n:10,d}  "
        f"peak: this process {own:5.0f} MiB, a worker {max(most for most, _ in workers):5.0f} MiB",
        flush=True,
    )


def main(sizes: list[int]) -> None:
    """Measure each size in a process of its own."""
    for size in sizes:
        subprocess.run([sys.executable, __file__, "--one", str(size)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000, 10_000_000])
