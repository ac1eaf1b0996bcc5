"""Tail probabilities against scipy.stats, which is slower to load but says the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.numerics import distributions

#: Both end in Cephes or Boost: they differ by rounding, also far out in the tail.
RTOL = 1e-12
VALUES = np.array([-40.0, -3.1, -0.2, 0.0, 0.7, 2.5, 12.0, np.nan])


@pytest.mark.parametrize("df", [1, 3, 28.0, 248.0])
def test_t(df: float) -> None:
    np.testing.assert_allclose(
        distributions.t_pvalue(VALUES, df), 2 * stats.t.sf(np.abs(VALUES), df), rtol=RTOL
    )
    np.testing.assert_allclose(
        distributions.t_pvalue(VALUES, df, "greater"), stats.t.sf(VALUES, df), rtol=RTOL
    )
    np.testing.assert_allclose(distributions.t_pvalue(VALUES, df, "less"), stats.t.cdf(VALUES, df), rtol=RTOL)
    np.testing.assert_allclose(distributions.t_quantile([0.8, 0.975], df), stats.t.ppf([0.8, 0.975], df))


def test_normal() -> None:
    found = distributions.normal_pvalue(VALUES)
    np.testing.assert_allclose(found, 2 * stats.norm.sf(np.abs(VALUES)), rtol=RTOL)
    np.testing.assert_allclose(distributions.normal_pvalue(VALUES, "less"), stats.norm.cdf(VALUES), rtol=RTOL)


def test_f_and_chi_squared() -> None:
    values = np.array([0.0, 0.5, 3.0, 80.0, np.nan])
    np.testing.assert_allclose(distributions.f_pvalue(values, 5, 244), stats.f.sf(values, 5, 244), rtol=RTOL)
    np.testing.assert_allclose(distributions.chi2_pvalue(values, 10), stats.chi2.sf(values, 10), rtol=RTOL)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_counts_of_signs_and_sums_of_ranks(side: Alternative) -> None:
    for n in (1, 2, 7, 50):
        positive = np.arange(n + 1)
        expected = [stats.binomtest(int(each), n, 0.5, side).pvalue for each in positive]
        np.testing.assert_allclose(distributions.binomial_pvalue(positive, n, side), expected, rtol=RTOL)
    assert np.isnan(distributions.binomial_pvalue(0, 0, side))
    values = np.array([0.3, -0.1, 0.7, 0.2, -0.9, 0.4, 1.1, -0.5])
    exact = stats.wilcoxon(values, alternative=side, method="exact")
    ranks = tuple(range(2, 17, 2))
    double_sum = 2 * int(stats.rankdata(np.abs(values))[values > 0].sum())
    found = distributions.signed_rank_pvalue(double_sum, ranks, side)
    assert found == pytest.approx(exact.pvalue, rel=RTOL)


def test_no_degrees_of_freedom_give_no_number() -> None:
    assert np.isnan(distributions.t_pvalue(2.0, 0))
    assert np.isnan(distributions.t_quantile(0.975, 0))
    assert np.isnan(distributions.t_quantile(0.975, np.nan))


@pytest.mark.parametrize("rows", [3, 2 * distributions.MANY])
def test_a_quantile_of_broadcast_degrees_of_freedom(rows: int, rng: np.random.Generator) -> None:
    """They are looked at once, and the figures are those of a whole array."""
    df = rng.choice([-1.0, 3.0, 248.0, 251.5, np.nan], (rows, 1))
    for shape in ((rows, 5), (4, rows, 5)):
        broadcast = np.broadcast_to(df, shape)
        found = distributions.t_quantile(0.9, broadcast)
        assert found.shape == shape
        np.testing.assert_array_equal(found, distributions.t_quantile(0.9, broadcast.copy()))
        np.testing.assert_allclose(found, stats.t.ppf(0.9, broadcast), rtol=RTOL)
