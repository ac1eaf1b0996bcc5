"""Exporting result tables: which tables, in which format, to where."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.results.folder import Saved
from eventstudy.results.formats import FORMATS, Format
from eventstudy.results.formats.paper import PAPER, write_paper
from eventstudy.results.formats.parquet import write_partitioned
from eventstudy.results.outputs.destination import write_all
from eventstudy.results.outputs.ownership import Overwrite, inputs_of
from eventstudy.results.table_files import conform
from eventstudy.schema import TABLES, columns

if TYPE_CHECKING:
    import pyarrow as pa

FOR_PRINT = ("cars", "tests", "events", "comparisons")  #: tables of a LaTeX export by default


def export(
    source: Saved | Mapping[str, pa.Table],
    *,
    format: str,  # noqa: A002  (the option's name on the command line too)
    out: str | os.PathLike[str],
    tables: Sequence[str] | None = None,
    partition_by: str | None = None,
    force: bool = False,
) -> list[str]:
    """Write result tables in another format and return the names of the files.

    Parameters
    ----------
    source
        An opened result folder, or tables by name.
    format
        One of `FORMATS`: parquet, csv, json (a file per table), xlsx (a sheet per table) or latex.
    out
        A folder, made where there is none, or a URI that Arrow can write to: ``file://``, ``s3://``.
    tables
        Which; None means all there are, and for latex those of `FOR_PRINT` and, of a result folder, those of
        `PAPER`: the regressions side by side, where there are any, and the mean CARs of sub-samples.
    partition_by
        For parquet: a folder per value of this column in every table that has it.
    force
        Replace files that are in the way and not of eventstudy, except inputs of the study.

    Raises
    ------
    UnknownNameError
        There is no such format, table or column.
    UsageError
        ``partition_by`` with another format than parquet, or a column of measured numbers.
    OutputError
        The files could not be written, a file of others is in the way, or a table does not fit the format;
        no file is half-written, and the files of other names in ``out`` are never touched.
    """
    names = _chosen(source, format, tables)
    write = _writer(format, partition_by, names)
    inputs = inputs_of(source.manifest, source.path) if isinstance(source, Saved) else ()

    def fill(stage: Path) -> None:
        write(((name, _table(source, name)) for name in names if name not in PAPER), stage)
        if isinstance(source, Saved):
            write_paper((name for name in names if name in PAPER), source, stage)

    return write_all(out, fill, overwrite=Overwrite(force, inputs))


def _chosen(source: Saved | Mapping[str, pa.Table], form: str, tables: Sequence[str] | None) -> list[str]:
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    there: Iterable[str] = TABLES if isinstance(source, Saved) else source
    if isinstance(source, Saved) and form == "latex":
        there = (*TABLES, *PAPER)
        usual: Iterable[str] = (*FOR_PRINT, *_for_paper(source.manifest.get("design")))
    else:
        usual = FOR_PRINT if form == "latex" else TABLES
    asked = tables if tables is not None else [name for name in usual if name in there]
    for name in asked:
        if name in PAPER and name not in there:
            raise UsageError(f"{name} is for print; export it to latex, from a result folder")
        if name not in PAPER:
            columns(name)
        if name not in there:
            raise UnknownNameError("table", name, there)
    return list(dict.fromkeys(asked))


def _for_paper(design: Mapping[str, object] | None) -> list[str]:
    """Return the tables of `PAPER` that a study has; none of a folder that does not know its design."""
    return [name for name in PAPER if design and (name != "regression_models" or design.get("regress"))]


def _writer(form: str, by: str | None, names: Sequence[str]) -> Format:
    if by is None:
        return FORMATS[form]
    if form != "parquet":
        raise UsageError(
            f"only parquet is partitioned; leave partition_by out, or export parquet, not {form}"
        )
    known = list(dict.fromkeys(column.name for name in names for column in TABLES[name]))
    if by not in known:
        raise UnknownNameError("column", by, known)
    return partial(write_partitioned, by=by)


def _table(source: Saved | Mapping[str, pa.Table], name: str) -> pa.Table:
    return source.table(name) if isinstance(source, Saved) else conform(name, source[name])
