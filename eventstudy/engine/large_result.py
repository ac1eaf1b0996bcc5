"""`LargeResult`: the folder of a large study, whose tables are read when they are asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy.design.arguments import as_names, check_kind
from eventstudy.engine.shard_tables import OF_FIRM_EVENTS
from eventstudy.engine.study_folder import begun_in, manifest_of
from eventstudy.errors import OutputError, UnknownNameError, UsageError, first_line
from eventstudy.results.formats.parts import joined
from eventstudy.schema import columns as columns_of

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

AGAIN = "run `eventstudy large` again: it computes what is missing or damaged"


@dataclass(frozen=True, repr=False)
class LargeResult:
    """The folder of a large study.

    Attributes
    ----------
    path
        The folder.
    manifest
        Design, versions, tables and their files, as saved in ``manifest.json``; empty while shards are left
        to be computed or merged.
    """

    path: Path
    manifest: Mapping[str, Any]

    def files(self, table: str) -> list[Path]:
        """Return the Parquet files of a table, in the order of the shards.

        Raises
        ------
        UnknownNameError
            There is no result table of that name.
        UsageError
            It was not kept; the message says how to have it.
        OutputError
            The study is not merged yet.
        """
        return [self.path / part["file"] for part in self._parts(table)]

    def table(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a whole table, or some columns of it, as an Arrow table; every file is checked.

        Raises
        ------
        UnknownNameError, UsageError, OutputError
            As of `files`; or there is no such column, or a file is damaged or missing.
        """
        return joined(self.parts(table, columns))

    def parts(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Return the table of each shard, one after the other, so that a study need not fit in memory.

        Raises
        ------
        UnknownNameError, UsageError, OutputError
            As of `table`; what is wrong with a file or a column, when it is read.
        """
        parts = self._parts(table)
        names = None if columns is None else list(as_names("columns", columns, "car"))
        return (self._read(part, names) for part in parts)

    @property
    def of_firm_events(self) -> tuple[str, ...]:
        """The tables of firm-events that were kept."""
        return tuple(name for name in OF_FIRM_EVENTS if name in self.manifest.get("tables", ()))

    def dataset(self, table: str) -> Dataset:
        """Return a table as a dataset of pyarrow, which reads no more than is asked for and checks nothing.

        Raises
        ------
        UnknownNameError, UsageError, OutputError
            As of `files`.
        """
        import pyarrow.dataset as ds

        return ds.dataset([str(file) for file in self.files(table)], format="parquet")

    def _parts(self, table: str) -> list[dict[str, Any]]:
        check_kind("table", table, str, "the name of a table")
        columns_of(table)
        if not self.manifest:
            raise OutputError(
                self.path, "is not merged yet", "run `eventstudy merge` when all shards are there"
            )
        if table not in self.manifest["tables"]:
            again = f"run it again with keep={table!r} into another folder"
            remedy = again if table in OF_FIRM_EVENTS else "`eventstudy run` has it, of fewer firm-events"
            raise UsageError(f"the table {table} was not kept in {self.path}; {remedy}")
        parts: list[dict[str, Any]] = self.manifest["tables"][table]["parts"]
        return parts

    def _read(self, part: Mapping[str, Any], names: list[str] | None) -> pa.Table:
        path = self.path / part["file"]
        try:
            # Memory of Arrow: a thread that lets go of bytes of Python while the program ends aborts it.
            with pa.OSFile(str(path)) as source:
                content = source.read_buffer()
            if hashlib.sha256(content).hexdigest() != part["sha256"]:
                raise OutputError(
                    path, "is not the file that manifest.json describes (sha256 differs)", AGAIN
                )
            with pq.ParquetFile(pa.BufferReader(content)) as file:
                there = file.schema_arrow.names
                if wrong := [name for name in names or () if name not in there]:
                    raise UnknownNameError("column (columns)", wrong[0], there)
                return file.read(columns=names)
        except (FileNotFoundError, pa.ArrowException) as error:
            raise OutputError(path, f"is missing or damaged ({first_line(error)})", AGAIN) from error

    def __repr__(self) -> str:
        if not self.manifest:
            return f"<LargeResult: {self.path}, not merged yet>"
        firm_events, skipped = self.manifest["firm_events"], self.manifest["skipped"]
        tables = ", ".join(self.manifest["tables"])
        return (
            f"<LargeResult: {self.path}, {firm_events:,} firm-events, {skipped:,} skipped; tables {tables}>"
        )


def result_in(path: Path, *, whole: bool) -> LargeResult:
    """Open a folder, which has a manifest where the study is ``whole``."""
    return LargeResult(path, _manifest(path) if whole else {})


def load_large(path: str | PathLike[str] = "large") -> LargeResult:
    """Open the folder of a large study; its tables are read when they are asked for.

    Raises
    ------
    OutputError
        It is no folder of a large study, or shards are left to be computed or merged.
    """
    check_kind("path", path, (str, PathLike), "a path")
    return result_in(Path(path), whole=True)


def _manifest(path: Path) -> dict[str, Any]:
    study = begun_in(path)
    try:
        manifest = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(
            path, "is not merged yet", "run `eventstudy merge` when all shards are there"
        ) from None
    except (OSError, ValueError) as error:
        raise OutputError(
            manifest_of(path), f"is damaged ({first_line(error)})", "run `eventstudy merge`"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("key") != study["key"]:
        raise OutputError(manifest_of(path), "is not of this study", "move it, and run `eventstudy merge`")
    return manifest
