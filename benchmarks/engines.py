"""One study through each engine, one worker of which is killed: time, and whether the tables are the same.

Run with the interpreter of `make test-engines`:
`.venv-engines/bin/python benchmarks/engines.py [FIRM_EVENTS [ENGINE ...]]`; the default is 1,000,000 and all
of `here`, `threads`, `processes`, `dask`, `ray` and `spark`. When a third of the shards are handed out a
worker is killed by SIGKILL (not of the first three, which do not replace one). The study is that of
`ten_million.py`; engines have two workers, and their start is not timed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pyarrow as pa
from ten_million import SHARD, drawn

from eventstudy.engine.executors import dask_executor, ray_executor, spark_executor
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.engine.grid_tables import run_on_grid

Engine = Callable[[], Any]
LOCALHOST = "127.0.0.1"


@contextlib.contextmanager
def on_dask() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            2, threads_per_worker=1, memory_limit="3GiB", host=LOCALHOST, dashboard_address=None
        ) as own,
        Client(own) as client,
    ):
        yield dask_executor(client)


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
    session = (
        builder.config("spark.driver.memory", "3g").config("spark.driver.maxResultSize", "2g").getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    with spark_executor(session, jobs=4) as executor:
        yield executor
    session.stop()


ENGINES: dict[str, tuple[Engine, str]] = {  # and what the command line of a worker has
    "here": (contextlib.nullcontext, ""),
    "threads": (lambda: ThreadPoolExecutor(2), ""),
    "processes": (lambda: ProcessPoolExecutor(2, mp_context=get_context("forkserver")), ""),
    "dask": (on_dask, "multiprocessing.spawn"),
    "ray": (on_ray, "ray::"),
    "spark": (on_spark, "pyspark.daemon"),
}


class Watched(GridStudy):
    """A study that kills a worker when a third of its shards are handed out."""

    def shards(self, most: int) -> Iterator[GridShard]:
        for place, shard in enumerate(super().shards(most)):
            if place == len(self.day0) // most // 3:
                kill_one_below(os.getpid(), WORKER)
            yield shard


WORKER = ""


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


def digest(table: pa.Table) -> str:
    """Return a hash of the bytes of a table."""
    found = hashlib.sha256()
    for batch in table.combine_chunks().to_batches():
        found.update(batch.serialize())
    return found.hexdigest()


def main(firm_events: int, names: list[str]) -> None:
    """Print a line for each engine."""
    global WORKER
    study, labels = drawn(firm_events)
    digests = set()
    for name in names:
        make, WORKER = ENGINES[name]
        with make() as executor:
            start = time.perf_counter()
            tables = run_on_grid(Watched(**vars(study)), **labels, most=SHARD, executor=executor)
            took = time.perf_counter() - start
        digests.add(tuple(digest(table) for table in tables.values()))
        same = "same tables" if len(digests) == 1 else "OTHER TABLES"
        print(f"{name:10s} {firm_events:9,d} firm-events {took:7.1f} s  {same}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2:] or list(ENGINES))
