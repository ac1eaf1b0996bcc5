"""Exporting result tables: which tables, in which format, to where."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eventstudy.atomic import scratch_folder
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.results.folder import Saved
from eventstudy.results.formats import FORMATS, IN_PARTS, Format
from eventstudy.results.formats.paper import (
    PRINT_TABLES,
    USUAL,
    print_tables,
    write_paper,
)
from eventstudy.results.formats.parquet import write_partitioned
from eventstudy.results.formats.parts import Parts
from eventstudy.results.formats.print_regressions import NAME as REGRESSIONS
from eventstudy.results.formats.print_table import Brackets, PaperStyle
from eventstudy.results.formats.word import write_print_tables
from eventstudy.results.formats.workbook import Summary, write_xlsx
from eventstudy.results.outputs.destination import write_all, write_file
from eventstudy.results.outputs.ownership import Overwrite, inputs_of
from eventstudy.results.table_files import conform
from eventstudy.schema import TABLES, columns

if TYPE_CHECKING:
    import pyarrow as pa

PRINTED = ("latex", "docx")  #: formats for print
PRINTED_ROWS = 20_000  #: the most of a large study's table in them; Word takes minutes for as many
#: tables of a LaTeX export by default where the design is not known
FOR_PRINT = ("cars", "tests", "events", "comparisons")


class LargeSource(Protocol):
    """A result whose tables of firm-events are read a part at a time."""

    @property
    def path(self) -> Path:
        """Its folder."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Design, and the tables that were kept."""

    @property
    def of_firm_events(self) -> tuple[str, ...]:
        """The tables of firm-events that were kept."""

    def parts(self, table: str) -> Parts:
        """Return a table in parts; a UsageError where it was not kept."""


Source = Saved | Mapping[str, "pa.Table"] | LargeSource


def export(
    source: Source,
    *,
    format: str,  # noqa: A002  (the option's name on the command line too)
    out: str | os.PathLike[str],
    tables: Sequence[str] | None = None,
    partition_by: str | None = None,
    brackets: Brackets = "t",
    stars: bool = False,
    force: bool = False,
) -> list[str]:
    """Write result tables in another format and return the names of the files.

    Parameters
    ----------
    source
        An opened result folder, or tables by name; or a large result, of which no more than a part of a
        table is in memory where the format is parquet, csv or json. The others take its tables of groups.
    format
        One of `FORMATS`: parquet, csv, json (a file per table), xlsx (a sheet per table), latex or docx.
    out
        A folder, made where there is none, or a URI that Arrow can write to: ``file://``, ``s3://``. For
        xlsx also a file of that ending.
    tables
        Which; None means all there are, and for latex and docx, of a result folder, two tables for a paper:
        abnormal returns by event and ticker (``cars_by_event``) and mean CARs by window (``caars``), and the
        regressions side by side (``regression_models``) where there are any. ``caars_by_group``
        has the mean CARs of sub-samples. Of tables without a design those of `FOR_PRINT`.
    partition_by
        For parquet: a folder per value of this column in every table that has it.
    brackets
        Of tables for a paper: ``t`` or the standard error, ``se``, in brackets.
    stars
        Mark p-values of at most 10, 5 and 1 % in tables for a paper.
    force
        Replace files that are in the way and not of eventstudy, except inputs of the study.

    Raises
    ------
    UnknownNameError
        There is no such format, table, column or figure in brackets.
    UsageError
        ``partition_by`` with another format than parquet, or a column of measured numbers. Of a large result
        a table that was not kept, or a table of firm-events in a format that holds it whole.
    OutputError
        The files could not be written, a file of others is in the way, or a table does not fit the format;
        no file is half-written, and the files of other names in ``out`` are never touched.
    """
    style = PaperStyle(brackets, stars)
    names = _chosen(source, format, tables)
    write = _writer(format, partition_by, names, _further(source, names))
    if isinstance(source, Saved) and format == "xlsx" and source.manifest.get("design"):
        write = partial(write_xlsx, summary=_summary(source, style))
    inputs = () if isinstance(source, Mapping) else inputs_of(source.manifest, source.path)
    as_they_are = [name for name in names if name not in PRINT_TABLES]
    if not isinstance(source, Saved | Mapping):
        _refuse_long(source, format, as_they_are)

    def fill(stage: Path) -> None:
        for_paper = [name for name in names if name in PRINT_TABLES]
        if as_they_are or not names:
            write(((name, _parts(source, name)) for name in as_they_are), stage)
        if for_paper and isinstance(source, Saved):
            if format == "docx":
                write_print_tables((table for _, table in print_tables(for_paper, source, style)), stage)
            else:
                write_paper(for_paper, source, stage, style)

    overwrite = Overwrite(force, inputs)
    if format == "xlsx" and os.fspath(out).lower().endswith(".xlsx"):
        return [
            write_file(
                out, lambda staged: _as_one_file(fill, staged), suffixes=[".xlsx"], overwrite=overwrite
            )
        ]
    return write_all(out, fill, overwrite=overwrite)


def _as_one_file(fill: Callable[[Path], None], staged: Path) -> None:
    """Let a format fill a folder beside the staged file, and move its one file there."""
    with scratch_folder() as folder:
        fill(folder)
        (written,) = folder.iterdir()
        shutil.move(written, staged)


def _summary(saved: Saved, style: PaperStyle) -> Summary:
    """Return what the first sheet says: the headline, and the tables for a paper."""
    from eventstudy.results.view import ResultView

    names = ("events", "cars", "tests", "findings", "specification_curves")
    view = ResultView({name: saved.table(name) for name in names}, saved.manifest)
    tables = [] if view.of_specifications else [t for name in USUAL for t in PRINT_TABLES[name](view, style)]
    return Summary(view.headline["sentences"], tables)


def left_out(source: Source, form: str) -> tuple[str, ...]:
    """Return the tables of a large result that a format cannot hold: firm-events, or too long for print."""
    if isinstance(source, Saved | Mapping) or form in IN_PARTS:
        return ()
    kept = source.manifest["tables"] if form in PRINTED else {}
    long = (name for name, table in kept.items() if table["rows"] > PRINTED_ROWS)
    return tuple(dict.fromkeys([*source.of_firm_events, *long]))


def _refuse_long(source: LargeSource, form: str, names: Sequence[str]) -> None:
    """Refuse what was not kept, and what a format cannot hold, before anything is written."""
    if not names and form not in IN_PARTS:
        raise UsageError(f"{form} can hold no table of this study; export it to {' or '.join(IN_PARTS)}")
    for name in names:
        source.parts(name)
        if name in left_out(source, form):
            raise UsageError(
                f"{form} holds a table whole, which {name} of a large study may be too long for;"
                f" export it to {' or '.join(IN_PARTS)}"
            )


def _usual(source: Source, form: str) -> Iterable[str]:
    """Return the tables that are exported where none is named."""
    if not isinstance(source, Saved | Mapping):
        kept = source.manifest["tables"]
        return [name for name in TABLES if name in kept and name not in left_out(source, form)]
    if form not in PRINTED:
        return TABLES
    return _for_paper(source.manifest.get("design")) if isinstance(source, Saved) else FOR_PRINT


def _chosen(source: Source, form: str, tables: Sequence[str] | None) -> list[str]:
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    there: Iterable[str] = source if isinstance(source, Mapping) else TABLES
    if isinstance(source, Saved) and form in PRINTED:
        there = (*TABLES, *PRINT_TABLES)
    asked = tables if tables is not None else [name for name in _usual(source, form) if name in there]
    for name in asked:
        if name in PRINT_TABLES and name not in there:
            raise UsageError(f"{name} is for print; export it to latex or docx, from a result folder")
        if name not in PRINT_TABLES:
            columns(name)
        if name not in there:
            raise UnknownNameError("table", name, there)
    return list(dict.fromkeys(asked))


def _for_paper(design: Mapping[str, object] | None) -> Sequence[str]:
    """Return the tables for a paper of a study; those of `FOR_PRINT` where its design is not known."""
    if not design:
        return FOR_PRINT
    return (*USUAL, REGRESSIONS) if design.get("regress") else USUAL


def _further(source: Source, names: Sequence[str]) -> list[str]:
    """Return the columns of the event list that stand in the table of firm-events of a large result."""
    if isinstance(source, Saved | Mapping) or "events" not in names:
        return []
    return list((source.manifest.get("design") or {}).get("by") or ())


def _writer(form: str, by: str | None, names: Sequence[str], further: Sequence[str]) -> Format:
    if by is None:
        return FORMATS[form]
    if form != "parquet":
        raise UsageError(
            f"only parquet is partitioned; leave partition_by out, or export parquet, not {form}"
        )
    own = (column.name for name in names for column in TABLES[name])
    known = list(dict.fromkeys([*further, *own]))
    if by not in known:
        raise UnknownNameError("column", by, known)
    return partial(write_partitioned, by=by)


def _parts(source: Source, name: str) -> Parts:
    return (conform(name, source[name]),) if isinstance(source, Mapping) else source.parts(name)
