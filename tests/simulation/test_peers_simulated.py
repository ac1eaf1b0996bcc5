"""What is stored of peers and donors under shared shocks is what the code gives, and what the page says."""

from __future__ import annotations

import pytest
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_peers_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
RATES = {
    (row["situation"], row["model"], row["test"]): (float(row["rate"]), int(row["n"]))
    for row in builder.stored()
}
QUIET, SHARED, WINDOW, UNEVEN, NEWS, BOTH, SOME, ALL = (each.name for each in builder.SITUATIONS)
RANKED = [key for key in RATES if key[0] == QUIET and key[2] in ("placebo", "conformal")]


@pytest.mark.parametrize("key", RANKED, ids=" ".join)
def test_ranks_reject_five_per_cent_where_nothing_happens(key: tuple[str, str, str]) -> None:
    rate, n = RATES[key]
    low, high = binom.ppf([FAR / 2, 1 - FAR / 2], n, builder.LEVEL) / n
    assert low <= rate <= high


@pytest.mark.parametrize("shock", [SHARED, WINDOW])
@pytest.mark.parametrize("model", ["peers", "peers, ridge", "synthetic"])
def test_a_shared_shock_is_news_to_the_market_model_alone(shock: str, model: str) -> None:
    market, own = (RATES[shock, name, "conformal"][0] for name in ("market", model))
    assert own < market / 2


def test_an_uneven_shock_is_no_news_among_the_donors_alone() -> None:
    rates = {test: RATES[UNEVEN, "synthetic", test] for test in ("conformal", "in space")}
    assert (
        rates["in space"][0]
        <= binom.ppf(1 - FAR / 2, rates["in space"][1], builder.LEVEL) / (rates["in space"][1])
    )
    assert rates["conformal"][0] > 2 * rates["in space"][0]


@pytest.mark.parametrize("model", ["peers", "peers, ridge", "synthetic"])
def test_news_that_reaches_peers_costs_power(model: str) -> None:
    alone, some, every = (RATES[name, model, "conformal"][0] for name in (NEWS, SOME, ALL))
    assert alone > some > every


def test_every_situation_and_model_is_stored() -> None:
    stored = {(situation, model) for situation, model, _ in RATES}
    assert stored == {(each.name, model) for each in builder.SITUATIONS for model in builder.MODELS}
    assert {n for (_, _, test), (_, n) in RATES.items() if test != "in space"} == {builder.FIRM_EVENTS}


@pytest.mark.slow
def test_a_stored_situation_is_what_the_code_gives() -> None:
    chosen = builder.SITUATIONS[1]
    assert list(builder.rates(chosen)) == [row for row in builder.stored() if row["situation"] == chosen.name]
