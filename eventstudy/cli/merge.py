"""`eventstudy merge`: the shards of a large study added up."""

from __future__ import annotations

from typing import Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.large import Part, Pool, Workers, print_result, telling

Folder = Annotated[
    str, typer.Argument(metavar="DIR", help="Folder of a study that `eventstudy large` has computed.")
]


def merge(
    call: Call,
    study_folder: Folder = "large",
    workers: Workers = 1,
    pool: Pool = "processes",
    shard: Part = None,
) -> None:
    """Add up the shards of a large study, and write its averages and tests."""
    from eventstudy.engine.large_study import merge_large

    with telling(call, "the same command goes on"), call.progress() as progress:
        result = merge_large(study_folder, workers=workers, pool=pool, shard=shard, progress=progress)
    print_result(call, result, shard)
