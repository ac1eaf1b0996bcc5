"""Executors of a study on a grid: threads, processes, what an engine is sent, and workers that die."""

from __future__ import annotations

import concurrent.futures
import pickle
import sys
import warnings
import weakref
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from grid_studies import Killing, bits, drawn_study

from eventstudy.engine import shards
from eventstudy.engine.executors import dask_executor, ray_executor, spark_executor
from eventstudy.engine.executors.sending import SendingExecutor, run_sent
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.engine.large_study import each_done
from eventstudy.engine.shards import WAITING, add_up
from eventstudy.errors import LostShardError, UsageError
from eventstudy.significance.sums import scar_powers

SHARD = 300  #: of 2,000 firm-events: eight shards


@cache
def in_one_piece() -> dict[str, pa.Table]:
    study, names = drawn_study(2_000)
    return run_on_grid(study, **names)


def assert_same(found: dict[str, pa.Table]) -> None:
    for name, table in in_one_piece().items():
        assert bits(found[name]) == bits(table), name


def process_pool(method: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=get_context(method))


def test_threads() -> None:
    study, names = drawn_study(2_000)
    assert len(list(study.shards(SHARD))) >= 5
    assert_same(run_on_grid(study, **names, most=SHARD, workers=2))


@pytest.mark.parametrize("method", get_all_start_methods())
def test_processes(method: str) -> None:
    study, names = drawn_study(2_000)
    with process_pool(method) as pool, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        assert_same(run_on_grid(study, **names, most=SHARD, executor=pool))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_broken_pool_says_how_to_go_on() -> None:
    study, names = drawn_study(2_000)
    deadly = Killing.like(study, marker=None)
    with process_pool("spawn") as pool, pytest.raises(LostShardError) as caught:
        run_on_grid(deadly, **names, most=SHARD, executor=pool)
    for remedy in ("terminated abruptly", "most=", "memory", 'if __name__ == "__main__"'):
        assert remedy in str(caught.value)
    assert isinstance(caught.value.__cause__, BrokenExecutor)


def failing(shard: int) -> int:
    if shard == 3:
        raise ZeroDivisionError(f"shard {shard}")
    return shard


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(1), lambda: process_pool("spawn")])
def test_an_exception_in_a_shard_is_raised_and_the_pool_serves_on(make: Callable[[], Executor]) -> None:
    with make() as pool:
        with pytest.raises(ZeroDivisionError, match="shard 3"):
            add_up(failing, range(6), pool)
        assert add_up(failing, range(3), pool) == 3


class ByHand:
    """An engine that runs a call when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[bytes, Future[bytes]]] = []

    def start(self, call: bytes) -> Future[bytes]:
        self.waiting.append((call, Future()))
        return self.waiting[-1][1]

    def executor(self, workers: int = 2) -> SendingExecutor:
        return SendingExecutor(self.start, workers=lambda: workers, lost=(ConnectionError,))


def at_once(workers: int) -> SendingExecutor:
    """Return an executor whose engine runs a call as soon as it has it."""

    def start(call: bytes) -> Future[bytes]:
        done: Future[bytes] = Future()
        done.set_result(run_sent(call))
        return done

    return SendingExecutor(start, workers=lambda: workers, lost=(ConnectionError,))


def test_a_study_by_what_is_sent_and_comes_back() -> None:
    study, names = drawn_study(2_000)
    assert_same(run_on_grid(study, **names, most=SHARD, executor=at_once(2)))


def test_what_has_been_delivered_is_let_go() -> None:
    """Dask computes again what a dead worker held, and someone still refers to."""
    engine = ByHand()
    future = engine.executor().submit(failing, 1)
    call, sent = engine.waiting.pop()
    alive = weakref.ref(sent)
    sent.set_result(run_sent(call))
    del sent
    assert future.result() == 1
    assert alive() is None


def test_shards_that_have_not_begun_are_cancelled_where_the_report_fails() -> None:
    engine = ByHand()

    def report(done: int, of: int) -> None:
        raise KeyboardInterrupt

    executor = engine.executor(WAITING // 2)
    submit = executor.submit

    def submitted(*call: Any) -> Future[Any]:
        future = submit(*call)
        if len(engine.waiting) == WAITING:
            engine.waiting[0][1].set_result(run_sent(engine.waiting[0][0]))
        return future

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor, "submit", submitted)
        with pytest.raises(KeyboardInterrupt):
            each_done(failing, [1] * 20, executor, report)
    assert [sent.cancelled() for _, sent in engine.waiting] == [False] + [True] * (WAITING - 1)


def test_an_exception_of_the_call_is_an_outcome_with_its_trace() -> None:
    engine = ByHand()
    future = engine.executor().submit(failing, 3)
    call, sent = engine.waiting[0]
    sent.set_result(run_sent(call))
    with pytest.raises(ZeroDivisionError, match="shard 3") as caught:
        future.result()
    assert "in failing" in "".join(caught.value.__notes__)


class UnreadableError(Exception):
    """Pickles, and cannot be unpickled."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def unreadable() -> None:
    raise UnreadableError("a", "b")


def test_an_exception_that_cannot_cross_is_an_error_and_no_endless_wait() -> None:
    future = at_once(1).submit(unreadable)
    with pytest.raises(TypeError, match="other"):
        future.result(timeout=0)


def test_what_cannot_be_pickled_is_refused_when_it_is_sent() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        ByHand().executor().submit(lambda: 1)


def test_a_lost_call_is_a_lost_shard_and_other_failures_of_the_engine_are_not() -> None:
    for raised, expected in ((ConnectionResetError("gone"), LostShardError), (OSError("full"), OSError)):

        def start(call: bytes, raised: BaseException = raised) -> Future[bytes]:
            sent: Future[bytes] = Future()
            sent.set_exception(raised)
            return sent

        executor = SendingExecutor(start, workers=lambda: 1, lost=(ConnectionError,))
        with pytest.raises(expected, match=str(raised)):
            add_up(failing, range(2), executor)


def test_a_cancelled_call_is_cancelled_at_the_engine_and_its_outcome_dropped() -> None:
    engine = ByHand()
    executor = engine.executor()
    one, other = executor.submit(failing, 1), executor.submit(failing, 2)
    assert one.cancel()
    (_, cancelled), (call, sent) = engine.waiting
    assert cancelled.cancelled()
    sent.set_running_or_notify_cancel()  # too late to be cancelled
    assert other.cancel() and not sent.cancelled()
    sent.set_result(run_sent(call))
    assert other.cancelled()


def test_an_engine_that_cancels_loses_the_shard() -> None:
    def start(call: bytes) -> Future[bytes]:
        sent: Future[bytes] = Future()
        sent.cancel()
        sent.set_running_or_notify_cancel()
        return sent

    with pytest.raises(LostShardError, match="CancelledError"):
        add_up(failing, range(2), SendingExecutor(start, workers=lambda: 1, lost=()))


@pytest.mark.parametrize(("workers", "most"), [(0, WAITING), (1, 2), (20, 40)])
def test_as_many_shards_are_made_as_keep_the_workers_busy(
    workers: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, numbers = ByHand(), []

    def wait(futures: set[Future[int]], return_when: str) -> tuple[set[Future[int]], set[Future[int]]]:
        numbers.append(len(futures))
        call, sent = engine.waiting.pop()
        sent.set_result(run_sent(call))
        return concurrent.futures.wait(futures, return_when=return_when)

    monkeypatch.setattr(shards, "wait", wait)
    assert add_up(failing, range(100, 200), engine.executor(workers)) == sum(range(100, 200))
    assert max(numbers) == most


def test_pools_of_the_standard_library_say_how_many_workers_they_have() -> None:
    """By a name of their own, which decides how many shards they are given at once."""
    with ThreadPoolExecutor(3) as threads:
        assert threads._max_workers == 3
    with process_pool("spawn") as processes:
        assert processes._max_workers == 2


def test_a_shard_is_sent_with_the_part_of_the_grid_and_the_sums_that_it_needs() -> None:
    """Not with all sums of the first pass, which are many times as large."""
    study, names = drawn_study(2_000, sessions=3_000)
    calls: list[bytes] = []

    def start(call: bytes) -> Future[bytes]:
        calls.append(call)
        sent: Future[bytes] = Future()
        sent.set_result(run_sent(call))
        return sent

    run_on_grid(
        study,
        **names,
        most=SHARD,
        executor=SendingExecutor(start, workers=lambda: 1, lost=()),
    )
    first, second = calls[: len(calls) // 2], calls[len(calls) // 2 :]
    assert max(map(len, first)) < study.grid.returns.nbytes / 2
    function, _, _ = pickle.loads(second[0])
    known = [set(sums.kinds) for of_level in function.keywords["known"] for sums in of_level.values()]
    assert known == [{scar_powers}, set()] * len(study.levels)


@pytest.mark.parametrize(
    ("make", "library", "extra"),
    [
        (lambda: dask_executor(None), "distributed", "dask"),
        (lambda: ray_executor(), "ray", "ray"),
        (lambda: spark_executor(None), "pyspark", "spark"),
    ],
)
def test_a_missing_engine_names_its_extra(
    make: Callable[[], Any], library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked: ModuleType | None = None
    for name in (library, "dask", "py4j"):
        monkeypatch.setitem(sys.modules, name, blocked)
    with pytest.raises(UsageError, match=rf'pip install "eventstudy-impact\[{extra}\]"'):
        make()
