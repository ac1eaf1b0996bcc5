"""Files of prices wherever they lie: on this machine, or behind any URI that Arrow can read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from eventstudy.errors import PriceDataError
from eventstudy.uris import is_uri, nameable, without_secrets

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

LARGEST_FILE = 2_000_000_000  #: bytes; more than that is not read into memory


@dataclass(frozen=True)
class Place:
    """A folder or a file; ``name`` is what messages call it, without user, password and options."""

    system: FileSystem
    path: str
    name: str

    @property
    def is_file(self) -> bool:
        """Whether it is one file rather than a folder."""
        return bool(self._own.is_file)

    @cached_property
    def files(self) -> Mapping[str, FileInfo]:
        """The files of the folder by name, or the file itself.

        Raises
        ------
        PriceDataError
            There is no such place, or it cannot be looked into.
        """
        import pyarrow as pa
        from pyarrow.fs import FileSelector, FileType

        if self._own.type == FileType.NotFound:
            raise PriceDataError(self.name, "no such folder or file", "check the path")
        try:
            found = [self._own] if self.is_file else self.system.get_file_info(FileSelector(self.path))
        except (OSError, pa.ArrowException) as error:
            raise PriceDataError(self.name, f"cannot be looked into ({_line(error)})") from None
        return {entry.base_name: entry for entry in sorted(found, key=_path) if entry.is_file}

    def read(self, name: str) -> bytes:
        """Return the bytes of one of its files.

        Raises
        ------
        PriceDataError
            It cannot be read, or is too large.
        """
        import pyarrow as pa

        entry = self.files[name]
        if entry.size is not None and entry.size > LARGEST_FILE:
            problem = f"has {entry.size:,} bytes; at most {LARGEST_FILE:,} are read"
            raise PriceDataError(name, problem, "split it by ticker")
        try:
            with self.system.open_input_stream(entry.path, compression=None) as stream:
                raw: bytes = stream.read()
        except (OSError, pa.ArrowException) as error:
            raise PriceDataError(name, f"cannot be read ({_line(error)})") from None
        return raw

    @cached_property
    def _own(self) -> FileInfo:
        import pyarrow as pa

        try:
            return self.system.get_file_info(self.path)
        except (OSError, pa.ArrowException) as error:
            raise PriceDataError(self.name, f"cannot be reached ({_line(error)})") from None


def place_of(where: str | os.PathLike[str]) -> Place:
    """Return the folder or file that a path or a URI such as ``s3://bucket/prices`` names.

    Raises
    ------
    PriceDataError
        A URI of a kind that Arrow does not know.
    """
    import pyarrow as pa
    from pyarrow.fs import FileSystem, LocalFileSystem

    text = os.fspath(where)
    if not is_uri(text):
        path = Path(text).expanduser()
        return Place(LocalFileSystem(), path.absolute().as_posix(), str(path))
    try:
        system, inner = FileSystem.from_uri(text)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PriceDataError(
            nameable(text), f"cannot be reached ({_line(error)})", "name a folder, file:// or s3://"
        ) from None
    return Place(system, inner, nameable(text))


def stem_and_suffix(name: str) -> tuple[str, str]:
    """Return the name of a file without its ending, and the ending in small letters."""
    path = PurePosixPath(name)
    return path.stem, path.suffix.lower()


def _path(entry: FileInfo) -> str:
    return str(entry.path)


def _line(error: BaseException) -> str:
    return without_secrets(str(error).splitlines()[0] if str(error) else type(error).__name__)
