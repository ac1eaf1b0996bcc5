"""Ways of treating gaps compared: what is stored, and that the script gives it."""

from __future__ import annotations

import pytest
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_gaps_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
FEW = 400  #: firm-events of a renewed rate


@pytest.mark.parametrize("way", ["missing", "lump", "trade-to-trade"])
def test_the_size_is_five_per_cent(way: str) -> None:
    for window in builder.WINDOWS:
        rate, measured, _, _ = builder.stored()[way, window, 0.0]
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], measured, builder.LEVEL)
        assert low <= rate * measured <= high, (way, window)


def test_prices_carried_forward_bias_beta_and_hide_the_event() -> None:
    stored, day0 = builder.stored(), builder.WINDOWS[0]
    assert stored[builder.CARRIED, day0, 0.0][2] < builder.BETA - 0.1
    for way in builder.WAYS[1:]:
        assert abs(stored[way, day0, 0.0][2] - builder.BETA) < 0.03, way
    traded = 1 - builder.WITHOUT_TRADE
    assert stored[builder.CARRIED, day0, builder.EFFECT][0] < traded + 0.05


def test_trades_measure_at_least_as_many_as_missing_sessions_do() -> None:
    stored = builder.stored()
    for window in builder.WINDOWS:
        assert stored["trade-to-trade", window, 0.0][1] >= stored["missing", window, 0.0][1]


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, builder.EFFECT])
def test_the_code_gives_the_stored_rates(effect: float) -> None:
    for row in builder.rows(effect, FEW):
        window = builder.Window(int(row["start"]), int(row["end"]))
        rate, measured, _, n = builder.stored()[row["gaps"], window, effect]
        fewer = int(row["measured"])
        for share, of, drawn in ((rate, fewer, float(row["rate"]) * fewer), (measured / n, FEW, fewer)):
            low, high = binom.ppf([FAR / 2, 1 - FAR / 2], of, share)
            assert low <= drawn <= high, row
