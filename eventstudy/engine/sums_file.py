"""Sums of a shard as bytes and back: JSON and numbers, with a checksum; reading runs no code of the file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import numpy as np
import pyarrow as pa

from eventstudy.engine.grid_shards import Kinds, OfLevels
from eventstudy.significance.sums import Sums

MAGIC = b"eventstudy sums 1 "
_OF_SUMS = tuple(field.name for field in dataclasses.fields(Sums) if field.name != "kinds")


class DamagedSumsError(ValueError):
    """Bytes that are no sums, or not all of them."""


def sums_as_bytes(levels: OfLevels, about: Mapping[str, Any]) -> bytes:
    """Return the sums of every level, and what else is said of the shard, the same bytes for the same sums.

    Parameters
    ----------
    about
        Whatever JSON can hold.
    """
    arrays: list[bytes] = []
    document = {
        "about": about,
        "levels": [{measure: _of_sums(sums, arrays) for measure, sums in level.items()} for level in levels],
    }
    plain = b"".join(arrays)
    head = json.dumps({**document, "bytes": len(plain)}).encode()
    packed = pa.compress(plain, codec="zstd", asbytes=True) if plain else b""
    body = head + b"\n" + packed
    return MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def about_sums(content: bytes) -> dict[str, Any]:
    """Return what is said of the shard; a DamagedSumsError where the bytes are not whole."""
    found: dict[str, Any] = _opened(content)[0]["about"]
    return found


def sums_of_bytes(content: bytes, kinds: Kinds) -> OfLevels:
    """Return the sums of every level; a DamagedSumsError where the bytes are not whole.

    Parameters
    ----------
    kinds
        By measure. What each returns is told by its annotation.
    """
    document, packed = _opened(content)
    size = document["bytes"]
    plain = pa.decompress(packed, decompressed_size=size, codec="zstd", asbytes=True) if size else b""
    reader = _Arrays(plain)
    return tuple(
        {measure: _sums(node, kinds[measure], reader) for measure, node in level.items()}
        for level in document["levels"]
    )


def _opened(content: bytes) -> tuple[dict[str, Any], bytes]:
    mark, _, body = content.partition(b"\n")
    if mark != MAGIC + hashlib.sha256(body).hexdigest().encode():
        raise DamagedSumsError("the checksum differs")
    head, _, packed = body.partition(b"\n")
    return json.loads(head), packed


def _of_sums(sums: Sums, arrays: list[bytes]) -> dict[str, Any]:
    own = {name: _encoded(getattr(sums, name), arrays) for name in _OF_SUMS}
    return {**own, "kinds": {kind.__name__: _encoded(taken, arrays) for kind, taken in sums.kinds.items()}}


def _encoded(value: Any, arrays: list[bytes]) -> Any:
    """Return a value as JSON; its arrays are appended, in order, to ``arrays``."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError("sums hold numbers, not objects")
        kind = value.dtype.newbyteorder("<")
        arrays.append(np.ascontiguousarray(value, kind).tobytes())
        return {"dtype": kind.str, "shape": value.shape}
    if dataclasses.is_dataclass(value):
        return {
            "fields": {
                each.name: _encoded(getattr(value, each.name), arrays) for each in dataclasses.fields(value)
            }
        }
    if isinstance(value, tuple | list):
        return [_encoded(each, arrays) for each in value]
    return value.item() if isinstance(value, np.generic) else value


@dataclasses.dataclass
class _Arrays:
    """The numbers of a file, read one array after the other."""

    plain: bytes
    at: int = 0

    def read(self, dtype: str, shape: list[int]) -> Any:
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        found = np.frombuffer(self.plain[self.at : self.at + count * kind.itemsize], kind).reshape(shape)
        self.at += count * kind.itemsize
        return found


def _sums(node: Any, kinds: Any, arrays: _Arrays) -> Sums:
    hints = _hints(Sums)
    own = {name: _decoded(node[name], hints[name], arrays) for name in _OF_SUMS}
    by_name = {kind.__name__: kind for kind in kinds}
    taken = {
        by_name[name]: _decoded(each, _hints(by_name[name])["return"], arrays)
        for name, each in node["kinds"].items()
    }
    return Sums(**own, kinds=taken)


def _decoded(node: Any, hint: Any, arrays: _Arrays) -> Any:
    """Return a value of a type from its JSON; arrays are read in the order in which they were written."""
    if isinstance(node, dict) and "dtype" in node:
        return arrays.read(**node)
    if isinstance(node, dict):
        made = _class_of(hint)
        hints = _hints(made)
        return made(**{name: _decoded(each, hints[name], arrays) for name, each in node["fields"].items()})
    if isinstance(node, list):
        if hasattr(hint, "_fields"):  # a named tuple, such as a window
            return hint(*node)
        inner = [each for each in get_args(hint) if each is not Ellipsis] or [Any]
        return tuple(_decoded(each, inner[min(at, len(inner) - 1)], arrays) for at, each in enumerate(node))
    return node


@cache
def _hints(of: Any) -> dict[str, Any]:
    """Return the annotations of a class or function, whose texts are evaluated once."""
    return get_type_hints(of)


def _class_of(hint: Any) -> Any:
    """Return the class among a type and None."""
    return next((each for each in get_args(hint) if dataclasses.is_dataclass(each)), hint)
