"""What studies without effects name: the code that is simulated, the stored shares, and their claims."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pages_of_docs import module, read
from scipy.stats import binom, kurtosis, norm

import eventstudy as es
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.models import model_named
from eventstudy.simulation import HEADLINE_DESIGN, StudyCalendar, simulate_headline
from eventstudy.simulation.draws import generator
from eventstudy.simulation.headline import StudyMarkets, rates_of
from eventstudy.simulation.study_noise import ARCH, GARCH, STUDY_NOISE

NOMINAL = 0.05
BAND = 0.995  #: a right rule leaves this upper bound once in 200 cases
#: Residuals whose variance clusters are not exchangeable with day 0: a bound instead of the nominal share.
UNEQUAL = {"garch": 0.12}
TIMES = 200  #: studies that the slow suite simulates again
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored share
SMALL = StudyCalendar.crossed(np.array([10, 14, 60]), 3)

builder = module("build_headline_simulated")


def returns_of(
    noise: str, study: int, planted: int = 0, effect: float = 0.0
) -> tuple[pd.DataFrame, pd.Index]:
    """Return what the simulation draws for one study, as a table, and the rows of day 0."""
    markets = StudyMarkets(SMALL, STUDY_NOISE[noise], HEADLINE_DESIGN, 0.3, planted, effect)
    values, _ = markets.returns(generator(HEADLINE_DESIGN.seed, study), model_named("market").requires)
    index = pd.bdate_range("2001-01-01", periods=values.shape[1])
    return pd.DataFrame(values.T, index=index, columns=["MKT", "A", "B", "C"]), index


@pytest.mark.parametrize("study", range(3))
def test_a_study_names_what_run_names(study: int) -> None:
    table, index = returns_of("t4-copula", study, planted=3, effect=6.0)
    events = pd.DataFrame(
        {
            "event_id": [f"e{session}" for session in SMALL.session],
            "ticker": [table.columns[1 + security] for security in SMALL.security],
            "session": index[SMALL.session - HEADLINE_DESIGN.estimation.start],
        }
    )
    result = es.run(events, returns=table, design=HEADLINE_DESIGN.replace(benchmark="MKT"))
    markets = StudyMarkets(SMALL, STUDY_NOISE["t4-copula"], HEADLINE_DESIGN, 0.3, 3, 6.0)
    false, found, false_holm, found_holm, _, count = markets.tallied(range(study, study + 1))[0]
    assert found + false == (result.cars["pvalue_study_bh"] <= NOMINAL).sum() > 0
    assert found_holm + false_holm == (result.cars["pvalue_study_holm"] <= NOMINAL).sum()
    rows = result.tests[(result.tests["test"] == "study_count") & (result.tests["level"] == "all")]
    np.testing.assert_allclose(count, rows["pvalue"].to_numpy(), rtol=1e-9)


def test_studies_do_not_depend_on_how_many_are_computed_together() -> None:
    markets = StudyMarkets(SMALL, STUDY_NOISE["garch"], HEADLINE_DESIGN, 0.3, 0, 0.0)
    together = markets.tallied(range(3))
    np.testing.assert_array_equal(together[2:], markets.tallied(range(2, 3)))


def test_large_effects_are_found_and_shares_add_up() -> None:
    rates = simulate_headline(SMALL, "normal", studies=20, planted=2, effect=25.0)
    assert rates.found == 1.0
    assert rates.planted == 2
    assert 0 <= rates.false < 0.2
    nothing = simulate_headline(SMALL, "normal", studies=4)
    assert math.isnan(nothing.found)
    assert 0 <= nothing.named <= 1


def test_shares_of_three_studies_by_hand() -> None:
    """One names a false and three true firm-days, one a false one, and one nothing."""
    tallies = np.array([[1, 3, 0, 1, 2, 0.01], [1, 0, 1, 0, 0, 0.05], [0, 0, 0, 0, 1, np.nan]])
    rates = rates_of(tallies, planted=4)
    assert rates.named == pytest.approx(2 / 3)
    assert (rates.beyond_doubt, rates.within_event) == pytest.approx((1 / 3, 2 / 3))
    assert rates.count == pytest.approx(2 / 3)
    assert (rates.found, rates.found_beyond_doubt) == pytest.approx((3 / 12, 1 / 12))
    assert (rates.false, rates.false_beyond_doubt) == pytest.approx((2 / 5, 1 / 2))
    assert rates.false_discovery_rate == pytest.approx((1 / 4 + 1 + 0) / 3)


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="noise"):
        simulate_headline(SMALL, "cauchy", studies=1)
    with pytest.raises(UsageError, match="the calendar has 9 firm-days"):
        simulate_headline(SMALL, "normal", studies=1, planted=10)


@pytest.mark.parametrize("noise", STUDY_NOISE)
def test_noise_has_unit_variance_and_a_correlation(noise: str, rng: np.random.Generator) -> None:
    drawn = STUDY_NOISE[noise](rng, 5, 100_000, 0.3)
    assert drawn.shape == (5, 100_000)
    assert abs(drawn.mean()) < 0.01
    assert drawn.var(axis=1) == pytest.approx(np.ones(5), abs=0.15)
    assert 0.2 < np.corrcoef(drawn)[np.triu_indices(5, 1)].mean() < 0.32


def test_noise_is_what_its_name_says(rng: np.random.Generator) -> None:
    sessions = 200_000
    tails = {name: kurtosis(noise(rng, 5, sessions, 0.3), axis=1) for name, noise in STUDY_NOISE.items()}
    assert np.abs(tails["normal"]).max() < 0.1
    assert tails["t4-copula"].min() > 3
    assert tails["unlike-tails"][0] > tails["unlike-tails"][2] > tails["unlike-tails"][4] + 1
    loud, copula = (
        np.abs(STUDY_NOISE[name](rng, 2, sessions, 0.0)) for name in ("t4-common-scale", "t4-copula")
    )
    assert np.corrcoef(loud)[0, 1] > 0.1  # one scale a day
    assert abs(np.corrcoef(copula)[0, 1]) < 0.02
    squares = STUDY_NOISE["garch"](rng, 1, sessions, 0.0)[0] ** 2
    persistence, weight = ARCH + GARCH, ARCH
    first = weight * (1 - persistence * GARCH) / (1 - 2 * persistence * GARCH + GARCH**2)  # Bollerslev 1986
    assert np.corrcoef(squares[:-1], squares[1:])[0, 1] == pytest.approx(first, abs=0.08)
    assert norm.cdf(3) - (STUDY_NOISE["normal"](rng, 1, sessions, 0.0) < 3).mean() == pytest.approx(
        0, abs=1e-3
    )


def test_the_stored_shares_are_what_is_claimed() -> None:
    """Without effects a study names something in at most 5 %, by more than chance nowhere but under GARCH."""
    stored = builder.stored()
    assert set(stored) == {case.name for case in builder.CASES}
    for case in builder.CASES:
        rates = stored[case.name]
        highest = UNEQUAL.get(case.noise) or binom.ppf(BAND, rates.studies, NOMINAL) / rates.studies
        assert rates.false_discovery_rate <= highest, case.name
        assert rates.beyond_doubt <= highest, case.name
        if not case.effect:
            assert rates.beyond_doubt <= rates.named <= highest, case.name
            assert rates.named == rates.false_discovery_rate, case.name  # every name is false
            assert rates.within_event > rates.named, case.name
            assert rates.count <= highest, case.name
    for noise in ("t4-common-scale", "t4-copula"):
        assert stored[f"bundled/{noise}/6"].false < 0.06
        assert stored[f"bundled/{noise}/6"].found > 0.9 > stored[f"bundled/{noise}/4"].found


@pytest.mark.slow
@pytest.mark.parametrize("case", builder.CASES, ids=lambda case: case.name)
def test_the_code_gives_the_stored_shares(case: object) -> None:
    """The first studies again: each share lies where the stored one lets expect it."""
    again, stored = builder.simulated(case, TIMES), builder.stored()[case.name]  # type: ignore[attr-defined]
    for name in ("named", "beyond_doubt", "count"):
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], TIMES, getattr(stored, name))
        assert low <= TIMES * getattr(again, name) <= high, name


def test_the_pages_show_what_is_stored() -> None:
    blocks = module("build_blocks")
    for page, name, block in blocks.BLOCKS:
        if name in ("shares", "headline-sizes", "headline-power", "volatile", "one-date"):
            assert blocks.written(page, name, block()) == read(f"../{page}"), (
                "run `python docs/build_blocks.py`"
            )


SEEDS = (1, 2, 3)


def headline_of(firms: int, seed: int) -> dict[str, Any]:
    """Return the headline of many firms, each with one event on a date of its own and no effect."""
    rng, sessions = generator(seed, 0), 770
    market = 0.0003 + 0.01 * rng.standard_normal(sessions)
    noise = STUDY_NOISE["t4-common-scale"](rng, firms, sessions, 0.3)
    returns = rng.uniform(0.5, 1.5, (firms, 1)) * market + rng.uniform(0.01, 0.03, (firms, 1)) * noise
    index = pd.bdate_range("2015-01-01", periods=sessions)
    tickers = [f"T{place}" for place in range(firms)]
    table = pd.DataFrame(np.vstack([returns, market]).T, index=index, columns=[*tickers, "MKT"])
    events = pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(firms)],
            "ticker": tickers,
            "session": index[260 + rng.integers(0, 500, firms)],
        }
    )
    design = es.Design(benchmark="MKT", mask_events=True, car_windows=((0, 0),), quality="flag")
    return es.run(events, returns=table, design=design).headline()


@pytest.mark.slow
@pytest.mark.parametrize("firms", [300, 5_000])
def test_a_large_study_without_effects_names_nothing_in_most_seeds(firms: int) -> None:
    found = [headline_of(firms, seed) for seed in SEEDS]
    assert [each["firm_days"] for each in found] == [firms] * len(SEEDS)
    assert sum(each["named"] == 0 for each in found) >= 2, [each["sentences"] for each in found]
