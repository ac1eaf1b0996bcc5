"""Shards on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from eventstudy.engine.executors.sending import SendingExecutor, missing, run_sent


def dask_executor(client: Any) -> SendingExecutor:
    """Return an executor whose calls the workers of a Dask cluster run.

    A call whose worker dies is run again on another one, up to the cluster's ``allowed-failures``; a result
    that is lost before it was fetched is computed again.

    Parameters
    ----------
    client
        A ``distributed.Client``, which stays open.

    Raises
    ------
    UsageError
        Dask is not installed.

    Notes
    -----
    Calls are part of their tasks and are not scattered: scattered data is gone with the worker that holds it,
    and a task that needs it cannot be run again.
    """
    try:
        import dask
        from distributed import KilledWorker
    except ModuleNotFoundError:
        raise missing("Dask", "dask") from None
    submit: Callable[..., Future[bytes]] = client.get_executor(pure=False).submit

    def start(call: bytes) -> Future[bytes]:
        size = 2 * len(call)  # from which on Dask warns and recommends to scatter
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": f"{size + 10_000_000}B"}):
            return submit(run_sent, call)

    return SendingExecutor(start, workers=lambda: sum(client.nthreads().values()), lost=(KilledWorker,))
