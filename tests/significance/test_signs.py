"""Sign and signed-rank tests: by hand, by scipy, and never above the size that they can attain."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from oracles import RTOL
from samples import SIZES, each_cell, random_sample
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.signs import generalized_sign, sign
from eventstudy.significance.wilcoxon import wilcoxon

SIDES: tuple[Alternative, ...] = ("two-sided", "greater", "less")


def of_values(values: Any, alternative: Alternative = "two-sided") -> CrossSection:
    """Return one group with these CARs in its one window."""
    rng = np.random.default_rng(0)
    sample = random_sample(rng, (len(values),), alternative=alternative)
    return sample.only(np.array([0])).testing(np.asarray(values, dtype=float)[:, None])


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("alternative", SIDES)
def test_sign(rng: np.random.Generator, missing: float, alternative: Alternative) -> None:
    sample = random_sample(rng, (*SIZES, 70), missing=missing, shift=0.01, alternative=alternative)
    sample.car[rng.random(sample.car.shape) < 0.1] = 0.0
    found = sign(sample)
    for group, place, rows in each_cell(sample):
        values = sample.car[rows, place]
        positive, n = int((values > 0).sum()), int((values != 0).sum())
        where = (group, place)
        assert found.n[where] == n
        if n == 0:
            assert np.isnan(found.statistic[where])
            assert np.isnan(found.pvalue[where])
            continue
        z = (positive - n / 2) / np.sqrt(n / 4)
        p = stats.binomtest(positive, n, 0.5, alternative).pvalue
        assert found.statistic[where] == pytest.approx(z, rel=RTOL)
        assert found.pvalue[where] == pytest.approx(p, rel=RTOL)


@pytest.mark.parametrize("n", [51, 100, 4_000])
@pytest.mark.parametrize("alternative", SIDES)
def test_sign_is_binomial_for_any_number(n: int, alternative: Alternative) -> None:
    values = np.where(np.arange(n) < n // 2 + 11, 1.0, -1.0)
    expected = stats.binomtest(n // 2 + 11, n, 0.5, alternative).pvalue
    assert sign(of_values(values, alternative)).pvalue[0, 0] == pytest.approx(expected, rel=RTOL)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_generalized_sign(rng: np.random.Generator, missing: float) -> None:
    sample = random_sample(rng, SIZES, missing=missing, shift=0.01)
    sample.history.residuals[:, :20] += 0.002
    found = generalized_sign(sample)
    for group, place, rows in each_cell(sample):
        shares = []
        for row in rows:
            residuals = sample.history.residuals[sample.events[row]]
            residuals = residuals[~np.isnan(residuals)]
            shares.append(sum(residual > 0 for residual in residuals) / len(residuals))
        n, positive = len(rows), sum(sample.car[row, place] > 0 for row in rows)
        assert found.n[group, place] == n
        if n == 0:
            assert np.isnan(found.statistic[group, place])
            continue
        p = sum(shares) / n
        z = (positive - n * p) / np.sqrt(n * p * (1 - p))
        assert found.statistic[group, place] == pytest.approx(z, rel=RTOL)
        assert found.pvalue[group, place] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=RTOL)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("alternative", SIDES)
def test_wilcoxon_without_ties(rng: np.random.Generator, missing: float, alternative: Alternative) -> None:
    sample = random_sample(rng, (*SIZES, 50, 90), missing=missing, shift=0.01, alternative=alternative)
    sample.car[3, 0] = 0.0
    found = wilcoxon(sample)
    for group, place, rows in each_cell(sample):
        values = sample.car[rows, place]
        values = values[values != 0]
        where = (group, place)
        assert found.n[where] == len(values)
        if len(values) == 0:
            assert np.isnan(found.pvalue[where])
            continue
        w_plus = sum(1 + sum(abs(other) < abs(value) for other in values) for value in values if value > 0)
        method = "exact" if len(values) <= 50 else "asymptotic"
        expected = stats.wilcoxon(values, method=method, alternative=alternative, correction=False)
        assert found.statistic[where] == w_plus
        assert found.pvalue[where] == pytest.approx(expected.pvalue, rel=RTOL)


@pytest.mark.parametrize("alternative", SIDES)
def test_wilcoxon_with_ties_counts_every_pattern_of_signs(
    rng: np.random.Generator, alternative: Alternative
) -> None:
    for n in (3, 6, 9):
        values = rng.integers(1, 4, n) * rng.choice([-1.0, 1.0], n)
        found = wilcoxon(of_values(values, alternative))
        ranks = stats.rankdata(np.abs(values))
        w_plus = ranks[values > 0].sum()
        sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=n)])
        above, below = (sums >= w_plus).mean(), (sums <= w_plus).mean()
        p = {"greater": above, "less": below}.get(alternative, min(1.0, 2 * min(above, below)))
        assert found.statistic[0, 0] == w_plus
        assert found.pvalue[0, 0] == pytest.approx(p, rel=RTOL)


def test_wilcoxon_of_many_with_ties_is_corrected_for_them(rng: np.random.Generator) -> None:
    values = rng.integers(1, 9, 80) * rng.choice([-1.0, 1.0], 80)
    expected = stats.wilcoxon(values, method="asymptotic", correction=False)
    assert wilcoxon(of_values(values)).pvalue[0, 0] == pytest.approx(expected.pvalue, rel=RTOL)


def test_groups_do_not_lend_each_other_ties() -> None:
    sample = random_sample(np.random.default_rng(3), (2, 2))
    sample.car[:] = np.array([0.01, 0.02, 0.02, 0.03])[:, None]
    np.testing.assert_array_equal(wilcoxon(sample).statistic, np.full((2, 4), 3.0))


@pytest.mark.parametrize("test", [sign, wilcoxon])
@pytest.mark.parametrize("alternative", SIDES)
def test_exact_tests_never_exceed_their_size(test: Any, alternative: Alternative) -> None:
    """Over all patterns of signs, each as likely as the other, p <= level happens that often at most."""
    for n in (4, 6, 9):
        size = np.arange(1.0, n + 1)
        signs = np.array(list(product((-1.0, 1.0), repeat=n)))
        sample = random_sample(np.random.default_rng(0), (n,) * len(signs), alternative=alternative)
        pvalue = test(sample.only(np.array([0])).testing((signs * size).reshape(-1, 1))).pvalue
        for level in (0.01, 0.05, 0.1, 0.5):
            assert (pvalue <= level).mean() <= level
        assert pvalue.min() == pytest.approx(min(1, (2 if alternative == "two-sided" else 1) / 2**n))


@pytest.mark.parametrize("test", [sign, wilcoxon])
def test_a_sample_that_can_never_reject_says_so(test: Any) -> None:
    for n, words in ((1, "1"), (3, "0.25"), (5, "0.0625")):
        assert test(of_values(np.arange(1.0, n + 1))).note[0, 0] == f"too few: p cannot fall below {words}"
    assert test(of_values(np.arange(1.0, 7))).note[0, 0] == ""
    assert test(of_values(np.arange(1.0, 6), "greater")).note[0, 0] == ""
    assert test(of_values(np.zeros(3))).note[0, 0] == ""
