"""Sums over groups that together are all firm-events: those of one group, bit for bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from samples import random_sample

from eventstudy.engine.grid_study import NEIGHBOURING
from eventstudy.inference.averages import days_by_date
from eventstudy.significance import TESTS
from eventstudy.significance.observations import observations

SIZES = (23, 1, 40)
KINDS = {
    kind.__name__: kind
    for kind in (observations, days_by_date, *(kind for test in TESTS.values() for kind in test.sums))
    if kind not in NEIGHBOURING
}


def same(one: Any, other: Any) -> None:
    """Each field, arrays by their bits."""
    if is_dataclass(one):
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        for mine, theirs in zip(one, other, strict=True):
            same(mine, theirs)
    else:
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("name", KINDS)
def test_groups_add_up_to_one(name: str, missing: float, rng: np.random.Generator) -> None:
    sample = random_sample(rng, SIZES, missing=missing)
    sample = replace(sample, weights=rng.random(len(sample.group)))
    as_one = replace(sample, group=np.zeros_like(sample.group), groups=1)
    same(KINDS[name](sample).of_all_groups(), KINDS[name](as_one))
