"""A study on engines that lose a worker: every row, and the same bytes as in one process.

A worker is killed by SIGKILL while it reads its shard; it held results of other shards that were not fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cluster_environment import ENVIRONMENT, LOCALHOST, WAIT
from grid_studies import Killing, bits, drawn_study
from large_studies import content, run_large, write_files

from eventstudy.engine.executors import dask_executor, ray_executor, spark_executor
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.errors import LostShardError, UsageError

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore"),  # the engines' own
]
FIRM_EVENTS, SHARD = 10_000, 1_000
DEATHS = 2  #: of its workers, after which a shard is given up: fewer than by default, to save time


@contextmanager
def on_dask() -> Iterator[Executor]:
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit="1GiB", host=LOCALHOST, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield dask_executor(client)


@contextmanager
def on_ray() -> Iterator[Executor]:
    import ray

    with pytest.raises(UsageError, match=r"ray\.init\(\)"):
        ray_executor()
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address=LOCALHOST, log_to_driver=False)
    try:
        yield ray_executor(retries=DEATHS)
    finally:
        ray.shutdown()


@contextmanager
def on_spark() -> Iterator[Executor]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[2,{DEATHS}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", LOCALHOST).getOrCreate()
    try:
        with spark_executor(session) as executor:
            yield executor
    finally:
        session.stop()


@pytest.fixture(scope="module", params=[on_dask, on_ray, on_spark], ids=["dask", "ray", "spark"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Yield an executor with two workers."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with request.param() as started:
            yield started


@cache
def drawn() -> tuple[GridStudy, dict[str, Any]]:
    return drawn_study(FIRM_EVENTS)


@cache
def in_one_process() -> dict[str, pa.Table]:
    study, names = drawn()
    return run_on_grid(study, **names)


def test_a_killed_worker_costs_no_row_and_no_bit(executor: Executor, tmp_path: Path) -> None:
    study, names = drawn()
    marker = tmp_path / "killed"
    found = run_on_grid(Killing.like(study, marker), **names, most=SHARD, executor=executor)
    assert marker.exists()
    assert found["events"].num_rows == FIRM_EVENTS
    for table, expected in in_one_process().items():
        assert bits(found[table]) == bits(expected), table


def test_a_shard_that_kills_each_worker_is_given_up_and_the_engine_serves_on(executor: Executor) -> None:
    study, names = drawn()
    with pytest.raises(LostShardError, match=r"most=\.\.\."):
        run_on_grid(Killing.like(study, None), **names, most=SHARD, executor=executor)
    assert executor.submit(pow, 2, 10).result(timeout=WAIT) == 1_024


def test_a_study_on_disk_is_the_same_bytes(executor: Executor, tmp_path: Path) -> None:
    write_files(tmp_path)
    run_large(tmp_path, "here")
    run_large(tmp_path, "there", executor=executor)
    assert content(tmp_path / "there") == content(tmp_path / "here")


def test_an_exception_keeps_its_type(executor: Executor) -> None:
    error = executor.submit(divmod, 1, 0).exception(timeout=WAIT)
    assert type(error) is ZeroDivisionError
