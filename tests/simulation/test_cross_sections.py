"""Regressions, group differences and weighted means of CARs: stored rates, and that the script gives them."""

from __future__ import annotations

import numpy as np
import pytest
from pages_of_docs import module
from samples import random_sample
from scipy import stats
from scipy.stats import binom

from eventstudy.design import Regression, Window
from eventstudy.inference.car_regressions import FirmDays, car_regression
from eventstudy.significance.value_weighted import value_weighted_t

builder = module("build_cross_sections_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
FEW = 100  #: replications of a renewed rate
MANY = builder.DATES[-1]
CLUSTERED, TOO_MANY = 0.08, 0.12  #: size that clusters of 40 dates may reach, and that others exceed
RTOL = 1e-9  #: the same sums by another path
OPTIONS = {
    builder.OLS: {"cov": "ols"},
    builder.HC1: {"cov": "hc1"},
    builder.SESSION: {"cluster": "session"},
    builder.BOTH: {"cluster": "both"},
    builder.DATES_ALONE: {"estimator": "fama-macbeth"},
}


def test_firms_that_move_together_need_clusters() -> None:
    rates = builder.stored()
    for test in (builder.SESSION, builder.DATES_ALONE, builder.DIFFERENCE, builder.EQUAL, builder.WEIGHTED):
        assert rates[builder.SHARED, MANY, 0.0, test] <= CLUSTERED, test
    for test in (builder.OLS, builder.HC1):
        assert rates[builder.SHARED, MANY, 0.0, test] > TOO_MANY, test
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], builder.REPLICATIONS, builder.LEVEL)
        assert low <= builder.REPLICATIONS * rates[builder.INDEPENDENT, MANY, 0.0, test] <= high


def test_the_tests_are_those_of_a_study() -> None:
    days = builder.drawn(np.random.default_rng(4), builder.SHARED, 12)
    found = builder.pvalues(days, 0.0)
    given = FirmDays(
        {"car": days.car, "bhar": days.car, "x": days.x}, np.ones(len(days.car)), days.session, days.ticker
    )
    for name, options in OPTIONS.items():
        rows = car_regression(Regression("car ~ x", **options), given)
        assert found[name] == pytest.approx(rows["pvalue"][1], rel=RTOL), name
    sample = random_sample(
        np.random.default_rng(1),
        (len(days.car),),
        windows=(Window(0, 0),),
        car=days.car[:, None],
        date=days.session,
        weights=days.value,
    )
    assert found[builder.WEIGHTED] == pytest.approx(value_weighted_t(sample).pvalue[0, 0], rel=RTOL)
    welch = stats.ttest_ind(*(days.car[days.group == each] for each in (0, 1)), equal_var=False)
    two_sided = 2 * stats.t.sf(abs(welch.statistic), len(days.car) - 2)
    assert found[builder.PLAIN] == pytest.approx(two_sided, rel=RTOL)


@pytest.mark.slow
def test_the_code_gives_the_stored_rates() -> None:
    stored = builder.stored()
    for row in builder.rows(builder.SHARED, MANY, 0.0, FEW):
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], FEW, stored[builder.SHARED, MANY, 0.0, row["test"]])
        assert low <= float(row["rate"]) * FEW <= high, row
