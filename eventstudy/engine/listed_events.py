"""All events of a list that lie on a matrix of returns: what masks and overlaps of a shard are told by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.design import Window


@dataclass(frozen=True)
class ListedEvents:
    """M events in the order of day 0, those of one session as they are listed.

    Attributes
    ----------
    security, day0
        Row and column of the matrix, shape (M,).
    place
        Of each among the firm-events in the order of the shards, shape (M,).
    """

    security: IntArray
    day0: IntArray
    place: IntArray

    @classmethod
    def read(cls, path: Path) -> ListedEvents:
        """Map the events that `write` has written."""
        return cls(*np.load(path, mmap_mode="r", allow_pickle=False))

    def write(self, path: Path) -> None:
        """Write the events as an array of shape (3, M)."""
        np.save(path, np.stack([self.security, self.day0, self.place]).astype(np.int32), allow_pickle=False)

    def between(self, first: int, last: int) -> ListedEvents:
        """Return the events of some sessions, both ends included, in memory."""
        part = slice(np.searchsorted(self.day0, first), np.searchsorted(self.day0, last, "right"))
        return ListedEvents(*(np.asarray(each[part], dtype=np.int64) for each in vars(self).values()))

    def around(
        self, security: IntArray, day0: IntArray, window: Window
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Return where the events of each security lie that fall into a window around some days.

        Returns
        -------
        tuple
            Order of the events by security and day 0, shape (M,), and in it the first of each day and the one
            after the last, shape (n,) each.
        """
        wide = 1 + 2 * max(map(abs, window)) + int(max(self.day0.max(initial=0), day0.max(initial=0)))
        key = self.security * wide + self.day0
        order = np.argsort(key, kind="stable")
        own, ranked = security * wide + day0, key[order]
        low = np.searchsorted(ranked, own + window.start)
        return order, low, np.searchsorted(ranked, own + window.end, "right")
