"""`eventstudy large`: a study of many firm-events, shard by shard, into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from eventstudy.cli.call import Call, Line
from eventstudy.cli.command import OptionGroup
from eventstudy.cli.options import LIST_OPTIONS, READING, design_options
from eventstudy.design import DESIGN_FIELDS

if TYPE_CHECKING:
    from eventstudy.engine.large_result import LargeResult

#: Options of the design, but for ``returns``, whose name is that of the file here.
FOLLOWED = (
    *("model", "benchmark", "factors", "estimation", "window", "car_windows", "min_estimation"),
    *("mask_events", "tests", "by", "weights", "alternative", "confidence", "seed"),
)


def part(text: str) -> tuple[int, int]:
    """Read a part of the shards, written ``3/64``."""
    number, slash, parts = text.partition("/")
    if not (slash and number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise typer.BadParameter(f"{text!r} is not a part; write I/N, as 3/64, with I from 1 to N")
    return int(number), int(parts)


Events = Annotated[
    str,
    typer.Argument(
        metavar="EVENTS",
        help="The event list: ticker, and date or session (day 0). A file, or a folder of Parquet files.",
        show_default=False,
    ),
]
Returns = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Daily returns: a date and a column per series, or rows of security, date and return. A file, or"
        " a folder or URI of Parquet files.",
    ),
]
Out = Annotated[str, typer.Option(metavar="DIR", help="Folder of the study to write, or to go on with.")]
Kind = Annotated[
    Literal["simple", "log"], typer.Option("--return-kind", help="What the returns are: simple, or log.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        metavar="events|cars|coefficients|abnormal_returns|residuals|diagnostics",
        help="Table of firm-events to keep. May be repeated.  [default: events, cars, coefficients]",
    ),
]
Workers = Annotated[int, typer.Option(metavar="N", help="Shards that are computed at once.")]
Pool = Annotated[Literal["processes", "threads"], typer.Option(help="What computes them.")]
Engine = Annotated[
    Literal["auto", "numpy", "compiled"], typer.Option(help="What estimates: NumPy, or compiled by Numba.")
]
Part = Annotated[
    Any,
    typer.Option(
        "--shard",
        parser=part,
        metavar="I/N",
        help="Compute the I-th of N parts of the shards alone; `eventstudy merge` completes the study.",
    ),
]
ShardSize = Annotated[int, typer.Option(metavar="N", help="Firm-events of a shard, about.")]
Resume = Annotated[
    bool, typer.Option("--resume/--no-resume", help="Leave shards that are there and sound as they are.")
]


def _gather(_: Any, **given: Any) -> Any:
    """Return the statements about files that were made, as arguments."""
    columns = dict(given.pop("event_column") or ())
    order, zone = given.pop("event_date_order"), given.pop("event_timezone")
    stated = {"event_columns": columns or None, "date_order": order, "timezone": zone, **given}
    return {name: value for name, value in stated.items() if value is not None}


if TYPE_CHECKING:
    Changes = dict[str, Any]
    Statements = dict[str, Any]
else:
    Changes = Annotated[Any, design_options(*(DESIGN_FIELDS.keys() - set(FOLLOWED)))]
    Statements = Annotated[Any, OptionGroup(LIST_OPTIONS | READING, _gather)]


def large(
    call: Call,
    *,
    events: Events,
    returns: Returns,
    out: Out = "large",
    return_kind: Kind = "simple",
    design: Changes,
    keep: Keep = None,
    workers: Workers = 1,
    pool: Pool = "processes",
    engine: Engine = "auto",
    shard: Part = None,
    shard_size: ShardSize = 16_000,
    resume: Resume = True,
    statements: Statements,
) -> None:
    """Measure many firm-events shard by shard and write the results to a folder.

    Finished shards are kept whatever happens: the same command computes the others.
    """
    from eventstudy.design import Design
    from eventstudy.engine.large_study import KEPT, run_large

    chosen: dict[str, Any] = {"mask_events": False, "returns": return_kind}
    chosen |= {name: value for name, value in design.items() if value is not None}
    with telling(call, "the same command computes the shards that are left"), call.progress() as progress:
        result = run_large(
            events,
            returns,
            out,
            design=Design(**chosen),
            keep=keep or KEPT,
            workers=workers,
            pool=pool,
            engine=engine,
            shard=shard,
            shard_size=shard_size,
            resume=resume,
            progress=progress,
            **statements,
        )
    print_result(call, result, shard)


@contextmanager
def telling(call: Call, what: str) -> Iterator[None]:
    """Say what to do next where the user interrupts."""
    try:
        yield
    except KeyboardInterrupt:
        call.remark(what)
        raise


def print_result(call: Call, result: LargeResult, shard: tuple[int, int] | None) -> None:
    """Print what a study has found, or that a part of it is done, and what to do next."""
    folder = str(result.path)
    if not result.manifest:
        call.document({"folder": folder, "shard": list(shard or ()), "complete": False})
        call.remark(f"This part is done. When all are: eventstudy merge {folder}")
        return
    manifest = result.manifest
    about = {name: manifest[name] for name in ("firm_events", "skipped", "shards", "tests_left_out")}
    rows = [row for row in result.table("tests").to_pylist() if row["level"] == "all"]
    tables = {name: table["rows"] for name, table in manifest["tables"].items()}
    call.document({"folder": folder, "complete": True, **about, "tables": tables, "tests": rows})
    call.say(_text(result, rows, call.width))
    if left_out := manifest["tests_left_out"]:
        named = " ".join(f"--test {name}" for name in left_out)
        call.remark(f"Not computed of so many firm-events unless they are named: {named}")
    call.remark(f"The tables are in {folder}/: eventstudy.load_large({folder!r}) opens them")


def _text(result: LargeResult, rows: list[dict[str, Any]], width: int) -> Iterator[Line]:
    from eventstudy.cli.columns import table_lines
    from eventstudy.words.formatting import counted, pvalue, ratio

    manifest = result.manifest
    measured = counted(manifest["firm_events"] - manifest["skipped"], "firm-event")
    yield Line(f"{measured}, {manifest['skipped']:,} skipped, {counted(manifest['shards'], 'shard')}", "bold")
    windows = [tuple(pair) for pair in manifest["design"]["car_windows"]]
    table = [["window", "test", "statistic", "p", "n", "of"]]
    for row in rows:
        if row["headline"] and row["measure"] == "CAR" and (row["start"], row["end"]) in windows:
            window = f"[{row['start']},{row['end']}]"
            table.append(
                [
                    *(window, row["test"], ratio(row["statistic"])),
                    *(pvalue(row["pvalue"]), f"{row['n']:,}", f"{row['unit']}s"),
                ]
            )
    yield from table_lines("llrrrl", table, width)
