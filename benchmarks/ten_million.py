"""Ten million firm-events on a Dask cluster one of whose workers is killed: time, memory, and the same bytes.

Run with the interpreter of `make test-engines`:
`.venv-engines/bin/python benchmarks/ten_million.py [FIRM_EVENTS ...]`; the default is 100,000, 1,000,000 and
10,000,000. Files are drawn, and `run_large` makes tables of them three times: in one process, on two workers,
and on two workers one of which is killed by SIGKILL when half of the shards are done. The folders are then
compared: `manifest.json` has the sha256 of every table file. Preparing the study, which reads the files and
takes the longer the more securities there are, is timed by itself; workers have imported the package before.
5,000 securities, half of them on each date, estimation window 60 sessions, event window 3, and the tests of
`TESTS`, which are those that a study of this size has by default. Ten million need 10 GB of disk.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import eventstudy as es

SECURITIES, SEED, SHARD = 5_000, 20_240_101, 20_000
BEFORE, AFTER = 70, 2
MEMORY = "2GiB"  #: of a worker
TESTS = (
    *("variance_ratio", "cross_section_t", "skew_adjusted_t", "crude_dependence_t", "patell_z", "bmp_t"),
    *("jackknife", "wild_bootstrap", "sign", "generalized_sign", "corrado_rank", "corrado_sign"),
    *("grank_t", "grank_z"),
)
DESIGN = es.Design(
    benchmark="MKT",
    estimation=(-70, -11),
    window=(-1, 1),
    car_windows=[(0, 0), (-1, 1)],
    tests=TESTS,
    mask_events=False,
)
#: The command of the same study.
OPTIONS = (
    *("large", "events.parquet", "--returns", "returns.parquet", "--benchmark", "MKT"),
    *("--estimation=-70:-11", "--window=-1:1", "--car=0:0", "--car=-1:1", f"--shard-size={SHARD}"),
    *(f"--test={name}" for name in TESTS),
)
NOTHING = (10**6, 10**6)  #: a part of the shards that has none: only the inputs are prepared


def write(folder: Path, firm_events: int, securities: int = SECURITIES) -> None:
    """Write seeded returns and a list of distinct firm-days: half of all securities on each date."""
    dates = -(-firm_events // (securities // 2))
    sessions = dates + BEFORE + AFTER
    rng = np.random.default_rng(SEED)
    market = rng.normal(0.0, 0.01, sessions)
    columns = {"date": np.busday_offset("1990-01-01", np.arange(sessions), roll="forward"), "MKT": market}
    for row in range(securities):
        returns = market + rng.normal(0.0, 0.02, sessions)
        returns[rng.random(sessions) < 0.02] = np.nan
        columns[f"S{row:04d}"] = returns
    pq.write_table(pa.table(columns), folder / "returns.parquet", use_dictionary=False)
    cells = rng.choice(securities * dates, firm_events, replace=False)
    names = np.array([f"S{row:04d}" for row in range(securities)])
    events = {"ticker": names[cells % securities], "date": columns["date"][BEFORE + cells // securities]}
    pq.write_table(pa.table(events), folder / "events.parquet")


def run(folder: Path, out: str, **given: Any) -> es.LargeResult:
    """Run the study of a folder."""
    files = folder / "events.parquet", folder / "returns.parquet"
    return es.run_large(*files, folder / out, design=DESIGN, shard_size=SHARD, **given)


def same(folder: Path, one: str, other: str) -> bool:
    """Tell whether two runs wrote the same manifest, and all firm-events."""
    found = [json.loads((folder / out / "manifest.json").read_text()) for out in (one, other)]
    rows = found[0]["tables"]["events"]["rows"], found[0]["tables"]["cars"]["rows"]
    assert rows == (found[0]["firm_events"], 2 * found[0]["firm_events"])
    return bool(found[0] == found[1])


def spent() -> tuple[float, float]:
    """Return the largest memory that this process has had, in MiB, and its processor time."""
    status = Path("/proc/self/status").read_text()  # ru_maxrss of a started process begins with its parent's
    return int(status.split("VmHWM:")[1].split()[0]) / 1024, time.process_time()


def warm_up() -> None:
    """Run a small study, so that everything is imported and compiled."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), 1_000, securities=50)
        run(Path(folder), "small", engine="compiled")


Spent = Callable[[], dict[str, tuple[float, float]]]


@contextmanager
def dask_cluster() -> Iterator[tuple[Executor, Callable[[], None], Spent]]:
    """Yield an executor with two workers, what kills one, and what all have used, those killed included."""
    from distributed import Client, LocalCluster

    from eventstudy.engine.executors import dask_executor

    killed: dict[str, tuple[float, float]] = {}
    with (
        LocalCluster(2, threads_per_worker=1, memory_limit=MEMORY, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(warm_up)
        warm_up()

        def kill() -> None:
            address, process = min(client.run(os.getpid).items())
            killed[address] = client.run(spent)[address]
            os.kill(process, signal.SIGKILL)

        yield dask_executor(client), kill, lambda: {**client.run(spent), **killed}


def on_dask(folder: Path, firm_events: int, *, killing: bool) -> None:
    """Print what a run on Dask takes."""
    out = "killed" if killing else "dask"
    with dask_cluster() as (executor, kill, of_workers):
        start, own = time.perf_counter(), spent()[1]
        run(folder, out, shard=NOTHING)
        prepared, own_prepared = time.perf_counter() - start, spent()[1] - own
        before, start, own = of_workers(), time.perf_counter(), spent()[1]

        def watched(step: str, done: int, of: int) -> None:
            if killing and (step, done) == ("shards", max(1, of // 2)):
                kill()

        run(folder, out, executor=executor, progress=watched)
        wall, own = time.perf_counter() - start, spent()[1] - own
        after = of_workers()
    workers = sum(each for _, each in after.values()) - sum(each for _, each in before.values())
    whole, peak = workers + own, max(most for most, _ in after.values())
    print(
        f"{firm_events:10,d} firm-events on Dask{', one worker killed' if killing else ''}: "
        f"prepared in {prepared:.1f} s ({own_prepared:.1f} s of processor); "
        f"then {wall:.1f} s, {wall / firm_events * 1e6:.1f} us each; processor {whole:.1f} s "
        f"(workers {workers:.1f}, client and scheduler {own:.1f}), {whole / firm_events * 1e6:.1f} us each; "
        f"peak {spent()[0]:.0f} MiB here, {peak:.0f} MiB in a worker; "
        f"{'same bytes' if same(folder, 'alone', out) else 'OTHER BYTES'} as in one process",
        flush=True,
    )


def alone(folder: Path, firm_events: int) -> None:
    """Print what a run in this process takes."""
    warm_up()
    start, own = time.perf_counter(), spent()[1]
    run(folder, "alone", shard=NOTHING)
    prepared, own_prepared = time.perf_counter() - start, spent()[1] - own
    start, own = time.perf_counter(), spent()[1]
    run(folder, "alone")
    wall, own = time.perf_counter() - start, spent()[1] - own
    print(
        f"{firm_events:10,d} firm-events in one process: prepared in {prepared:.1f} s "
        f"({own_prepared:.1f} s of processor); then {wall:.1f} s, {wall / firm_events * 1e6:.1f} us each; "
        f"processor {own:.1f} s, {own / firm_events * 1e6:.1f} us each; peak {spent()[0]:.0f} MiB",
        flush=True,
    )


RUNS: dict[str, Callable[[Path, int], None]] = {
    "alone": alone,
    "dask": lambda folder, firm_events: on_dask(folder, firm_events, killing=False),
    "killed": lambda folder, firm_events: on_dask(folder, firm_events, killing=True),
}


def main(sizes: list[int]) -> None:
    """Measure each run of each size in a process of its own."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), size)
            for name in RUNS:
                subprocess.run([sys.executable, __file__, "--one", name, folder, str(size)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        RUNS[sys.argv[2]](Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000, 10_000_000])
