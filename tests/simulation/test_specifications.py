"""Null firm-events under many specifications: what is stored, and that the code still gives it."""

from __future__ import annotations

import numpy as np
import pytest
from pages_of_docs import module
from scipy.stats import binom

from eventstudy.design import Window

builder = module("build_specifications_simulated")
#: Of 2,000 firm-events a right test rejects so many at 5 %, but for one study in a thousand at either end; a
#: test that holds its size may reject fewer.
MOST = binom.ppf(0.999, builder.REPLICATIONS, builder.LEVEL) / builder.REPLICATIONS
FEWER = 300  #: firm-events that the slow test simulates


def test_the_joint_p_values_keep_their_size_where_one_of_twenty_does_not() -> None:
    rates = builder.stored()
    assert set(rates) == {
        (noise, window) for noise in builder.NOISES for window in builder.DESIGN.car_windows
    }
    for (noise, window), found in rates.items():
        if noise != "garch":  # loud spells are no exchangeable shifts
            assert max(found.p_median, found.p_max, found.p_count) <= MOST, (noise, window)
        assert found.some > found.p_median


def test_twenty_specifications_are_simulated() -> None:
    assert len(builder.choices_of(builder.GRID, builder.DESIGN)) == 20


def test_a_market_is_its_own() -> None:
    """Blocks of two replications share nothing, and an event lies in its own."""
    matrix = builder.markets(np.random.default_rng(1), "normal", 2)
    placed = builder.placed(builder.choices_of(builder.GRID, builder.DESIGN)[4], builder.events(2), matrix)
    panel = placed.spec.panel
    assert panel.day0.tolist() == [builder.SESSIONS - 2, 2 * builder.SESSIONS - 2]
    assert (panel.reason == "").all()
    assert not np.array_equal(*np.split(matrix.values, 2))


@pytest.mark.slow
def test_the_code_gives_what_is_stored() -> None:
    again, stored = builder.rates("normal", FEWER), builder.stored()
    for window in (Window(0, 0), Window(-1, 1)):
        for name in builder.Rates._fields:
            rate = getattr(stored["normal", window], name)
            low, high = (binom.ppf(q, FEWER, rate) / FEWER for q in (0.0005, 0.9995))
            assert low <= getattr(again[window], name) <= high, (window, name)
