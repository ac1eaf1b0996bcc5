"""The data of a page's script: drawings, rows of charts and downloads, the cards that a list opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventstudy.charts.theme import config
from eventstudy.report.packing import packed
from eventstudy.report.section import Card, ChosenTable, DataTable, EventList, Figure, Fold, Ranked, Section

DIGITS = 5  #: significant digits of a path that is drawn


@dataclass
class _Collected:
    drawings: dict[int, int] = field(default_factory=dict)  # by identity of a specification that charts share
    specs: list[Any] = field(default_factory=list)
    charts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    pools: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = field(default_factory=dict)  # rows, each once
    paths: list[Mapping[str, Any]] = field(default_factory=list)  # of all cards
    places: dict[str, tuple[int, int]] = field(default_factory=dict)  # of a card's rows: the first, how many
    lists: dict[str, Any] = field(default_factory=dict)


def page_data(made: Iterable[Section], rendered: Callable[[Card], str]) -> dict[str, Any]:
    """Return the data of sections; ``rendered`` gives the HTML of a card that a list opens."""
    found = _Collected()
    for block in blocks_of(made):
        _collect(found, block, rendered)
    return {
        "specs": found.specs,
        "pools": [{"header": header, "rows": list(rows)} for header, rows in found.pools.items()],
        "charts": found.charts,
        "tables": found.tables,
        "paths": {"rows": packed(found.paths, digits=DIGITS), "places": found.places},
        "lists": found.lists,
        "config": {mode: config(mode) for mode in ("light", "dark")},
    }


def blocks_of(made: Iterable[Section]) -> Iterator[Any]:
    """Yield every block of sections, and those inside others."""
    for section in made:
        for block in section.blocks:
            yield from _inside(block)
        yield from blocks_of(section.sections)


def _inside(block: Any) -> Iterator[Any]:
    yield block
    inner: tuple[Any, ...] = ()
    if isinstance(block, Card):
        inner = block.folds
    elif isinstance(block, EventList):
        inner = block.cards
    elif isinstance(block, Fold):
        inner = block.blocks
    elif isinstance(block, Ranked):
        inner = (*block.below, *([] if block.beside is None else [block.beside]))
    for each in inner:
        yield from _inside(each)


def _collect(found: _Collected, block: Any, rendered: Callable[[Card], str]) -> None:
    if isinstance(block, DataTable):
        pool = found.pools.setdefault(block.header, {})
        at = [pool.setdefault(row, len(pool)) for row in block.values]
        number = list(found.pools).index(block.header)
        found.tables[block.id] = {"name": f"{block.id}.csv", "pool": number, "at": at}
    elif isinstance(block, ChosenTable):
        chosen = {"figure": block.figure, "dataset": block.dataset, "header": block.header}
        found.tables[block.id] = {"name": f"{block.id}.csv", **chosen}
    elif isinstance(block, Figure):
        rooms = {}
        for room, spec in block.drawings.items():
            if id(spec) not in found.drawings:
                found.drawings[id(spec)] = len(found.specs)
                found.specs.append(spec)
            rooms[room] = found.drawings[id(spec)]
        found.charts[block.id] = {"drawings": rooms, "datasets": block.datasets, "choices": block.choices}
    elif isinstance(block, Card):
        found.places[block.id] = (len(found.paths), len(block.paths))
        found.paths += block.paths
    elif isinstance(block, EventList):
        found.lists[block.id] = {"rows": block.rows, "cards": [rendered(card) for card in block.cards]}
