"""Where outputs go: a folder, a file, a device or a URI. Every command writes through this module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eventstudy.atomic import PART, scratch_folder
from eventstudy.errors import OutputError, first_line
from eventstudy.results.outputs.local import LocalFolder, copy_to_stream, is_stream
from eventstudy.results.outputs.ownership import Overwrite
from eventstudy.results.outputs.remote import RemoteFolder
from eventstudy.uris import is_uri, nameable

OWN_ONLY = Overwrite()  #: files of others stay


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
        reason = first_line(error).replace(name, public)
        raise OutputError(
            public, f"cannot be written to: {reason}", "name a folder, file:// or s3://"
        ) from None
    if isinstance(system, LocalFileSystem):
        return LocalFolder(Path(path), public)
    return RemoteFolder(system, path.rstrip("/"), public)


def write_all(
    out: str | os.PathLike[str],
    write: Callable[[Path], object],
    *,
    overwrite: Overwrite = OWN_ONLY,
) -> list[str]:
    """Let ``write`` fill a staging folder, move all files to ``out`` or none, and return their names.

    The name of every file in the staging folder ends in `PART`, which it loses when it is moved.

    Raises
    ------
    OutputError
        They could not be written, or a file of others is in the way; what was there is left as it was.
    """
    place = destination(out)
    with _failing_clearly(out, place.name), place.staging() as stage:
        write(stage)
        return place.publish(stage, overwrite)


def write_file(
    out: str | os.PathLike[str],
    write: Callable[[Path], object],
    *,
    suffixes: Sequence[str],
    overwrite: Overwrite = OWN_ONLY,
) -> str:
    """Let ``write`` write one file, move it to ``out``, and return its name; devices are written to.

    Parameters
    ----------
    suffixes
        Those of the format; a name with another one is refused, a name without one is not.

    Raises
    ------
    OutputError
        As `write_all`; or the suffix is of another format, or ``out`` is a folder.
    """
    named = os.fspath(out)
    if not is_uri(named) and is_stream(Path(named)):
        with _failing_clearly(out, named), scratch_folder() as stage:
            write(stage / "content")
            copy_to_stream(stage / "content", Path(named))
        return named
    parent, name = named.rsplit("/", 1) if is_uri(named) else os.path.split(named)
    if not name or (not is_uri(named) and Path(named).is_dir()):
        raise OutputError(named, "is a folder", f"name a file, such as output{suffixes[0]}")
    suffix = Path(name).suffix.lower()
    if suffix and suffix not in suffixes:
        problem = f"has a suffix of another format; what would be written is {suffixes[0][1:]}"
        raise OutputError(named, problem, f"name a file that ends in {suffixes[0]}")
    write_all(parent or ".", lambda stage: write(stage / f"{name}{PART}"), overwrite=overwrite)
    return named


@contextmanager
def _failing_clearly(out: str | os.PathLike[str], name: str) -> Iterator[None]:
    """Turn errors of the system into one that states what is left."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = (error.strerror or first_line(error)).replace(os.fspath(out), name)
        raise OutputError(
            name, f"could not be written: {reason}; what was there is left as it was"
        ) from error
