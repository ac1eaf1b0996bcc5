"""Levels of grouping: all firm-events, by event, ticker and kind, and by columns of the event list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.events.firm_events import FirmEvents
from eventstudy.significance.sample import cells

EXPECTED = ("expected", ("as expected",))  #: level and keys of the means in the expected direction


@dataclass(frozen=True)
class Level:
    """A way to group firm-events: its name, and key and members (indices, measured or not) of each group.

    ``opposed`` tells of which groups some members are expected to go up and some down.
    """

    name: str
    keys: tuple[str, ...]
    members: tuple[IntArray, ...]
    opposed: BoolArray

    @classmethod
    def of(cls, name: str, keys: Sequence[str], members: Sequence[IntArray], expect: TextArray) -> Level:
        """Return a level; ``expect`` is the direction of every firm-event, ``""`` where there is none."""
        opposed = [{"up", "down"} <= set(expect[events]) for events in members]
        return cls(name, tuple(keys), tuple(members), np.array(opposed, dtype=bool))

    @property
    def names(self) -> tuple[str, ...]:
        """Name of the level of each group."""
        return (self.name,) * len(self.keys)


@dataclass(frozen=True)
class Levels:
    """Levels whose groups are tested at once, those of the first level first."""

    each: tuple[Level, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Name of the level of each group."""
        return tuple(name for level in self.each for name in level.names)

    @property
    def keys(self) -> tuple[str, ...]:
        """Key of each group."""
        return tuple(key for level in self.each for key in level.keys)

    @property
    def opposed(self) -> BoolArray:
        """Of which groups some members are expected to go up and some down."""
        return np.concatenate([level.opposed for level in self.each])


def all_levels(firm_events: FirmEvents, by: Sequence[str]) -> Iterator[Level]:
    """Yield the level of all firm-events, then those by event, ticker, kind and further columns.

    A group of one firm-day is left out: the tests of the firm-event cover it.

    Raises
    ------
    UnknownNameError
        A column that the event list does not have.
    """
    yield Level.of("all", ["all"], [np.arange(len(firm_events))], firm_events.expect)
    ticker = np.unique(firm_events.ticker.astype(str), return_inverse=True)[1]
    firm_day = cells(ticker, firm_events.session.astype(np.int64))[1]
    columns = {"event": "event_id", "ticker": "ticker", "kind": "kind"}
    columns |= {name: name for name in by if name not in columns}
    for name, column in columns.items():
        keys, first, code = np.unique(
            firm_events.labels(column).astype(str), return_index=True, return_inverse=True
        )
        members = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
        days = np.bincount(cells(code, firm_day)[0][:, 0])
        listed = [place for place in np.argsort(first) if keys[place] and days[place] > 1]
        if listed:
            chosen = [members[place] for place in listed]
            yield Level.of(name, [str(keys[place]) for place in listed], chosen, firm_events.expect)
