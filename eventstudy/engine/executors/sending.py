"""`SendingExecutor`: calls go to an engine as bytes, and their outcomes come back as bytes."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from eventstudy.errors import UsageError, first_line

P = ParamSpec("P")
T = TypeVar("T")
PROTOCOL = 5  #: of pickle: arrays are written without a copy


def run_sent(call: bytes) -> bytes:
    """Run a pickled call on a worker; return its value and its exception, one of which is None, pickled.

    An exception of the call is an outcome like any other: the engine sees only what happens to its workers,
    so it repeats a call whose worker died and never one that fails by itself.
    """
    function, args, kwargs = pickle.loads(call)
    outcome: tuple[Any, Exception | None]
    try:
        outcome = function(*args, **kwargs), None
    except Exception as error:
        error.add_note(f"On the worker:\n{traceback.format_exc()}")
        outcome = None, error
    return pickle.dumps(outcome, protocol=PROTOCOL)


class SendingExecutor(Executor):
    """An executor whose calls an engine runs elsewhere.

    A call is pickled once, so function and arguments have to be importable on the workers.

    Parameters
    ----------
    start
        Has the engine run `run_sent` on some bytes; the future of what that returns.
    workers
        Returns how many calls the engine runs at once.
    lost
        What the engine raises of a call whose workers died too often. Its future raises a BrokenExecutor.
    stop
        Ends what was begun for this executor; the engine itself stays.
    """

    def __init__(
        self,
        start: Callable[[bytes], Future[bytes]],
        *,
        workers: Callable[[], int],
        lost: tuple[type[BaseException], ...],
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._start, self._workers, self._stop = start, workers, stop
        self._lost: tuple[type[BaseException], ...] = (CancelledError, *lost)

    @property
    def _max_workers(self) -> int:  # the name that the pools of the standard library have for it
        return self._workers()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Send a call; the future of its value, or of the exception that it raised on the worker."""
        sent = self._start(pickle.dumps((fn, args, kwargs), protocol=PROTOCOL))
        future: Future[T] = Future()
        held = [
            sent
        ]  # until it is delivered: an engine keeps what is referred to, and repeats it if it is lost
        future.add_done_callback(partial(_cancel, held))
        sent.add_done_callback(partial(_deliver, future, held, self._lost))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the engine as it was found."""
        self._stop()


def _cancel(held: list[Future[bytes]], future: Future[Any]) -> None:
    if future.cancelled():
        for sent in held:
            sent.cancel()


def _deliver(
    future: Future[Any],
    held: list[Future[bytes]],
    lost: tuple[type[BaseException], ...],
    sent: Future[bytes],
) -> None:
    """Hand over the outcome of a call, which may have been cancelled in the meantime."""
    held.clear()
    if not future.set_running_or_notify_cancel():
        return
    try:
        value, error = pickle.loads(sent.result())
    except lost as gone:
        broken = BrokenExecutor(f"{type(gone).__name__}: {first_line(gone)}")
        broken.__cause__ = gone
        future.set_exception(broken)
    except BaseException as other:
        future.set_exception(other)
    else:
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)


def missing(library: str, extra: str) -> UsageError:
    """Return the error of an engine that is not installed."""
    return UsageError(f'this executor needs {library}: pip install "eventstudy-impact[{extra}]"')
