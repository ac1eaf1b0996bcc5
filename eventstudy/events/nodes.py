"""YAML as text with positions: every scalar stays text, every value has its line and column.

YAML's own typing is not applied: ``ON`` and ``NO`` are tickers, ``700`` is a name, and ``2025-13-02`` must be
reported with its line. Size, depth and repetition are limited while the file is read, against hostile files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from eventstudy.errors import EventsFileError
from eventstudy.events.syntax import syntax_error

MAX_BYTES = 8_000_000  #: some 30,000 events; longer lists are tables
MAX_DEPTH = 16  #: a study file needs seven
MAX_ALIASES = 100
MAX_NODES = 500_000  #: counted with every alias written out

Address = tuple[str | int, ...]  #: keys and positions that lead to a value
Mark = tuple[int, int]  #: line and column, from 1


class _Empty:
    """The value of a key with nothing written after it."""

    def __repr__(self) -> str:
        return "nothing"


EMPTY = _Empty()
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True)
class Document:
    """A YAML file: mappings, lists and texts, and the place of each.

    ``marks`` has the place of the value at an address, ``key_marks`` that of its key; ``faults`` are the
    errors that did not prevent reading the rest.
    """

    path: Path
    value: Any
    marks: Mapping[Address, Mark]
    key_marks: Mapping[Address, Mark]
    faults: tuple[EventsFileError, ...] = ()

    def locate(self, address: Address, *, key: bool = False) -> Mark:
        """Return the place of a value (or its key), or of the nearest one around it."""
        found: Address = ()
        for part in address:
            if (*found, part) in self.marks:
                found = (*found, part)
        return self.key_marks.get(found, self.marks[found]) if key else self.marks[found]

    def error(self, address: Address, problem: str, *, key: bool = False) -> EventsFileError:
        """Return the error for the value at ``address``."""
        line, column = self.locate(address, key=key)
        return EventsFileError(self.path, problem, line=line, column=column)


def read_document(path: str | Path) -> Document:
    """Read one YAML file whose outermost value is a mapping.

    Raises
    ------
    EventsFileError
        Unreadable, too large, not UTF-8, not YAML, not a mapping, too deep or too repetitive.
    """
    path = Path(path)
    text = _text(path)
    reader = _Reader(path, text)
    try:
        value = reader.document()
    except yaml.YAMLError as error:
        raise syntax_error(path, text, error) from None
    if value is EMPTY:
        problem = "the file is empty; eventstudy init DIR writes an example"
        raise EventsFileError(path, problem, line=1, column=1)
    if not isinstance(value, dict):
        found = "a list" if isinstance(value, list) else "text"
        line, column = reader.marks[()]
        problem = f"the file holds {found}; it must hold keys, such as tickers: and events:"
        raise EventsFileError(path, problem, line=line, column=column)
    return Document(path, value, reader.marks, reader.key_marks, tuple(reader.faults))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        remedy = "eventstudy init DIR writes an example study"
        raise EventsFileError(path, f"there is no such file; {remedy}") from None
    except OSError as error:
        raise EventsFileError(path, f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES:,} bytes; put a long event list in a CSV or Parquet table"
        raise EventsFileError(path, problem)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise EventsFileError(path, "is UTF-16 text; save it as UTF-8", line=1, column=1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode("utf-8"))
        problem = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise EventsFileError(path, problem, line=line, column=column) from None
    if odd := _UNPRINTABLE.search(text):
        line, column = _place(text[: odd.start()])
        problem = f"control character U+{ord(odd.group()):04X}; remove it"
        raise EventsFileError(path, problem, line=line, column=column)
    return text


def _place(before: str) -> Mark:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Reader:
    """One pass over the parser's events, with the anchors and positions found so far."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.marks: dict[Address, Mark] = {}
        self.key_marks: dict[Address, Mark] = {}
        self.faults: list[EventsFileError] = []
        self._events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._aliases = self._nodes = 0

    def document(self) -> Any:
        value: Any = EMPTY
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error(event, "a second document starts here; remove the line ---")
                value = self._value(next(self._events), (), 0)
        return value

    def _value(self, event: Any, address: Address, depth: int) -> Any:
        self.marks[address] = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(event, 1)
        if depth > MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} levels deep; a study file needs seven")
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            problem = f"tag {tag} is not supported; write the plain value"
            self.faults.append(self._error(event, problem))
        value = self._content(event, address, depth)
        if event.anchor:
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _content(self, event: Any, address: Address, depth: int) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(address, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(address, depth)
        plain = event.style not in ("'", '"', "|", ">")
        return EMPTY if plain and event.value in ("", "~", "null") else event.value

    def _sequence(self, address: Address, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*address, len(values)), depth + 1))
        return values

    def _mapping(self, address: Address, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._key(key)
            here = (*address, name)
            if name in values:
                first = self.key_marks[here][0]
                problem = f"key {name!r} is given twice (first in line {first}); keep one"
                self.faults.append(self._error(key, problem))
                self._value(next(self._events), (*address, name, -1), depth + 1)
                continue
            self.key_marks[here] = _mark(key)
            values[name] = self._value(next(self._events), here, depth + 1)
        return values

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, "a key must be plain text, not a list, a mapping or an alias")
        if event.value == "<<" and not event.style:
            self.faults.append(self._error(event, "merge keys (<<) are not supported; write the keys out"))
        self._count(event, 1)
        return str(event.value)

    def _alias(self, event: Any) -> Any:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise self._error(event, f"more than {MAX_ALIASES} aliases; write the values out")
        if event.anchor not in self._anchors:
            raise self._error(event, f"alias *{event.anchor} has no anchor &{event.anchor} above it")
        value, nodes = self._anchors[event.anchor]
        self._count(event, nodes)
        return value

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            problem = f"more than {MAX_NODES:,} values; put a long event list in a CSV or Parquet table"
            raise self._error(event, problem)

    def _error(self, event: Any, problem: str) -> EventsFileError:
        line, column = _mark(event)
        return EventsFileError(self.path, problem, line=line, column=column)


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1
