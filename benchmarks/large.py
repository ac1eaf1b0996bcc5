"""A large study to disk: from Parquet files to merged tables, as a whole process.

Run with the project's interpreter: `.venv/bin/python benchmarks/large.py [FIRM_EVENTS ...]`; the default is
100,000 and 1,000,000. 500 securities, 2,900 sessions, 2 % of the returns missing, estimation window 250
sessions, event window 21, market model, five windows and every single session, in one process: processor time
and peak memory are those of everything from reading to merging.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SECURITIES, SESSIONS, SEED, FIRST, LAST = 500, 2_900, 20_240_101, 280, 20
OPTIONS = (
    *("--benchmark", "MKT", "--estimation=-260:-11", "--window=-10:10", "--quiet"),
    *("--car=0:0", "--car=-1:1", "--car=0:1", "--car=0:5", "--car=-10:10"),
)


def write(folder: Path, firm_events: int) -> None:
    """Write seeded returns and a list of distinct firm-days."""
    rng = np.random.default_rng(SEED)
    market = rng.normal(0.0, 0.01, SESSIONS)
    returns = rng.uniform(0.5, 1.5, (SECURITIES, 1)) * market + rng.normal(0.0, 0.02, (SECURITIES, SESSIONS))
    returns[rng.random(returns.shape) < 0.02] = np.nan
    sessions = np.busday_offset("2010-01-04", np.arange(SESSIONS))
    columns = {"date": sessions, "MKT": market} | {f"S{row}": each for row, each in enumerate(returns)}
    pq.write_table(pa.table(columns), folder / "returns.parquet")
    days = SESSIONS - FIRST - LAST
    chosen = rng.choice(SECURITIES * days, firm_events, replace=False)
    names = np.array([f"S{row}" for row in range(SECURITIES)])
    events = {"ticker": names[chosen // days], "date": sessions[FIRST + chosen % days]}
    pq.write_table(pa.table(events), folder / "events.parquet")


def timed(firm_events: int) -> None:
    """Print time, memory and disk of a study."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, firm_events)
        command = [
            sys.executable,
            "-m",
            "eventstudy",
            "large",
            "events.parquet",
            "--returns",
            "returns.parquet",
        ]
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, *OPTIONS], cwd=folder, check=True, env=os.environ)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        disk = sum(path.stat().st_size for path in (folder / "large").rglob("*") if path.is_file())
        print(
            f"{firm_events:9,d} firm-events  wall {wall:7.1f} s  processor {processor:7.1f} s  "
            f"{processor / firm_events * 1e6:5.0f} us each  peak {after.ru_maxrss / 1024:6.0f} MiB  "
            f"disk {disk / 2**20:6.0f} MiB",
            flush=True,
        )


def main(sizes: list[int]) -> None:
    """Time each size in turn."""
    for firm_events in sizes:
        timed(firm_events)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000])
