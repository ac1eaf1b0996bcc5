"""A large study on disk through each engine, a worker of which is killed: time, and whether the bytes agree.

Run with the interpreter of `make test-engines`:
`.venv-engines/bin/python benchmarks/engines.py [FIRM_EVENTS [ENGINE ...]]`; the default is 1,000,000 and all
of `threads`, `processes`, `dask`, `ray`, `spark` and `xargs`, eight parts computed by `xargs -P2` and merged.
When a third of the shards are done a worker is killed by SIGKILL (not of threads and processes, which do not
replace one; a part that is killed is computed again by the same command). The study is that of
`ten_million.py`, and each folder is compared with that of a run in one process. Engines have two workers,
and their start is not timed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ten_million import NOTHING, OPTIONS, dask_cluster, run, same, write

from eventstudy.engine.executors import ray_executor, spark_executor

Engine = Callable[[], Any]
LOCALHOST, PARTS = "127.0.0.1", 8


@contextlib.contextmanager
def on_dask() -> Iterator[Executor]:
    with dask_cluster() as (executor, _, _):
        yield executor


@contextlib.contextmanager
def on_ray() -> Iterator[Executor]:
    import ray

    os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address=LOCALHOST, log_to_driver=False)
    yield ray_executor()
    ray.shutdown()


@contextlib.contextmanager
def on_spark() -> Iterator[Executor]:
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": LOCALHOST}
    builder = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    with spark_executor(session, jobs=4) as executor:
        yield executor
    session.stop()


ENGINES: dict[str, tuple[Engine, str]] = {  # and what the command line of a worker has
    "threads": (lambda: ThreadPoolExecutor(2), ""),
    "processes": (lambda: ProcessPoolExecutor(2, mp_context=get_context("forkserver")), ""),
    "dask": (on_dask, "multiprocessing.spawn"),
    "ray": (on_ray, "ray::"),
    "spark": (on_spark, "pyspark.daemon"),
}


def kill_one_below(process: int, words: str) -> None:
    """Kill the busiest process below one whose command line has some words; none for no words."""
    if not words:
        return
    listed = subprocess.run(["ps", "-eo", "pid,ppid,times,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()[1:]]
    below = {process}
    while more := {int(row[0]) for row in rows if int(row[1]) in below} - below:
        below |= more
    workers = [(int(row[2]), int(row[0])) for row in rows if int(row[0]) in below and words in row[3]]
    os.kill(max(workers)[1], signal.SIGKILL)
    print("  killed a worker", flush=True)


def through(folder: Path, name: str) -> None:
    """Run the study through an engine, and kill one of its workers."""
    make, words = ENGINES[name]

    def watched(step: str, done: int, of: int) -> None:
        if (step, done) == ("shards", max(1, of // 3)):
            kill_one_below(os.getpid(), words)

    with make() as executor:
        start = time.perf_counter()
        run(folder, name, executor=executor, progress=watched)
        said(folder, name, time.perf_counter() - start)


def by_xargs(folder: Path) -> None:
    """Compute the parts two at a time, kill one of the first two, compute its part again, and merge."""
    command = [sys.executable, "-m", "eventstudy"]
    part = [*command, *OPTIONS, "--out", "xargs", "--quiet", "--shard"]
    start = time.perf_counter()
    with subprocess.Popen(
        ["xargs", "-P2", "-I{}", *part, f"{{}}/{PARTS}"], cwd=folder, stdin=subprocess.PIPE, text=True
    ) as xargs:
        assert xargs.stdin
        xargs.stdin.write("\n".join(map(str, range(1, PARTS + 1))) + "\n")
        xargs.stdin.close()
        while xargs.poll() is None and not list((folder / "xargs").glob("sums/*.first")):
            time.sleep(0.1)
        kill_one_below(xargs.pid, f"/{PARTS}")
    for number in range(1, PARTS + 1):  # xargs stops at a part that was killed; what is there is skipped
        subprocess.run([*part, f"{number}/{PARTS}"], cwd=folder, check=True)
    subprocess.run([*command, "merge", "xargs", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    said(folder, "xargs", time.perf_counter() - start)


def said(folder: Path, name: str, took: float) -> None:
    """Print the time of an engine, and whether its folder is that of one process."""
    agreement = "same bytes" if same(folder, "alone", name) else "OTHER BYTES"
    print(f"{name:10s} {took:7.1f} s  {agreement}", flush=True)
    shutil.rmtree(folder / name)


def main(firm_events: int, names: list[str]) -> None:
    """Print a line for each engine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, firm_events)
        run(folder, "alone", shard=NOTHING)
        start = time.perf_counter()
        run(folder, "alone")
        print(f"{firm_events:,d} firm-events; one process {time.perf_counter() - start:.1f} s", flush=True)
        for engine in names:
            if engine == "xargs":
                by_xargs(folder)
            else:
                through(folder, engine)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2:] or [*ENGINES, "xargs"])
