"""Betas with late prices and with outliers: what is stored, and that the script gives it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from pages_of_docs import DOCS, module

BIASED, RIGHT = 0.1, 0.03  #: distance of a mean beta from 1.2; its own standard error is below 0.01
LATE = "half of the market's return a session late"
RISES = "t(4), five rises on the market's best days"
SHOCKS = "t(4), five shocks in the window"


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))  # it draws what another script of the folder does
    return module("build_betas_simulated")


def test_every_situation_is_stored(builder: Any) -> None:
    assert {situation for situation, _ in builder.stored()} == {*builder.CLOSES, *builder.OUTLIERS}
    assert {n for _, _, n in builder.stored().values()} == {builder.SERIES}


def test_late_prices_bias_least_squares_alone(builder: Any) -> None:
    found = builder.stored()
    assert found[LATE, "market"][0] < builder.BETA - BIASED
    for model in ("scholes-williams", "dimson"):
        for situation in builder.CLOSES:
            assert abs(found[situation, model][0] - builder.BETA) < RIGHT, (situation, model)


def test_outliers_move_least_squares_more(builder: Any) -> None:
    found = builder.stored()
    assert found[RISES, "market"][0] > builder.BETA + BIASED
    for situation in (SHOCKS, RISES):
        assert found[situation, "robust"][1] < 0.75 * found[situation, "market"][1], situation


@pytest.mark.slow
def test_a_stored_cell_is_what_the_code_gives(builder: Any) -> None:
    for situation in (LATE, RISES):
        for row in builder.rows(situation):
            stored = builder.stored()[situation, row["model"]]
            assert (float(row["mean"]), float(row["error"]), int(row["n"])) == stored
