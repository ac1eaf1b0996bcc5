"""`eventstudy export`: the tables of a saved result in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.choices import format_names, table_names
from eventstudy.cli.opened import open_result
from eventstudy.cli.options import Force, ResultFolder

if TYPE_CHECKING:
    from eventstudy.engine.large_result import LargeResult
    from eventstudy.results.folder import Saved

Format = Annotated[
    str,
    typer.Option(
        "--format",
        autocompletion=format_names,
        metavar="NAME",
        help="Format of the files, such as csv, xlsx or latex.",
    ),
]
Table = Annotated[
    list[str] | None,
    typer.Option(
        "--table",
        autocompletion=table_names,
        metavar="T",
        help="Table to export; may be repeated.  [default: all; for latex and docx those for a paper]",
    ),
]
PartitionBy = Annotated[
    str | None, typer.Option(metavar="COL", help="For parquet: a folder per value of this column.")
]
Brackets = Annotated[
    str,
    typer.Option(
        metavar="t|se", help="For latex and docx: what stands in brackets, t or the standard error."
    ),
]
Stars = Annotated[
    bool,
    typer.Option("--stars/--no-stars", help="For latex and docx: mark p-values of at most 10, 5 and 1 %."),
]
Out = Annotated[str, typer.Option(metavar="DIR|URI", help="Folder or URI (file://, s3://) to write to.")]


def export(
    call: Call,
    format: Format,  # noqa: A002  (the option's name)
    out: Out,
    results: ResultFolder = "results",
    table: Table = None,
    partition_by: PartitionBy = None,
    brackets: Brackets = "t",
    stars: Stars = False,
    force: Force = False,
) -> None:
    """Write the tables of a result in another format; prints the names of the files.

    The tables of a large study are read and written a part at a time: parquet, csv and json take them all,
    other formats those of groups.
    """
    from eventstudy import results as store

    saved = open_result(results)
    files = store.export(
        saved,
        format=format,
        out=out,
        tables=table or None,
        partition_by=partition_by,
        brackets=brackets,  # type: ignore[arg-type]  # checked there
        stars=stars,
        force=force,
    )
    call.document({"files": files})
    call.say(files)
    _remark_on_left_out(call, saved, format, table)


def _remark_on_left_out(call: Call, saved: Saved | LargeResult, form: str, tables: list[str] | None) -> None:
    """Name the tables that a format leaves out."""
    from eventstudy.results.exporting import left_out
    from eventstudy.results.formats.workbook import ROWS

    whole = () if tables else left_out(saved, form)
    why = {f"{form} holds a table whole": list(whole)}
    if form == "xlsx":
        rows = {name: each["rows"] for name, each in saved.manifest.get("tables", {}).items()}
        long = [name for name, number in rows.items() if number >= ROWS and (not tables or name in tables)]
        why[f"a sheet holds {ROWS - 1:,} rows"] = [name for name in long if name not in whole]
    for reason, names in why.items():
        if names:
            call.remark(f"left out, since {reason}: {', '.join(names)}; export to csv or parquet")
