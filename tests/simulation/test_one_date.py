"""Slopes on one date: robust errors reject true nulls, ordinary days do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from pages_of_docs import module
from scipy.stats import binom, t

from eventstudy.significance.prologue import prologue_gls, prologue_ols

builder = module("build_one_date_simulated")
HIGH = binom.ppf(0.9995, builder.REPLICATIONS, builder.LEVEL) / builder.REPLICATIONS
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
AGAIN = 60  #: replications of the slow test
RTOL = 1e-10  #: the same sums by another engine


def test_ordinary_days_keep_the_size_and_robust_errors_do_not() -> None:
    rates = builder.stored()
    assert set(rates) == {
        (firms, test, effect)
        for firms in builder.FIRMS
        for test in builder.TESTS
        for effect in (0.0, builder.EFFECT)
    }
    for firms in builder.FIRMS:
        assert rates[firms, "prologue_ols", 0.0] <= HIGH and rates[firms, "prologue_gls", 0.0] <= HIGH
    for test in ("hc1", "cluster"):
        assert rates[100, test, 0.0] > 0.2
    for firms in builder.FIRMS:
        for test in builder.TESTS:
            assert rates[firms, test, builder.EFFECT] > rates[firms, test, 0.0], (firms, test)


@pytest.mark.parametrize("kind", ["hc1", "cluster"])
def test_the_robust_errors_are_those_of_statsmodels(kind: str, rng: np.random.Generator) -> None:
    x, cluster = rng.normal(size=30), np.arange(30) % 5
    y = x * 0.1 + rng.normal(size=30) * (1 + np.abs(x))
    options = {"groups": cluster} if kind == "cluster" else None
    fit = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="HC1" if options is None else "cluster", cov_kwds=options, use_t=True
    )
    b, se, df = builder.robust_slope(y, x, np.arange(30) if options is None else cluster)
    assert (b, se) == pytest.approx((fit.params[1], fit.bse[1]), rel=RTOL)
    assert 2 * t.sf(abs(b / se), df) == pytest.approx(fit.pvalues[1], rel=RTOL)


def test_an_effect_is_added_to_the_slopes() -> None:
    """The p-values are those of the tests on returns that have the effect."""
    data, industry = builder.drawn(np.random.default_rng(8), 12)
    moved = replace(data, event=data.event + 0.01 * data.x[:, 0])
    (found,) = builder.pvalues(data, industry, (0.01,))
    assert found[2:] == pytest.approx([prologue_ols(moved).pvalue[0], prologue_gls(moved).pvalue[0]])
    b, se, df = builder.robust_slope(moved.event, data.x[:, 0], np.arange(12))
    assert found[0] == pytest.approx(2 * t.sf(abs(b / se), df), rel=RTOL)


@pytest.mark.slow
def test_the_code_gives_the_stored_rates() -> None:
    for row in builder.rows(12, AGAIN):
        stored = builder.stored()[12, row["test"], float(row["effect"])]
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], AGAIN, stored)
        assert low <= AGAIN * float(row["rate"]) <= high, row["test"]
