"""Files of prices wherever they lie: on this machine, or behind any URI that Arrow can read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from eventstudy.errors import PriceDataError, first_line
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
        """The files of the folder by name, or the file itself; a PriceDataError if there is none."""
        from pyarrow.fs import FileSelector, FileType

        if self._own.type == FileType.NotFound:
            raise PriceDataError(self.name, "no such folder or file", "check the path")
        with _reading(self.name, "cannot be listed"):
            found = [self._own] if self.is_file else self.system.get_file_info(FileSelector(self.path))
        return {entry.base_name: entry for entry in sorted(found, key=attrgetter("path")) if entry.is_file}

    def read(self, name: str) -> bytes:
        """Return the bytes of one of its files; a PriceDataError where it cannot be read or is too large."""
        entry = self.files[name]
        if entry.size is not None and entry.size > LARGEST_FILE:
            problem = f"has {entry.size:,} bytes; at most {LARGEST_FILE:,} are read"
            raise PriceDataError(name, problem, "split it by ticker")
        with (
            _reading(name, "cannot be read"),
            self.system.open_input_stream(entry.path, compression=None) as stream,
        ):
            raw: bytes = stream.read()
        return raw

    @cached_property
    def _own(self) -> FileInfo:
        with _reading(self.name, "cannot be reached"):
            return self.system.get_file_info(self.path)


def place_of(where: str | os.PathLike[str]) -> Place:
    """Return the folder or file of a path, or of a URI such as ``s3://bucket/prices`` that Arrow can open."""
    from pyarrow.fs import FileSystem, LocalFileSystem

    text = os.fspath(where)
    if not is_uri(text):
        path = Path(text).expanduser()
        return Place(LocalFileSystem(), path.absolute().as_posix(), str(path))
    with _reading(nameable(text), "cannot be reached", "name a folder, file:// or s3://"):
        system, inner = FileSystem.from_uri(text)
    return Place(system, inner, nameable(text))


def stem_and_suffix(name: str) -> tuple[str, str]:
    """Return the name of a file without its suffix, and the suffix in lower case."""
    path = PurePosixPath(name)
    return path.stem, path.suffix.lower()


@contextmanager
def _reading(name: str, problem: str, remedy: str = "") -> Iterator[None]:
    """Turn the errors of Arrow and of the file system into a PriceDataError, without secrets."""
    import pyarrow as pa

    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = without_secrets(first_line(error))
        raise PriceDataError(name, f"{problem} ({reason})", remedy) from None
