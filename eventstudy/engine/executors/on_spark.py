"""Shards on Spark."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from eventstudy.engine.executors.sending import SendingExecutor, missing, run_sent

JOBS = 8  #: at once: more than the cores of a laptop, so that none waits for the next shard


def spark_executor(session: Any, *, jobs: int = JOBS) -> SendingExecutor:
    """Return an executor each of whose calls is a Spark job of one row.

    A row whose worker dies is run again up to ``spark.task.maxFailures``: 4, but 1 under the master
    ``local[2]``; ``local[2,4]`` states 4.

    Parameters
    ----------
    session
        A ``SparkSession``, which stays open.
    jobs
        At once: the cores of the cluster, or some more.

    Raises
    ------
    UsageError
        PySpark is not installed.

    Notes
    -----
    Calls and outcomes are binary cells of `mapInArrow`. They pass through the driver, whose
    ``spark.driver.maxResultSize`` has to hold the outcome of one shard.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
    except ModuleNotFoundError:
        raise missing("PySpark", "spark") from None

    def job(call: bytes) -> bytes:
        frame = session.createDataFrame(pa.table({"call": pa.array([call], pa.binary())}))
        outcome: bytes = frame.mapInArrow(run_rows, "outcome binary").toArrow()["outcome"][0].as_py()
        return outcome

    pool = ThreadPoolExecutor(jobs, thread_name_prefix="spark-job")
    return SendingExecutor(
        lambda call: pool.submit(job, call),
        workers=lambda: jobs,
        lost=(Py4JError, PySparkException),
        stop=pool.shutdown,
    )


def run_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run the calls of each batch on a worker."""
    for batch in batches:
        outcomes = [run_sent(call.as_py()) for call in batch.column("call")]
        yield pa.record_batch({"outcome": pa.array(outcomes, pa.binary())})
