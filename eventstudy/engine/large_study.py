"""A large study on disk: its shards computed by any executor, and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy._typing import Values
from eventstudy.design import Design
from eventstudy.design.arguments import check_flags
from eventstudy.engine.grid_tables import MOST
from eventstudy.engine.large_arguments import Pool, check_arguments, kept_tables
from eventstudy.engine.large_files import LargeTable, open_large
from eventstudy.engine.large_inputs import LargeInputs
from eventstudy.engine.large_result import LargeResult, result_in
from eventstudy.engine.merging import merge_shards
from eventstudy.engine.preparing import prepared
from eventstudy.engine.shard_files import compute_second, compute_shard
from eventstudy.engine.shards import arriving
from eventstudy.engine.study_folder import open_folder, part_of
from eventstudy.errors import (
    EventsFileError,
    EventStudyError,
    FileContentError,
    OutputError,
    PriceDataError,
)
from eventstudy.errors import place as place_in
from eventstudy.intake.options import ReadingOptions, reading_options

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress

KEPT = ("events", "cars", "coefficients")  #: tables of firm-events that are kept where nothing else is said
AGAIN = "finished shards are kept; the same command computes the others"


def run_large(
    events: Any,
    returns: Any,
    out: str | PathLike[str] = "large",
    *,
    design: Design | None = None,
    keep: str | Sequence[str] = KEPT,
    values: Values | None = None,
    workers: int = 1,
    pool: Pool = "processes",
    executor: Executor | None = None,
    engine: str = "auto",
    shard: tuple[int, int] | None = None,
    shard_size: int = MOST,
    resume: bool = True,
    progress: Progress | None = None,
    **reading: Any,
) -> LargeResult:
    """Measure many firm-events shard by shard, and write the results to a folder.

    Every shard is written as files of its own when it is done. The files are the same bytes however many
    processes and machines compute them, in whatever order, killed and started again or not.

    Parameters
    ----------
    events
        A file, a folder of Parquet files (a path or a URI) or a frame with ``ticker`` and ``date`` (day 0 is
        the first session on or after it; after it where ``timing`` is ``post``) or ``session`` (day 0
        itself); optionally ``event_id``, and the columns of ``design.by`` and ``design.weights``.
    returns
        Daily returns of the securities and of the benchmark or factors, given likewise: a column of dates and
        one per series, or rows of security, date and return.
    out
        The folder: new, empty, or one in which the same study was begun.
    design
        Windows, tests, ``by`` and a model that regresses on the same series for every firm-event: ``market``
        with one benchmark, ``factors`` or ``mean``; masks around other events and weights. Default:
        ``Design(mask_events=False)``.
    keep
        Tables of firm-events to keep: ``events``, ``cars``, ``coefficients``, ``abnormal_returns``,
        ``residuals``, ``diagnostics``. ``averages`` and ``tests`` are always kept.
    values
        What the returns hold: ``returns`` (decimals, of the design's kind), ``percent``, ``log-returns`` or
        ``prices``. Default: decimals.
    workers, pool
        How many ``processes`` or ``threads`` of this machine compute shards.
    executor
        Computes shards in their place: any `concurrent.futures.Executor` whose workers see the folder.
    engine
        ``numpy``, ``compiled`` (the extra ``fast``), or ``auto``: compiled from 20,000 firm-events on, where
        Numba is installed.
    shard
        ``(I, N)`` computes the I-th of N parts of the shards, and leaves the rest to other processes; then
        `merge_large` completes the study.
    shard_size
        Firm-events of a shard, about; those of one day 0 stay together.
    resume
        Shards that are there and sound are not computed again.
    progress
        Called with the step, how far it is, and of how much.
    reading
        What else is stated about files that can be read in two ways: the options of `read_prices`.

    Returns
    -------
    LargeResult
        The folder. Every firm-event is in it, measured or skipped with the reason.

    Raises
    ------
    EventsFileError, PriceDataError
        Events or returns cannot be read, or a benchmark or factor is missing.
    DesignError, UsageError
        What a large study does not follow, with what it does.
    OutputError
        The folder holds something else, cannot be written, or a worker was killed; finished shards are kept.
    """
    check_arguments(out, design, workers, pool, executor, engine, shard, shard_size, progress)
    check_flags(resume=resume)
    options = reading_options(**reading, values=values)
    inputs = LargeInputs(
        events=_events(events, options),
        returns=_returns(returns, options),
        design=design or Design(mask_events=False),
        keep=kept_tables(keep),
        values=values,
        engine=engine,
        most=shard_size,
        options=options,
    )
    path = Path(out)
    with _failing_clearly(path):
        folder = prepared(path, inputs.request, inputs.write)
        numbers = part_of(range(folder.shards), shard)
        with executor_of(workers, pool, executor) as own:
            compute = partial(compute_shard, path, resume=resume)
            each_done(compute, numbers, own, partial(progress, "shards") if progress else None)
            if shard is None:
                _merge(path, own, None, progress)
    return result_in(path, whole=shard is None)


def merge_large(
    out: str | PathLike[str] = "large",
    *,
    workers: int = 1,
    pool: Pool = "processes",
    executor: Executor | None = None,
    shard: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> LargeResult:
    """Add the shards of a study that several processes have computed, and write its averages and tests.

    Tests that need a second pass over the firm-events get it here, shard by shard.

    Parameters
    ----------
    out
        The folder.
    workers, pool, executor, progress
        As of `run_large`.
    shard
        ``(I, N)`` computes the I-th of N parts of the second pass, and writes nothing else.

    Raises
    ------
    OutputError
        Shards are missing or damaged, with their numbers; the folder is none of a large study or cannot be
        written.
    """
    check_arguments(out, None, workers, pool, executor, "auto", shard, 1, progress)
    path = Path(out)
    with _failing_clearly(path), executor_of(workers, pool, executor) as own:
        _merge(path, own, shard, progress)
    return result_in(path, whole=shard is None)


def _merge(
    path: Path, executor: Executor | None, shard: tuple[int, int] | None, progress: Progress | None
) -> None:
    def second(numbers: Sequence[int]) -> None:
        report = partial(progress, "second pass") if progress else None
        each_done(partial(compute_second, path), part_of(numbers, shard), executor, report)

    merge_shards(open_folder(path), second, complete=shard is None)


@contextmanager
def executor_of(workers: int, pool: Pool, executor: Executor | None) -> Iterator[Executor | None]:
    """Give the executor that is meant; None for one worker, which is this process."""
    if executor is not None or workers == 1:
        yield executor
        return
    own: Executor
    if pool == "threads":
        own = ThreadPoolExecutor(workers)
    else:
        method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
        if method == "forkserver":
            _start_deaf_to_interrupts()
        own = ProcessPoolExecutor(workers, mp_context=get_context(method), initializer=_begin_worker)
    with own:
        yield own


def _start_deaf_to_interrupts() -> None:
    """Start the process that forks workers with interruptions blocked, which its workers inherit.

    A worker that is interrupted before its initializer has run dies, and may leave the pool waiting for it.
    """
    import signal
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # its start ends a block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Leave interruptions to the process that started this one, and end with it where it is killed."""
    import os
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def end_with_it() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=end_with_it, daemon=True).start()


def each_done(
    compute: Callable[[int], None],
    numbers: Sequence[int],
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Compute some shards; where one fails, or at an interruption, those that have not begun are left."""
    with closing(arriving(compute, numbers, executor)) as arrived:
        for done, _ in enumerate(arrived, 1):
            if progress:
                progress(done, len(numbers))


@contextmanager
def _failing_clearly(path: Path) -> Iterator[None]:
    """Turn errors of the system into one that says what is kept."""
    try:
        yield
    except EventStudyError:
        raise
    except (BrokenExecutor, CancelledError) as error:
        problem = f"a worker was killed, perhaps for want of memory; {AGAIN}"
        raise OutputError(path, problem, "give fewer --workers or a smaller --shard-size") from error
    except OSError as error:
        raise OutputError(path, f"could not be written: {error.strerror or error}; {AGAIN}") from error


def _events(events: Any, options: ReadingOptions) -> LargeTable:
    try:
        return open_large("events", events, options, least_rows=1)
    except (FileContentError, PriceDataError) as error:
        name, line = (error.name, error.line) if isinstance(error, FileContentError) else (error.ticker, None)
        why = f"{error.problem}; {error.remedy}" if error.remedy else error.problem
        raise EventsFileError(name, f"the events cannot be read: {why}", line=line) from None


def _returns(returns: Any, options: ReadingOptions) -> LargeTable:
    try:
        return open_large("returns", returns, options, least_rows=2)
    except FileContentError as error:
        where = place_in(error.name, error.line, None)
        raise PriceDataError("returns", f"{where}: {error.problem}", error.remedy) from None
    except PriceDataError as error:
        raise PriceDataError("returns", f"{error.ticker}: {error.problem}", error.remedy) from None
