"""The destination of exported files: a folder or a URI; each file is written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.errors import OutputError
from eventstudy.results.formats.parquet import PARTITION_FILE
from eventstudy.results.generations import GENERATIONS
from eventstudy.results.manifest import is_result_folder
from eventstudy.uris import is_uri, nameable

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_PARTIAL = ".partial"  #: ends the name of an upload until all are there
_PARTITION = re.compile(rf"[^/]+=[^/]*/{re.escape(PARTITION_FILE)}")


@dataclass(frozen=True)
class LocalFolder:
    """A folder on this machine; ``name`` is what the user calls it."""

    path: Path
    name: str

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder to write to, on the same disk, and remove what is left of it."""
        if is_result_folder(self.path) or GENERATIONS in self.path.resolve().parts:
            raise OutputError(self.name, "is a result folder, which the next run replaces", "name another")
        made = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".eventstudy-export-", dir=self.path.absolute()))
        try:
            yield stage
        finally:
            shutil.rmtree(stage)
            if made:
                with suppress(OSError):  # it is not empty: the export has succeeded
                    self.path.rmdir()

    def publish(self, stage: Path) -> list[str]:
        """Move everything from the staging folder to its place, after a check that nothing is in the way."""
        files = _files(stage)
        entries = sorted(stage.iterdir())
        for entry in entries:
            self._check(self.path / entry.name, entry)
        for file in files:
            with (stage / file).open("rb") as written:
                os.fsync(written.fileno())
        for entry in entries:
            target = self.path / entry.name
            if entry.is_dir() and target.exists():
                target.replace(stage / f"{entry.name}.before")
            entry.replace(target)
        named = f"{self.name}/".replace("//", "/") if not is_uri(self.name) else f"{self.name}/"
        return [named + file for file in files]

    def _check(self, target: Path, entry: Path) -> None:
        if entry.is_file() and target.is_dir():
            raise OutputError(
                target, "is a folder where a file is to be written", "move it or name another folder"
            )
        if entry.is_dir() and target.exists():
            _refuse_foreign(_files(target) if target.is_dir() else ["a file"], target)


@dataclass(frozen=True)
class RemoteFolder:
    """A folder behind a URI; ``name`` is the URI without user, password and options."""

    system: FileSystem
    path: str
    name: str

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a temporary folder on this machine."""
        with tempfile.TemporaryDirectory(prefix="eventstudy-export-") as stage:
            yield Path(stage)

    def publish(self, stage: Path) -> list[str]:
        """Upload every file under another name, then move them to their own; old partitions go last."""
        files = _files(stage)
        stale = {entry.name: self._partitions(entry.name) for entry in stage.iterdir() if entry.is_dir()}
        try:
            for file in files:
                self._upload(stage / file, f"{self.path}/{file}{_PARTIAL}")
        except OSError:
            for file in files:
                with suppress(OSError):  # it was never begun; what stopped the upload is the error to tell
                    self.system.delete_file(f"{self.path}/{file}{_PARTIAL}")
            raise
        for file in files:
            self.system.move(f"{self.path}/{file}{_PARTIAL}", f"{self.path}/{file}")
        for folder, old in stale.items():
            for file in old - {file.removeprefix(f"{folder}/") for file in files}:
                self.system.delete_file(f"{self.path}/{folder}/{file}")
        return [f"{self.name}/{file}" for file in files]

    def _upload(self, source: Path, target: str) -> None:
        from pyarrow.fs import FileType

        parent = target.rpartition("/")[0]
        if self.system.get_file_info(parent).type == FileType.NotFound:
            self.system.create_dir(parent, recursive=True)
        with source.open("rb") as file, self.system.open_output_stream(target) as sink:
            shutil.copyfileobj(file, sink)

    def _partitions(self, folder: str) -> set[str]:
        """Return the files of an earlier export; OutputError where there are others among them."""
        from pyarrow.fs import FileSelector

        base = f"{self.path}/{folder}"
        found = self.system.get_file_info(FileSelector(base, recursive=True, allow_not_found=True))
        files = {entry.path.removeprefix(f"{base}/") for entry in found if entry.is_file}
        _refuse_foreign(sorted(files), f"{self.name}/{folder}")
        return files


def destination(out: str | os.PathLike[str]) -> LocalFolder | RemoteFolder:
    """Return where ``out``, a folder or a URI such as ``s3://bucket/folder``, leads.

    Raises
    ------
    OutputError
        The URI is of a kind that Arrow does not know, or cannot be used.
    """
    name = os.fspath(out)
    if not is_uri(name):
        return LocalFolder(Path(name), name)
    import pyarrow as pa
    from pyarrow.fs import FileSystem, LocalFileSystem

    public = nameable(name)
    try:
        # Never a bare S3FileSystem(): that ignores AWS_ENDPOINT_URL and asks the real host.
        system, path = FileSystem.from_uri(name)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).replace(name, public).partition("\n")[0]
        raise OutputError(
            public, f"cannot be written to: {reason}", "name a folder, file:// or s3://"
        ) from None
    if isinstance(system, LocalFileSystem):
        return LocalFolder(Path(path), public)
    return RemoteFolder(system, path.rstrip("/"), public)


def write_all(out: str | os.PathLike[str], write: Callable[[Path], None]) -> list[str]:
    """Let ``write`` fill a staging folder, move all files to ``out`` or none, and return their names.

    Raises
    ------
    OutputError
        They could not be written; what was there is left as it was.
    """
    place = destination(out)
    try:
        with place.staging() as stage:
            write(stage)
            return place.publish(stage)
    except OutputError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).partition("\n")[0].replace(os.fspath(out), place.name)
        raise OutputError(
            place.name, f"could not be written: {reason}; what was there is left as it was"
        ) from error


def _refuse_foreign(files: list[str], where: str | Path) -> None:
    if foreign := [file for file in files if not _PARTITION.fullmatch(file)]:
        problem = f"would replace what is no partition of ours ({foreign[0]})"
        raise OutputError(where, problem, "move it or name another folder")


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
