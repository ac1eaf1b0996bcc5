"""The mean correlation by session beside that of pairs: what is stored, and that the script gives it."""

from __future__ import annotations

from itertools import product

import pytest
from pages_of_docs import module
from scipy.stats import binom

builder = module("build_sessions_simulated")
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
FEW = 100  #: replications of a renewed situation
#: Two corrections of the same sample differ in few decisions: at most so many replications of a thousand.
APART = 0.015
ADJUSTED = ("patell_adj_z", "bmp_adj_t")
SITUATIONS = [*product(builder.CORRELATIONS, builder.MISSING, builder.DATES, (0, -2))]


@pytest.mark.parametrize("name", ADJUSTED)
def test_sessions_and_pairs_reject_alike(name: str) -> None:
    stored = builder.stored()
    for situation in SITUATIONS:
        pairs, n = stored[*situation, name, builder.PAIRS]
        sessions, same = stored[*situation, name, builder.SESSIONS]
        assert n == same > 900
        assert abs(sessions - pairs) <= APART, situation
        if situation[1:3] == (0.0, 1):
            assert sessions == pairs, situation


def test_the_correction_is_needed() -> None:
    stored = builder.stored()
    for missing, dates in product(builder.MISSING, builder.DATES):
        for plain, adjusted in zip(("patell_z", "bmp_t"), ADJUSTED, strict=True):
            rate = stored[0.3, missing, dates, -2, plain, builder.NONE][0]
            assert rate > 2 * stored[0.3, missing, dates, -2, adjusted, builder.SESSIONS][0], (missing, dates)


@pytest.mark.slow
def test_the_code_gives_the_stored_rates() -> None:
    situation = (0.3, 0.02, 1)
    rows = list(builder.rows(*situation, n=FEW))
    assert len(rows) == 2 * len(builder.WAYS)
    for row in rows:
        rate, _ = builder.stored()[*situation, int(row["start"]), row["test"], row["correlated"]]
        known = int(row["n"])
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], known, rate)
        assert known > 90 and low <= float(row["rate"]) * known <= high, row
