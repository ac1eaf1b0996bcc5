"""What is stored of the size and power of models is what the code gives, and what the models promise."""

from __future__ import annotations

import pytest
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_models_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
SIZES = {
    (row["situation"], row["model"], row["test"]): (float(row["rate"]), int(row["n"]))
    for row in builder.stored()
    if float(row["effect"]) == 0
}
QUIET = [key for key in SIZES if not any(word in key[0] for word in ("shocks", "rises", "spell"))]


@pytest.mark.parametrize("key", QUIET, ids=" ".join)
def test_the_size_is_five_per_cent(key: tuple[str, str, str]) -> None:
    rate, n = SIZES[key]
    low, high = binom.ppf([FAR / 2, 1 - FAR / 2], n, builder.LEVEL) / n
    assert low <= rate <= high


@pytest.mark.parametrize("spell", ["calm", "loud"])
def test_garch_is_nearer_to_five_per_cent_than_least_squares(spell: str) -> None:
    garch, market = (SIZES[f"{spell} spell", model, "car_t"][0] for model in ("garch", "market"))
    assert abs(garch - builder.LEVEL) < abs(market - builder.LEVEL)


def test_every_situation_is_stored() -> None:
    stored = {(situation, model) for situation, model, _ in SIZES}
    assert stored == {(name, model) for name, models in builder.SITUATIONS.items() for model in models}


def test_every_firm_event_is_measured_unless_its_variance_may_have_no_mean() -> None:
    """An alpha near zero, of which one series in some thousands has one, settles too."""
    counts = {n for (_, model, _), (_, n) in SIZES.items() if model != "garch"}
    assert counts == {builder.SERIES}


@pytest.mark.slow
@pytest.mark.parametrize("situation", ["t(4), five shocks in the window", "loud spell"])
def test_a_stored_cell_is_what_the_code_gives(situation: str) -> None:
    found = list(builder.rates(situation, builder.SERIES, 0.0))
    assert found == [
        row for row in builder.stored() if row["situation"] == situation and float(row["effect"]) == 0
    ]
