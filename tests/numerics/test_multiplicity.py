"""Adjusted p-values against statsmodels and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import RTOL

from eventstudy.numerics.multiplicity import benjamini_hochberg, holm

ADJUSTMENTS = {"holm": holm, "fdr_bh": benjamini_hochberg}


def plain_holm(pvalues: list[float]) -> list[float]:
    """Step down by the definition: the running maximum of (m - rank) p."""
    adjusted, running = [0.0] * len(pvalues), 0.0
    for step, place in enumerate(sorted(range(len(pvalues)), key=pvalues.__getitem__)):
        running = max(running, min(1.0, (len(pvalues) - step) * pvalues[place]))
        adjusted[place] = running
    return adjusted


def plain_benjamini_hochberg(pvalues: list[float]) -> list[float]:
    """Step up by the definition: the running minimum, from the largest, of m p / rank."""
    adjusted, running = [0.0] * len(pvalues), 1.0
    order = sorted(range(len(pvalues)), key=pvalues.__getitem__)
    for rank, place in reversed(list(enumerate(order, start=1))):
        running = min(running, len(pvalues) * pvalues[place] / rank)
        adjusted[place] = running
    return adjusted


@pytest.mark.parametrize("method", ADJUSTMENTS)
def test_adjusted_p_values_are_those_of_statsmodels(method: str) -> None:
    from statsmodels.stats.multitest import multipletests

    first, second = [0.04, 0.01, 0.01, 0.9, 0.3], [0.02, 0.02, 0.0]
    pvalues = np.array([*first, np.nan, *second])
    found = ADJUSTMENTS[method](pvalues, np.array([7] * 6 + [2] * 3))
    np.testing.assert_allclose(found[:5], multipletests(first, method=method)[1], rtol=RTOL)
    np.testing.assert_allclose(found[6:], multipletests(second, method=method)[1], rtol=RTOL)
    assert np.isnan(found[5])


@pytest.mark.parametrize(
    ("adjust", "plain"), [(holm, plain_holm), (benjamini_hochberg, plain_benjamini_hochberg)]
)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.01, 0.02, 0.3, 1.0]) | st.floats(0, 1)),
        max_size=40,
    )
)
def test_adjusted_p_values_step_within_every_family(
    adjust: object, plain: object, rows: list[tuple[int, float]]
) -> None:
    family = np.array([code for code, _ in rows], dtype=np.int64)
    found = adjust(np.array([p for _, p in rows], dtype=float), family)  # type: ignore[operator]
    for code in set(family.tolist()):
        expected = plain([p for c, p in rows if c == code])  # type: ignore[operator]
        np.testing.assert_allclose(found[family == code], expected, rtol=RTOL)
