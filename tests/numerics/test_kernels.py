"""The array arithmetic against the plain loops and library calls that it replaces."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import RTOL

from eventstudy.numerics import kernels


def test_least_squares_is_one_regression_per_row(rng: np.random.Generator) -> None:
    import statsmodels.api as sm

    y, x = rng.normal(size=(6, 80)), rng.normal(size=(6, 80, 3)) * [0.1, 1.0, 10.0]
    y[rng.random(y.shape) < 0.1] = np.nan
    x[rng.random(x.shape) < 0.02] = np.nan
    found = kernels.least_squares(y, x)
    for row in range(6):
        usable = np.isfinite(y[row]) & np.isfinite(x[row]).all(axis=1)
        fit = sm.OLS(y[row, usable], sm.add_constant(x[row, usable])).fit()
        np.testing.assert_allclose(found.coefficients[row], fit.params, rtol=RTOL, atol=RTOL * fit.bse.min())
        np.testing.assert_allclose(found.std_errors[row], fit.bse, rtol=RTOL)
        np.testing.assert_allclose(found.rsquared[row], fit.rsquared, rtol=RTOL)
        np.testing.assert_allclose(found.residuals[row, usable], fit.resid, rtol=RTOL, atol=RTOL)
        assert np.isnan(found.residuals[row, ~usable]).all()
        assert (found.n[row], found.df[row]) == (fit.nobs, fit.df_resid)
        hat = sm.add_constant(x[row, usable]) @ fit.normalized_cov_params @ sm.add_constant(x[row, usable]).T
        root = found.leverage_root(x)[row, usable]
        np.testing.assert_allclose(root @ root.T, hat, rtol=RTOL, atol=RTOL)


def test_a_lumped_constant_counts_its_span(rng: np.random.Generator) -> None:
    x = rng.normal(size=(1, 50, 1))
    fit = kernels.least_squares(rng.normal(size=(1, 50)), x)
    design = np.column_stack([np.ones(50), x[0]])
    ahead = np.array([[1.0, 0.3], [3.0, -0.7]])
    root = fit.leverage_root(ahead[None, :, 1:], ahead[None, :, 0])[0]
    np.testing.assert_allclose(root @ root.T, ahead @ np.linalg.inv(design.T @ design) @ ahead.T, rtol=RTOL)


@pytest.mark.parametrize("constant", [0.0, 0.1, 0.001, 1 / 3, 1e-9, 5.0])
def test_a_constant_regressor_is_singular_whatever_its_mean_rounds_to(
    constant: float, rng: np.random.Generator
) -> None:
    fit = kernels.least_squares(rng.normal(size=(1, 250)), np.full((1, 250, 1), constant))
    assert fit.singular.all()
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.sigma).all()


def test_collinear_regressors_are_singular_and_nearly_collinear_ones_are_not(
    rng: np.random.Generator,
) -> None:
    one, noise = rng.normal(size=(2, 1, 250))
    y = rng.normal(size=(1, 250))
    assert kernels.least_squares(y, np.stack([one, 3 * one - 1], axis=2)).singular.all()
    assert not kernels.least_squares(y, np.stack([one, one + 1e-4 * noise], axis=2)).singular.any()
    assert not kernels.least_squares(y, 1000 + np.stack([one], axis=2)).singular.any()


def test_too_few_observations_are_singular(rng: np.random.Generator) -> None:
    y, x = rng.normal(size=(3, 20)), rng.normal(size=(3, 20, 2))
    y[0, 3:], y[1, 4:], y[2] = np.nan, np.nan, np.nan
    fit = kernels.least_squares(y, x)
    np.testing.assert_array_equal(fit.singular, [True, False, True])
    np.testing.assert_array_equal(fit.n, [3, 4, 0])


def test_no_regressors_is_the_mean(rng: np.random.Generator) -> None:
    y = rng.normal(size=(2, 30))
    fit = kernels.least_squares(y, np.empty((2, 30, 0)))
    np.testing.assert_allclose(fit.coefficients[:, 0], y.mean(axis=1), rtol=RTOL)
    np.testing.assert_allclose(fit.sigma, y.std(axis=1, ddof=1), rtol=RTOL)


def test_rolling_sums_miss_what_is_missing(rng: np.random.Generator) -> None:
    values = rng.normal(size=(2, 12))
    values[0, 5] = np.nan
    found = kernels.rolling_sum(values, 4)
    plain = [[row[start : start + 4].sum() for start in range(9)] for row in values]
    np.testing.assert_allclose(found, plain, rtol=RTOL)
    assert np.isnan(found[0, 2:6]).all()
    assert kernels.rolling_sum(values, 13).shape == (2, 0)
    lengths = [1, 4, 11, 13, 6]
    for length, sums in zip(lengths, kernels.rolling_sums(values, lengths), strict=True):
        np.testing.assert_array_equal(sums, kernels.rolling_sum(values, length))


def test_small_systems_are_solved_over_the_batch(rng: np.random.Generator) -> None:
    half = rng.normal(size=(7, 3, 3))
    a, b = half @ half.transpose(0, 2, 1) + np.eye(3), rng.normal(size=(7, 3))
    found = kernels.solve_symmetric(np.moveaxis(a, 0, 2), b.T)
    np.testing.assert_allclose(found.T, np.linalg.solve(a, b[:, :, None])[:, :, 0], rtol=RTOL)


def test_the_rank_counts_ties_and_leaves_missing_out() -> None:
    reference = np.array([[1.0, 2.0, 3.0, np.nan, 3.0]] * 4)
    p, n = kernels.rank_pvalue(np.array([3.0, 0.5, 9.0, np.nan]), reference)
    np.testing.assert_array_equal(n, [4, 4, 4, 4])
    np.testing.assert_allclose(p, [3 / 5, 1.0, 1 / 5, np.nan])
    p, n = kernels.rank_pvalue(np.array([1.0]), np.empty((1, 0)))
    assert (np.isnan(p).all(), n[0]) == (True, 0)


def test_double_ranks_are_twice_the_mid_ranks(rng: np.random.Generator) -> None:
    from scipy.stats import rankdata

    values = rng.integers(0, 9, (7, 23)).astype(float)  # many ties
    values[rng.random(values.shape) < 0.2] = np.nan
    values[3] = np.nan
    found = kernels.double_ranks(values)
    for row, ranks in zip(values, found, strict=True):
        there = np.isfinite(row)
        np.testing.assert_array_equal(ranks[there], 2 * rankdata(row[there]))
        assert (ranks[~there] == 0).all()
