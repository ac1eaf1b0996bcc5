"""Size and power where the noise is autocorrelated: the stored rates, and that the script gives them."""

from __future__ import annotations

import pytest
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_autocorrelation_simulated")
FAR = 0.0005  #: probability, on either side, that an exact test is outside the bounds of one stored rate
LOW, HIGH = (binom.ppf(q, builder.FIRM_EVENTS, 0.05) / builder.FIRM_EVENTS for q in (FAR, 1 - FAR))
ESTIMATED = 0.08  #: size that an estimated autocorrelation of 0.7 may reach over 11 of 250 sessions
FEW = 1_000  #: firm-events of a renewed rate


def test_independent_errors_mislead_and_ar1_does_not() -> None:
    rates = builder.stored()
    for length in (1, 3, 11):
        for noise in builder.NOISES:  # without autocorrelation either is right
            assert LOW <= rates[0.0, length, noise, "car_t"] <= HIGH, (length, noise)
        for rho in (0.5, 0.7):
            assert LOW <= rates[rho, length, "ar1", "car_t"] <= ESTIMATED, (rho, length)
    assert rates[0.5, 11, "independent", "car_t"] > 0.2
    assert rates[0.7, 3, "independent", "car_t"] > 0.15


def test_an_effect_is_found_less_where_neighbours_say_the_same() -> None:
    power = builder.stored(builder.EFFECT)
    for length in (3, 11):
        assert power[0.0, length, "ar1", "car_t"] > power[0.5, length, "ar1", "car_t"] > 0.1
    assert power.keys() == builder.stored().keys()


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, builder.EFFECT])
@pytest.mark.parametrize("rho", builder.AUTOCORRELATIONS)
def test_the_stored_rates_can_be_renewed(rho: float, effect: float) -> None:
    stored = builder.stored(effect)
    for row in builder.rows(rho, effect, FEW):
        key = (rho, int(row["length"]), row["noise"], row["test"])
        spread = 4 * (stored[key] * (1 - stored[key]) * (1 / FEW + 1 / builder.FIRM_EVENTS)) ** 0.5
        assert abs(float(row["rate"]) - stored[key]) <= spread, key
