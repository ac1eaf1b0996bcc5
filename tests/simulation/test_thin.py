"""Sessions without trade: what is simulated, and the stored sizes from trade to trade."""

from __future__ import annotations

import numpy as np
import pytest
from pages_of_docs import module
from scipy.stats import binom

from eventstudy.simulation.synthetic import between_trades

builder = module("build_thin_simulated")
EXACT = 1e-12  #: decimal: products against sums of logarithms
FAR = 1e-4  #: probability that a right code is outside the bounds of one stored rate
#: Tests whose size of a single firm-event or of means is 5 % by theory under normal residuals.
SOUND = ("car_t", "placebo", "conformal", "bmp_t", "cross_section_t", "corrado_rank")


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_a_trade_has_the_return_since_the_last(kind: str) -> None:
    rng = np.random.default_rng(5)
    returns, absent = 0.02 * rng.standard_normal((40, 3)), rng.random((40, 3)) < 0.3
    lumped, span = between_trades(returns, absent, kind)  # type: ignore[arg-type]
    assert (np.isnan(lumped) == absent).all() and span.max() > 2
    for column in range(3):
        last = -1
        for row in np.flatnonzero(~absent[:, column]):
            path = returns[last + 1 : row + 1, column]
            expected = path.sum() if kind == "log" else np.prod(1 + path) - 1
            assert lumped[row, column] == pytest.approx(expected, abs=EXACT)
            assert span[row, column] == row - last
            last = row


def test_the_stored_sizes_are_those_of_the_page() -> None:
    stored = builder.stored()
    for (gaps, window, test), (rate, n) in stored.items():
        if gaps == "trade-to-trade" and test in SOUND:
            low, high = binom.ppf([FAR / 2, 1 - FAR / 2], n, builder.LEVEL)
            assert low <= n * rate <= high, (window, test)


@pytest.mark.slow
@pytest.mark.parametrize("gaps", builder.GAPS)
def test_the_code_gives_the_stored_sizes(gaps: str) -> None:
    stored = builder.stored()
    for row in builder.rows(gaps, 300):
        window = builder.Window(int(row["start"]), int(row["end"]))
        rate, _ = stored[gaps, window, row["test"]]
        n = int(row["n"])
        low, high = binom.ppf([FAR / 2, 1 - FAR / 2], n, rate)
        assert low <= n * float(row["rate"]) <= high, row
