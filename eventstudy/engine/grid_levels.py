"""`GridLevel`: ways to group the firm-events of a study on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import IntArray, TextArray


@dataclass(frozen=True)
class GridLevel:
    """A way to group the N firm-events.

    Attributes
    ----------
    name, keys
        Of the level, and of its groups.
    group
        The group of each firm-event, -1 for none, shape (N,).
    parts
        For a level of one group: the level whose groups are parts of it and together all of it, so that its
        sums need not be taken twice; or ``""``.
    """

    name: str
    keys: tuple[str, ...]
    group: IntArray
    parts: str = ""

    def of(self, rows: IntArray) -> GridLevel:
        """Return the level of some firm-events."""
        return replace(self, group=self.group[rows])


def level_of_all(firm_events: int, further: Sequence[GridLevel] = ()) -> GridLevel:
    """Return the level of all firm-events; its parts are the groups of the further level that all are in.

    Of several it is the one with the fewest groups.
    """
    parts = [level for level in further if level.keys and (level.group >= 0).all()]
    name = min(parts, key=lambda level: len(level.keys)).name if parts else ""
    return GridLevel("all", ("all",), np.zeros(firm_events, dtype=np.int64), name)


def level_of(name: str, labels: TextArray) -> GridLevel:
    """Return a level in the order in which its groups are listed."""
    keys, first, code, size = np.unique(
        labels.astype(str), return_index=True, return_inverse=True, return_counts=True
    )
    listed = [place for place in np.argsort(first) if keys[place] and size[place] > 1]
    group = np.full(len(keys), -1)
    group[listed] = np.arange(len(listed))
    return GridLevel(name, tuple(str(keys[place]) for place in listed), group[code.ravel()])
