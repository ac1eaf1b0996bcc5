"""The sum of products in vectors: the order that it states."""

from __future__ import annotations

import numpy as np
import pytest

numba = pytest.importorskip("numba", reason="no Numba")

from eventstudy.engine.compiled_product import LANES, row_product  # noqa: E402


@numba.njit(cache=False)
def product(rows, one, other):  # type: ignore[no-untyped-def]
    return row_product(rows, one, other)


@pytest.mark.parametrize("blocks", [1, 3, 16])
def test_the_order_is_that_of_partial_sums_and_halves(blocks: int, rng: np.random.Generator) -> None:
    rows = rng.normal(0, 1, (3, blocks * LANES)) * 10.0 ** rng.integers(-8, 8, (3, blocks * LANES))
    for one, other in ((0, 2), (2, 1), (1, 1)):
        sums = np.zeros(LANES)
        for block in (rows[one] * rows[other]).reshape(blocks, LANES):
            sums = sums + block
        while len(sums) > 1:
            sums = sums[: len(sums) // 2] + sums[len(sums) // 2 :]
        assert product(rows, one, other) == sums[0]
