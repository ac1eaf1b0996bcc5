"""Long-run tests: the stored sizes and power, and that the script gives them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pages_of_docs import module
from scipy.stats import binom

import eventstudy as es

builder = module("build_long_run_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
FEW = 60  #: replications of a renewed rate
CLUSTERED = 0.1  #: size that clusters may reach: there are as few as 60 firms and some 80 months
RTOL = 1e-10  #: the same sums after the way of the returns through a file's form


def test_clusters_keep_the_size_where_firms_move_together() -> None:
    rates = builder.stored()
    for name in ("asr_t", "sar_t"):
        assert rates["events share a factor", 0.0, f"{name} two-way"] <= CLUSTERED
        assert rates["events share a factor", 0.0, f"{name} month"] <= CLUSTERED
        assert rates["events share a factor", 0.0, f"{name} firm"] > 2 * CLUSTERED
        assert rates["returns of a firm persist", 0.0, f"{name} month"] > CLUSTERED
        assert rates["both", 0.0, f"{name} two-way"] <= CLUSTERED
    assert rates["events share a factor", 0.0, "bhar_t"] > 2 * CLUSTERED


def test_the_command_has_the_same_tests() -> None:
    firm, control, holding = builder.pairs(np.random.default_rng(1), "both")
    months = pd.date_range("2000-01-31", periods=builder.MONTHS, freq="ME", name="date")
    names = [f"{kind}{at:02}" for kind in "FC" for at in range(builder.FIRMS)]
    returns = pd.DataFrame(np.expm1(np.vstack([firm, control])).T, index=months, columns=names)
    event = months[holding.argmax(axis=1) - 1]
    events = pd.DataFrame({"ticker": names[: builder.FIRMS], "when": event.strftime("%Y-%m-%d")})
    events["control"] = names[builder.FIRMS :]
    found = es.long_run(events, returns, months=builder.HELD, values="returns").tests
    expected = builder.tested(firm, control, holding)
    assert found["test"].tolist() == [test.test for test in expected]
    np.testing.assert_allclose(found["pvalue"], [test.pvalue for test in expected], rtol=RTOL)


@pytest.mark.slow
@pytest.mark.parametrize("situation", builder.SITUATIONS)
def test_the_code_gives_the_stored_rates(situation: str) -> None:
    stored = builder.stored()
    for row in builder.rows(situation, 0.0, FEW):
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], FEW, stored[situation, 0.0, row["test"]])
        assert low <= float(row["rate"]) * FEW <= high, row
