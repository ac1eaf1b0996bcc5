"""The mean correlation against every pair on its own, with and without gaps, and the same bits in parts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from samples import SIZES, each_cell, random_sample

from eventstudy.design import Window
from eventstudy.significance import mean_correlation as of_pairs
from eventstudy.significance.history import History
from eventstudy.significance.mean_correlation import correlated_pairs, mean_correlation
from eventstudy.significance.pair_correlation import MIN_SHARED, masked_correlation
from eventstudy.significance.sample import CrossSection

#: Correlations are of 42 bits of each residual; on average over pairs that is good to far more digits.
ATOL = 1e-13


def plain(sample: CrossSection) -> Any:
    """Return ``r-bar``, one pair at a time."""
    alignment, residuals = sample.alignment(), sample.history.residuals[sample.events]
    found = np.zeros((sample.groups, len(sample.windows)))
    for group, place, rows in each_cell(sample):
        part, pairs = sample.history.columns(sample.windows[place]), list(combinations(rows, 2))
        for one, other in pairs:
            mine, theirs = alignment.session[[one, other]]
            shared = np.isin(alignment.event[mine, part], alignment.event[theirs, part]).mean()
            _, a, b = np.intersect1d(
                alignment.estimation[mine], alignment.estimation[theirs], return_indices=True
            )
            x, y = residuals[one, a], residuals[other, b]
            both = np.isfinite(x) & np.isfinite(y)
            if shared and both.sum() >= MIN_SHARED:
                found[group, place] += shared * np.corrcoef(x[both], y[both])[0, 1] / len(pairs)
    return found


@pytest.mark.parametrize("missing", [0.0, 0.002, 0.1])
@pytest.mark.parametrize("block", [128, 3])
def test_it_is_the_mean_over_pairs(missing: float, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some firm-events without gaps, none, or all; small groups in one block, and each in its own."""
    monkeypatch.setattr(of_pairs, "BLOCK", block)
    sample = random_sample(np.random.default_rng(2), SIZES, missing=missing)
    expected = plain(sample)
    assert np.abs(expected).max() > 0.005
    np.testing.assert_allclose(mean_correlation(sample), expected, rtol=0, atol=ATOL)


def test_a_pair_is_counted_once_wherever_it_is_cut(rng: np.random.Generator) -> None:
    sample = random_sample(rng, SIZES, missing=0.02)
    whole = correlated_pairs(sample)
    for part in (rng.integers(0, 3, len(sample.group)), sample.date % 2):
        one, *others = (correlated_pairs(sample.of_rows(np.flatnonzero(part == each))) for each in set(part))
        for other in others:
            one = one + other
        np.testing.assert_array_equal(one.total.limbs, whole.total.limbs)
        assert one.total.lowest == whole.total.lowest


def test_a_correlation_does_not_depend_on_its_company(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 40, 90)) * rng.uniform(0.001, 50, (2, 40, 1))
    a[rng.random(a.shape) < 0.1] = np.nan
    a[3], b[5] = 0.25, np.nan  # without variance, and without a figure
    whole = masked_correlation(a, b, 90)
    for row, column in rng.integers(0, 40, (30, 2)):
        wide = (np.pad(each, ((0, 0), (50, 300)), constant_values=np.nan) for each in (a[[row]], b[[column]]))
        assert masked_correlation(*wide, 90).item() == whole[row, column]
    assert not whole[3].any() and not whole[:, 5].any() and np.abs(whole).max() > 0.2
    there = np.isfinite(a[0])
    exact = np.corrcoef(a[0, there], b[0, there])[0, 1]
    assert whole[0, 0] == pytest.approx(exact, rel=0, abs=ATOL)


def test_without_estimation_sessions_there_is_none(rng: np.random.Generator) -> None:
    sample = random_sample(rng)
    nothing = np.empty((12, 0))
    history = History(Window(-2, -3), Window(-2, 2), nothing, nothing, sample.history.ar)
    assert np.isnan(mean_correlation(random_sample(rng, history=history))).all()
