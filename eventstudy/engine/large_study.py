"""A large study on disk: its shards computed by any executor, and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from eventstudy._typing import Values
from eventstudy.design import Design
from eventstudy.design.arguments import as_names, check_callable, check_flags, check_kind, is_whole, refusal
from eventstudy.engine.grid_tables import MOST
from eventstudy.engine.large_files import open_large
from eventstudy.engine.large_inputs import ENGINES, LargeInputs
from eventstudy.engine.large_result import LargeResult, result_in
from eventstudy.engine.merging import merge_shards
from eventstudy.engine.preparing import prepared
from eventstudy.engine.shard_files import OF_FIRM_EVENTS, compute_second, compute_shard
from eventstudy.engine.study_folder import open_folder, part_of
from eventstudy.errors import (
    EventsFileError,
    EventStudyError,
    FileContentError,
    OutputError,
    UnknownNameError,
    UsageError,
)
from eventstudy.intake.options import reading_options
from eventstudy.uris import is_uri

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress

Pool = Literal["processes", "threads"]
KEPT = ("events", "cars")  #: tables of firm-events that are kept where nothing else is said
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
        itself); optionally ``event_id``, and the columns of ``design.by``.
    returns
        Daily returns of the securities and of the benchmark or factors, given likewise: a column of dates and
        one per series, or rows of security, date and return.
    out
        The folder: new, empty, or one in which the same study was begun.
    design
        Windows, tests, ``by`` and a model that regresses on the same series for every firm-event: ``market``
        with one benchmark, ``factors`` or ``mean``. Default: ``Design(mask_events=False)``.
    keep
        Tables of firm-events to keep: ``events``, ``cars``, ``abnormal_returns``. ``averages`` and ``tests``
        are always kept.
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
    _check(out, design, workers, pool, executor, engine, shard, shard_size, progress)
    check_flags(resume=resume)
    options = reading_options(**reading, values=values)
    inputs = LargeInputs(
        events=_events(events, options),
        returns=open_large("returns", returns, options, least_rows=2),
        design=design or Design(mask_events=False),
        keep=_kept(keep),
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
    _check(out, None, workers, pool, executor, "auto", shard, 1, progress)
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
        own = ProcessPoolExecutor(workers, mp_context=get_context(method), initializer=_ignore_interrupts)
    with own:
        yield own


def _ignore_interrupts() -> None:
    """Leave an interruption to the process that started this one: shards at work are finished."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def each_done(
    compute: Callable[[int], None],
    numbers: Sequence[int],
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Compute some shards; where one fails, or at an interruption, those that have not begun are left."""
    if executor is None:
        for done, number in enumerate(numbers, 1):
            compute(number)
            if progress:
                progress(done, len(numbers))
        return
    futures = [executor.submit(compute, number) for number in numbers]
    try:
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            if progress:
                progress(done, len(numbers))
    finally:
        for future in futures:
            future.cancel()


@contextmanager
def _failing_clearly(path: Path) -> Iterator[None]:
    """Turn errors of the system into one that says what is kept."""
    try:
        yield
    except EventStudyError:
        raise
    except BrokenProcessPool as error:
        problem = f"a worker was killed, perhaps for want of memory; {AGAIN}"
        raise OutputError(path, problem, "give fewer --workers or a smaller --shard-size") from error
    except OSError as error:
        raise OutputError(path, f"could not be written: {error.strerror or error}; {AGAIN}") from error


def _events(events: Any, options: Any) -> Any:
    try:
        return open_large("events", events, options, least_rows=1)
    except FileContentError as error:
        raise EventsFileError(error.name, f"{error.problem}; {error.remedy}", line=error.line) from None


def _kept(keep: str | Sequence[str]) -> tuple[str, ...]:
    names = as_names("keep", keep, "cars")
    for name in names:
        if name in ("averages", "tests"):
            continue
        if name not in OF_FIRM_EVENTS:
            raise UnknownNameError("table (keep)", name, OF_FIRM_EVENTS)
    return tuple(name for name in OF_FIRM_EVENTS if name in names)


def _check(
    out: Any,
    design: Any,
    workers: Any,
    pool: Any,
    executor: Any,
    engine: Any,
    shard: Any,
    size: Any,
    progress: Any,
) -> None:
    """Refuse arguments of a wrong type or form."""
    check_kind("out", out, (str, PathLike), "a path")
    if is_uri(str(out)):
        raise UsageError(f"out must be a folder of this machine or of a shared disk, not {out}")
    if design is not None:
        check_kind("design", design, Design, "a Design")
    for name, value in (("workers", workers), ("shard_size", size)):
        if not is_whole(value) or value < 1:
            raise refusal(name, value, "a whole number from 1 on")
    if executor is not None:
        check_kind("executor", executor, Executor, "an Executor of concurrent.futures")
    if pool not in get_args(Pool):
        raise UnknownNameError("pool", str(pool), get_args(Pool))
    if engine not in ENGINES:
        raise UnknownNameError("engine", str(engine), ENGINES)
    if shard is not None:
        pair = isinstance(shard, tuple) and len(shard) == 2 and all(map(is_whole, shard))
        if not pair or not 1 <= shard[0] <= shard[1]:
            raise refusal("shard", shard, "a pair (I, N) with I from 1 to N")
    check_callable("progress", progress)
