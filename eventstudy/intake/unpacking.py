"""Compressed files and archives: what is inside, within limits of size and ratio."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from eventstudy.errors import FileContentError, first_line

SMALL = 100_000_000  #: bytes that anything may unpack to ...
LARGEST_RATIO = 100  #: ... and how many bytes each byte may unpack to beyond them
LARGEST = 4_000_000_000  #: bytes that nothing may unpack to
PIECE = 1 << 20  #: bytes unpacked at a time
DEEPEST = 2  #: archives in archives
MOST_MEMBERS = 20_000  #: of an archive
#: endings of files that hold tables; anything else in an archive is left alone
TABLES = (
    ".csv", ".txt", ".tsv", ".tab", ".dat", ".asc", ".prn", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".dta",
    ".sav", ".zsav", ".sas7bdat", ".xpt", ".rds", ".rdata", ".rda", ".parquet", ".feather", ".arrow", ".ipc",
    ".gz", ".zip", ".zst", ".bz2", ".xz",
)  # fmt: skip
NOTES = ("readme", "license", "licence", "codebook", "__macosx")  #: how names of other files begin

_PACKED: tuple[tuple[bytes, Callable[[io.BytesIO], Any]], ...] = (
    (b"\x1f\x8b", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", lzma.LZMAFile),
    (b"\x28\xb5\x2f\xfd", lambda raw: _zstd(raw)),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Inner(NamedTuple):
    """A file inside another: its name in messages and its bytes."""

    name: str
    raw: bytes


def is_packed(raw: bytes) -> bool:
    """Whether bytes are compressed by gzip, bzip2, xz or Zstandard."""
    return any(raw.startswith(magic) for magic, _ in _PACKED)


def unpacked(name: str, raw: bytes) -> bytes:
    """Return what compressed bytes hold.

    Raises
    ------
    FileContentError
        Bytes that are damaged, or unpack to more than `SMALL` bytes by a ratio above `LARGEST_RATIO`.
    """
    opened = next(stream for magic, stream in _PACKED if raw.startswith(magic))
    return _read(name, lambda: opened(io.BytesIO(raw)), limit(len(raw)))


def limit(packed: int) -> int:
    """Return how many bytes a number of bytes may unpack to."""
    return min(LARGEST, max(SMALL, LARGEST_RATIO * packed))


def members(name: str, raw: bytes) -> list[Inner]:
    """Return the files of an archive that may hold tables.

    Raises
    ------
    FileContentError
        An archive that is damaged, encrypted, too large unpacked, or holds no such file.
    """
    found: list[Inner] = []
    allowed = limit(len(raw))
    with archive_of(name, raw) as archive:
        for info in archive.infolist():
            if not _may_hold_a_table(info.filename):
                continue
            inner = f"{name}[{info.filename}]"
            content = _read(inner, lambda info=info: archive.open(info), allowed)  # type: ignore[misc]
            allowed -= len(content)
            found.append(Inner(inner, content))
        listed = ", ".join(archive.namelist()[:4])
    if not found:
        raise FileContentError(
            name, f"holds no file of a table ({listed or 'it is empty'})", "give a CSV in it"
        )
    return found


def archive_of(name: str, raw: bytes) -> zipfile.ZipFile:
    """Return an archive; a FileContentError where it is damaged or has too many members."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise FileContentError(
            name, f"is a damaged archive ({first_line(error)})", "export it again"
        ) from None
    if len(archive.infolist()) > MOST_MEMBERS:
        archive.close()
        raise FileContentError(name, f"holds more than {MOST_MEMBERS:,} files", "unpack it to a folder")
    return archive


def part_of(name: str, archive: zipfile.ZipFile, part: str) -> bytes:
    """Return a part of a workbook, such as ``xl/workbook.xml``, within the limits; b"" where it has none."""
    if part not in archive.namelist():
        return b""
    allowed = limit(sum(info.compress_size for info in archive.infolist()))
    return _read(name, lambda: archive.open(part), allowed)


def _may_hold_a_table(path: str) -> bool:
    inner = PurePosixPath(path)
    plain = [part.casefold() for part in inner.parts]
    if path.endswith("/") or any(part.startswith((".", *NOTES)) for part in plain):
        return False
    return inner.suffix.casefold() in TABLES or not inner.suffix


def _read(name: str, opened: Callable[[], Any], allowed: int) -> bytes:
    try:
        with opened() as stream:
            content = _pieces(stream, allowed)
    except RuntimeError as error:  # zipfile's for a password
        raise FileContentError(
            name, f"cannot be unpacked ({first_line(error)})", "save it without one"
        ) from None
    except (
        OSError,
        EOFError,
        ValueError,
        MemoryError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
    ) as error:
        problem = f"is damaged and cannot be unpacked ({first_line(error)})"
        raise FileContentError(name, problem, "export it again") from None
    except NotImplementedError as error:
        raise FileContentError(name, f"cannot be unpacked ({first_line(error)})", "pack it as .gz") from None
    if len(content) > allowed:
        problem = f"unpacks to more than {allowed:,} bytes"
        raise FileContentError(name, problem, "unpack it first if it is what you expect")
    return content


def _pieces(stream: Any, allowed: int) -> bytes:
    """Return what a stream holds, or a little more than is allowed of it."""
    content = bytearray()
    while len(content) <= allowed and (piece := stream.read(PIECE)):
        content += piece
    return bytes(content)


def _zstd(raw: io.BytesIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(raw.getvalue()), "zstd")
