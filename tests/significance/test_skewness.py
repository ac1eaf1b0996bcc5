"""Tests that allow for skewness: Hall's and Johnson's transformations, and the bootstrap of a quarter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracles import RTOL
from samples import SIZES, each_cell, random_sample
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.significance.hall import skew_adjusted_t
from eventstudy.significance.lyon_barber_tsai import DRAWS, bhar_skew_t


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_hall(rng: np.random.Generator, missing: float) -> None:
    sample = random_sample(rng, SIZES, missing=missing, shift=0.01)
    found = skew_adjusted_t(sample)
    for group, place, rows in each_cell(sample):
        values, n = sample.car[rows, place], len(rows)
        assert found.n[group, place] == n
        if n < 3:
            assert np.isnan(found.statistic[group, place])
            continue
        mean = sum(values) / n
        sd = np.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
        g = n / ((n - 1) * (n - 2)) * sum(((value - mean) / sd) ** 3 for value in values)
        assert g == pytest.approx(stats.skew(values, bias=False), rel=RTOL)
        s = mean / sd
        t = np.sqrt(n) * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * n))
        assert found.statistic[group, place] == pytest.approx(t, rel=RTOL)
        assert found.pvalue[group, place] == pytest.approx(2 * stats.norm.sf(abs(t)), rel=RTOL)


def test_without_skewness_it_is_the_t(rng: np.random.Generator) -> None:
    sample = random_sample(rng, (9,))
    values = 0.02 + np.linspace(-0.05, 0.05, 9)[:, None] * np.ones(4)
    t = skew_adjusted_t(sample.testing(values)).statistic
    np.testing.assert_allclose(t, stats.ttest_1samp(values, 0.0).statistic[None], rtol=RTOL)


def plain_johnson(values: Any, centre: float) -> float:
    """Johnson's t of some values about ``centre``, in plain sums; infinite where they are all alike."""
    n, mean = len(values), sum(values) / len(values)
    sd = np.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    if len(set(values)) == 1:
        return float(np.sign(mean - centre) * np.inf)
    g = sum((value - mean) ** 3 for value in values) / (n * sd**3)
    s = (mean - centre) / sd
    return float(np.sqrt(n) * (s + g * s**2 / 3 + g / (6 * n)))


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_lyon_barber_tsai(rng: np.random.Generator, missing: float, alternative: Alternative) -> None:
    """The same draws, one resample at a time."""
    sample = random_sample(rng, (12, 0, 7, 1, 41), missing=missing, shift=0.01, alternative=alternative)
    sample = sample.testing(sample.bhar).only(np.array([1, 2]))
    found = bhar_skew_t(sample)
    for group, place, rows in each_cell(sample):
        values, n = np.sort(sample.car[rows, place]), len(rows)
        where = (group, place)
        assert found.n[where] == n
        if n < 8:
            assert np.isnan(found.statistic[where])
            assert np.isnan(found.pvalue[where])
            assert found.note[where] == ("too few to resample a quarter of: needs 8 firm-events" if n else "")
            continue
        t, mean = plain_johnson(values, 0.0), sum(values) / n
        draws = np.random.default_rng([sample.seed, n]).integers(0, n, (DRAWS, n // 4))
        drawn = [plain_johnson(values[row], mean) for row in draws]
        above = (1 + sum(each >= t for each in drawn)) / (1 + DRAWS)
        below = (1 + sum(each <= t for each in drawn)) / (1 + DRAWS)
        p = {"greater": above, "less": below}.get(alternative, min(1, 2 * min(above, below)))
        assert found.statistic[where] == pytest.approx(t, rel=RTOL)
        assert found.pvalue[where] == pytest.approx(p, rel=RTOL)


def test_blocks_of_draws_join_without_a_seam(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = random_sample(rng, (41,))
    whole = bhar_skew_t(sample).pvalue
    monkeypatch.setattr("eventstudy.significance.lyon_barber_tsai.BLOCK", 41 * 37)
    np.testing.assert_array_equal(bhar_skew_t(sample).pvalue, whole)


def test_a_mean_far_on_the_other_side_of_its_skewness_turns_back(rng: np.random.Generator) -> None:
    """Johnson's transformation is a parabola; Hall's is not."""
    skewed = np.exp(rng.normal(size=(60, 1)))
    skewed -= skewed.mean()
    sample = random_sample(rng, (60,)).only(np.array([1]))
    found = {shift: bhar_skew_t(sample.testing(skewed + shift)) for shift in (0.0, 0.9, -0.3, -2.0)}
    pvalue = {shift: result.pvalue[0, 0] for shift, result in found.items()}
    assert pvalue[0.9] < 0.01 < pvalue[0.0]
    assert abs(stats.ttest_1samp(skewed - 2.0, 0.0).statistic[0]) > 5
    assert pvalue[-2.0] > 0.05
    assert "turns back" in found[-2.0].note[0, 0]
    assert {found[shift].note[0, 0] for shift in (0.0, 0.9, -0.3)} == {""}
    hall = [skew_adjusted_t(sample.testing(skewed + shift)).statistic[0, 0] for shift in (-2.0, -0.3, 0, 0.9)]
    assert hall == sorted(hall)
