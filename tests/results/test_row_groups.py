"""Groups of rows: whatever is read together, each group has its own rows, and few reads are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from eventstudy.results import row_groups
from eventstudy.results.row_groups import AT_ONCE, RowGroups

GROUPS, EACH = 900, 11


@pytest.fixture
def table() -> pa.Table:
    """Return a table whose rows are not in the order of their groups, with a group of null."""
    rng = np.random.default_rng(3)
    numbers = rng.permutation(np.repeat(np.arange(GROUPS), EACH))
    names = [None if number == 7 else f"e{number}" for number in numbers.tolist()]
    return pa.table({"event": pa.array(names).dictionary_encode(), "place": np.arange(len(names))})


@pytest.mark.parametrize("order", ["forwards", "backwards", "shuffled"])
def test_each_group_has_its_rows_in_any_order_of_reading(table: pa.Table, order: str) -> None:
    expected: dict[Any, list[Any]] = {}
    for row in table.to_pylist():
        expected.setdefault(row["event"], []).append(row)
    groups = RowGroups.by(table, "event")
    keys = list(groups.places)
    if order == "backwards":
        keys.reverse()
    elif order == "shuffled":
        np.random.default_rng(4).shuffle(keys)
    assert len(keys) == GROUPS
    for key in keys:
        assert groups[key] == expected[key[0]]
    assert groups["no such event",] == []


def test_groups_are_read_many_at_a_time(table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    plain = row_groups.rows_at

    def counted(table: pa.Table, at: Any) -> list[dict[str, Any]]:
        sizes.append(len(at))
        return plain(table, at)

    monkeypatch.setattr(row_groups, "rows_at", counted)
    groups = RowGroups.by(table, "event")
    for key in groups.places:
        groups[key]
    assert sum(sizes) == GROUPS * EACH  # each row once
    assert len(sizes) <= GROUPS * EACH / AT_ONCE + 1
