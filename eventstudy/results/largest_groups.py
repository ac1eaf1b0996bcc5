"""The largest groups of a level that has too many for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.numerics.arrow import from_arrow

MOST_GROUPS = 40  #: of a level whose tests are shown
SHOWN_GROUPS = 12  #: of a level of more


def largest_groups(tests: pa.Table, levels: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the groups with the most firm-events of each level that has too many for a page, as listed.

    Parameters
    ----------
    levels
        Number of groups by level.
    """
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
    left = table
    for level, keys in shown.items():
        other = pc.not_equal(left["level"], level)
        left = left.filter(pc.or_(other, pc.is_in(left["key"], pa.array(keys, pa.string()))))
    return left
