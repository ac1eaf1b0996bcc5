"""Reasons and groups of a large study, put together until a page can hold them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.numerics.arrow import from_arrow

if TYPE_CHECKING:
    import pyarrow as pa

MOST_GROUPS = 40  #: of a level whose tests are shown
SHOWN_GROUPS = 12  #: of a level of more
NUMBER = re.compile(r"(?<!\S)\d+(?!\S)")  #: a word of its own: no date and no window


def together(reasons: Mapping[str, int]) -> Counter[str]:
    """Return how often each reason occurs, those that differ in numbers alone with the span of these."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for reason in reasons:
        alike[NUMBER.sub("#", reason)].append(reason)
    return Counter({_spanning(each): sum(reasons[reason] for reason in each) for each in alike.values()})


def _spanning(alike: Sequence[str]) -> str:
    """Return one reason for several that differ in numbers: ``only 3-38 of 65 returns`` (with an en dash)."""
    numbers = np.array([[int(number) for number in NUMBER.findall(reason)] for reason in alike])
    spans = [
        str(low) if low == high else f"{low}\N{EN DASH}{high}"
        for low, high in zip(numbers.min(axis=0), numbers.max(axis=0), strict=True)
    ]
    return NUMBER.sub(lambda _: spans.pop(0), alike[0])


def largest_groups(tests: pa.Table, levels: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the groups with the most firm-events of each level that has too many for a page, as listed.

    Parameters
    ----------
    levels
        Number of groups by level.
    """
    import pyarrow.compute as pc

    found: dict[str, list[str]] = {}
    for level, groups in levels.items():
        if groups <= MOST_GROUPS:
            continue
        counted = tests.filter(pc.equal(tests["level"], level)).group_by("key").aggregate([("n", "max")])
        order = np.argsort(-from_arrow(counted["n_max"]), kind="stable")[:SHOWN_GROUPS]
        keys = counted["key"].to_pylist()
        found[level] = [keys[place] for place in np.sort(order)]
    return found


def of_groups(table: pa.Table, shown: Mapping[str, Sequence[str]]) -> pa.Table:
    """Return a table of groups without those that are not shown of some levels."""
    import pyarrow as pa
    import pyarrow.compute as pc

    left = table
    for level, keys in shown.items():
        other = pc.not_equal(left["level"], level)
        left = left.filter(pc.or_(other, pc.is_in(left["key"], pa.array(keys, pa.string()))))
    return left
