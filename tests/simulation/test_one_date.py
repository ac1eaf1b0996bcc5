"""Slopes on one date: robust errors reject true nulls, ordinary days do not."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_one_date_simulated")
HIGH = binom.ppf(0.9995, builder.REPLICATIONS, builder.LEVEL) / builder.REPLICATIONS
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
AGAIN = 60  #: replications of the slow test
RTOL = 1e-10  #: the same sums by another engine


def test_ordinary_days_keep_the_size_and_robust_errors_do_not() -> None:
    rates = builder.stored()
    assert set(rates) == {(firms, test) for firms in builder.FIRMS for test in builder.TESTS}
    for firms in builder.FIRMS:
        assert rates[firms, "prologue_ols"] <= HIGH and rates[firms, "prologue_gls"] <= HIGH
    for test in ("hc1", "cluster"):
        assert rates[100, test] > 0.2


@pytest.mark.parametrize("kind", ["hc1", "cluster"])
def test_the_robust_errors_are_those_of_statsmodels(kind: str, rng: np.random.Generator) -> None:
    x, cluster = rng.normal(size=30), np.arange(30) % 5
    y = x * 0.1 + rng.normal(size=30) * (1 + np.abs(x))
    options = {"groups": cluster} if kind == "cluster" else None
    fit = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="HC1" if options is None else "cluster", cov_kwds=options, use_t=True
    )
    found = builder.robust_pvalue(y, x, np.arange(30) if options is None else cluster)
    assert found == pytest.approx(fit.pvalues[1], rel=RTOL)


@pytest.mark.slow
def test_the_code_gives_the_stored_rates() -> None:
    for row in builder.rows(12, AGAIN):
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], AGAIN, builder.stored()[12, row["test"]])
        assert low <= AGAIN * float(row["rate"]) <= high, row["test"]
