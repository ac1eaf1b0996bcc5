"""Saving a result as a folder, whole or not at all, and loading it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import sync_folder
from eventstudy.errors import OutputError, UsageError
from eventstudy.results import generations
from eventstudy.results.generations import ResultGenerations
from eventstudy.results.manifest import MANIFEST, about_file, as_text, complete, read_manifest
from eventstudy.results.table_files import conform, file_name, read_table, write_table
from eventstudy.schema import TABLES, columns

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Saved:
    """A result folder, opened: one generation, even when the folder is replaced meanwhile.

    Parameters
    ----------
    path
        The folder as the user names it.
    folder
        The generation it was when opened.
    manifest
        The document saved with the tables.
    """

    path: Path
    folder: Path
    manifest: dict[str, Any]

    def table(self, name: str) -> pa.Table:
        """Return one table, read from its file now and checked against the sum in the manifest.

        Raises
        ------
        UnknownNameError
            There is no result table of that name.
        OutputError
            The file is missing or damaged, or the folder was replaced since it was opened.
        """
        columns(name)
        try:
            checksum = self.manifest.get("tables", {}).get(name, {}).get("sha256")
            return read_table(name, self.folder / file_name(name), checksum)
        except OutputError as error:
            if _manifest_now(self.folder) == self.manifest:
                raise
            raise OutputError(self.path, "was replaced while it was being read", "load it again") from error

    def parts(self, name: str) -> tuple[pa.Table, ...]:
        """Return a table in parts, as formats take it: whole; errors as `table`."""
        return (self.table(name),)


def save(tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], path: str | Path) -> Path:
    """Write all result tables and their manifest to ``path``, replaced as a whole, and return it.

    Parameters
    ----------
    tables
        Every table of ``eventstudy.schema.TABLES``; empty where there are no rows.
    manifest
        Of `build_manifest`; its marks and sums are made to fit the tables.
    path
        The result folder: a symbolic link to the current generation (see `generations`).

    Raises
    ------
    OutputError
        Something else is at ``path``, another run holds it, or it cannot be written; what was there is
        left as it was.
    UsageError
        A table or a column is missing.
    """
    conformed = _conform_all(tables)
    document = complete(manifest, conformed)
    own = ResultGenerations.of(Path(path))
    with _failing_clearly(own):
        own.path.parent.mkdir(parents=True, exist_ok=True)
        generations.check_path(own)
        with generations.locked(own):
            _replace(own, conformed, document)
    return Path(path)


def load(path: str | Path) -> Saved:
    """Open a result folder; its tables are read when they are used.

    Raises
    ------
    OutputError
        It is missing, is not a result folder, lacks a table, or was written by a later version.
    """
    named, remedy = Path(path), "write it with `eventstudy run`"
    _recover(named)
    if not named.exists():
        gone = (
            "is a link to results that are gone" if named.is_symlink() else "there is no such result folder"
        )
        raise OutputError(named, gone, remedy)
    if not named.is_dir():
        raise OutputError(
            named, "is a file, not a result folder", "name a folder `eventstudy run` has written"
        )
    folder = named.resolve()
    manifest = read_manifest(folder, named)
    for table in TABLES:
        if not (folder / file_name(table)).is_file():
            raise OutputError(named, f"the table {file_name(table)} is missing", "run `eventstudy run` again")
    return Saved(named, folder, manifest)


def _conform_all(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    if missing := [name for name in TABLES if name not in tables]:
        raise UsageError(f"save needs every result table, empty or not; missing: {', '.join(missing)}")
    for name in tables:
        columns(name)  # a table the schema does not know is a mistake too
    return {name: conform(name, tables[name]) for name in TABLES}


def _replace(own: ResultGenerations, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]) -> None:
    """Write the new generation and switch to it; remove it where that fails, and then what is too old."""
    generations.complete_switch(own)
    generations.check_path(own)
    generations.remove_old(own)
    try:
        _write(own.new, tables, manifest)
        generations.switch(own)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            generations.complete_switch(own)
            generations.remove_old(own)
        raise
    with suppress(OSError):  # the results are in place; what cannot be removed now is tried again next time
        generations.remove_old(own)


def _write(folder: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]) -> None:
    folder.mkdir()
    about = about_file(manifest)
    for name, table in tables.items():
        write_table(table, folder / file_name(name), about)
    with (folder / MANIFEST).open("x", encoding="utf-8") as file:
        file.write(as_text(manifest))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


@contextmanager
def _failing_clearly(own: ResultGenerations) -> Iterator[None]:
    """Turn errors of the system into one that states what is left."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(own.path, f"could not be written: {reason}; {_left(own)}") from error


def _left(own: ResultGenerations) -> str:
    if os.path.lexists(own.path):
        return "what was there is left as it was"
    unfinished = own.journal.exists()
    return "the next command that uses it puts it in place" if unfinished else "nothing is left behind"


def _recover(named: Path) -> None:
    """Finish a switch that an earlier run could not; wait for one that is under way."""
    if (
        named.name in ("", "..")
        or not (own := ResultGenerations(named.parent.resolve() / named.name)).journal.exists()
    ):
        return
    with _failing_clearly(own), generations.locked(own):
        generations.complete_switch(own)


def _manifest_now(folder: Path) -> dict[str, Any] | None:
    try:
        return read_manifest(folder, folder)
    except OutputError:
        return None
