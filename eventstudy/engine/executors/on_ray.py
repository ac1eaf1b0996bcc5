"""Shards on a Ray cluster."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from eventstudy.engine.executors.sending import SendingExecutor, missing, run_sent
from eventstudy.errors import UsageError


def ray_executor(*, retries: int = 3, **options: Any) -> SendingExecutor:
    """Return an executor whose calls are remote tasks of the Ray cluster that this process is connected to.

    Parameters
    ----------
    retries
        How often a call is run again whose worker died.
    options
        Of the remote task, such as ``num_cpus`` and ``memory``.

    Raises
    ------
    UsageError
        Ray is not installed, or ``ray.init()`` was not called.
    """
    try:
        import ray
        from ray import exceptions
    except ModuleNotFoundError:
        raise missing("Ray", "ray") from None
    if not ray.is_initialized():
        raise UsageError("this process is not connected to a Ray cluster: call ray.init() first")
    task = ray.remote(max_retries=retries, **options)(run_sent)

    def start(call: bytes) -> Future[bytes]:
        sent: Future[bytes] = task.remote(call).future()
        return sent

    return SendingExecutor(
        start,
        workers=lambda: int(ray.cluster_resources().get("CPU", 1)),
        lost=(
            *(exceptions.WorkerCrashedError, exceptions.OutOfMemoryError, exceptions.NodeDiedError),
            *(exceptions.LocalRayletDiedError, exceptions.ObjectLostError),
        ),
    )
