"""An unknown factor on the date that all firms share: what it does to the tests."""

from __future__ import annotations

import numpy as np
import pytest
from pages_of_docs import module
from scipy.stats import binom

import eventstudy as es
from eventstudy.errors import UsageError
from eventstudy.models import model_named
from eventstudy.simulation import SYNTHETIC_DESIGN
from eventstudy.simulation.synthetic import SyntheticPanel

builder = module("build_volatile_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
LOW, HIGH = (binom.ppf(q, builder.REPLICATIONS, 0.05) / builder.REPLICATIONS for q in (0.0005, 0.9995))


def test_the_factor_is_louder_on_the_day_of_the_event_alone() -> None:
    """Variance of the average residual of day 0 over that of other days: the factor's multiple."""
    louder, plain = (
        es.Situation(firm_events=200, dates=1, correlation=0.5, factor_variance=factor, replications=300)
        for factor in (9.0, 1.0)
    )
    design, model = SYNTHETIC_DESIGN, model_named("market")
    specs = [SyntheticPanel.of(each, design, model).prepare(range(300)) for each in (louder, plain)]
    loud, same = (spec.panel.matrix.values.T.reshape(300, 201, -1) for spec in specs)
    day0 = specs[0].panel.day0[::200]
    change = np.abs(loud - same).max(axis=1)
    assert (change.argmax(axis=1) == day0).all()
    assert ((change > 0).sum(axis=1) == 1).all()
    market = same[:, :1]
    np.testing.assert_array_equal(loud[:, :1], market)
    # what is added is two more of the factor: three in all, nine times the variance
    added = (loud - same)[np.arange(300), 1:, day0]
    assert added.std() == pytest.approx(2 * np.sqrt(0.5) * np.sqrt(0.02**2 + 0.02**2 / 12), rel=0.15)


def test_a_factor_needs_a_correlation() -> None:
    with pytest.raises(UsageError, match="correlation is 0"):
        es.Situation(factor_variance=4.0)
    with pytest.raises(UsageError, match="factor_variance is 0"):
        es.Situation(factor_variance=0.0, correlation=0.1)
    assert es.Situation(factor_variance=4.0, correlation=0.1).of_synthetic == (
        "correlation",
        "factor_variance",
    )


def test_the_stored_rates_are_what_the_page_says() -> None:
    rates = builder.stored()
    quiet = [situation for situation in builder.SITUATIONS if situation[1] == 1]
    for situation in quiet:
        for test in builder.DEPENDENT:
            assert LOW <= rates[(*situation, test)] <= HIGH, (situation, test)
    for test in builder.INDEPENDENT:
        assert rates[0.1, 1.0, test] > 0.4
        assert rates[0.3, 1.0, test] > 0.6
    for test in ("patell_adj_z", "bmp_adj_t", "portfolio_t"):  # a loud day misleads these too
        assert rates[0.1, 4.0, test] > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("situation", builder.SITUATIONS)
def test_the_code_gives_the_stored_rates(situation: tuple[float, float]) -> None:
    again = list(builder.rows(*situation, 500))
    stored = builder.stored()
    assert {row["test"] for row in again} == {*builder.INDEPENDENT, *builder.DEPENDENT}
    for row in again:
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], 500, stored[(*situation, row["test"])])
        assert low <= 500 * float(row["rate"]) <= high, row
