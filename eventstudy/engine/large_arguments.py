"""The arguments of `run_large` and `merge_large`: their types and forms are checked at the door."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from os import PathLike
from typing import Any, Literal, get_args

from eventstudy.design import Design
from eventstudy.design.arguments import as_names, check_callable, check_kind, is_whole, refusal
from eventstudy.engine.large_inputs import ENGINES
from eventstudy.engine.shard_tables import OF_FIRM_EVENTS
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.uris import is_uri

Pool = Literal["processes", "threads"]


def kept_tables(keep: str | Sequence[str]) -> tuple[str, ...]:
    """Return the tables of firm-events among those to keep; those of groups always are."""
    names = as_names("keep", keep, "cars")
    for name in names:
        if name in ("averages", "tests"):
            continue
        if name not in OF_FIRM_EVENTS:
            raise UnknownNameError("table (keep)", name, OF_FIRM_EVENTS)
    return tuple(name for name in OF_FIRM_EVENTS if name in names)


def check_arguments(
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
