"""The log-likelihood of GARCH(1,1), written out in a loop, and its derivatives by differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eventstudy._typing import FloatArray
from eventstudy.models.garch_likelihood import GarchSeries, log_likelihood, with_derivatives

EXACT = 1e-11  #: two orders of the same sums
STEP, NEAR = 1e-5, 1e-6  #: of central differences, and their error over the largest derivative
POINTS = np.array(
    [
        [0.02, 0.5, 0.10, 0.10, 0.80, 1 / 6],
        [-0.10, 1.2, 0.50, 0.30, 0.10, 1 / 2.2],
        [0.00, 0.9, 0.02, 0.05, 0.94, 1 / 20],
    ]
)


@pytest.fixture
def series(rng: np.random.Generator) -> GarchSeries:
    used = np.ones((60, 3))
    used[45:, 1] = 0.0
    y, x = used * rng.standard_normal((60, 3)), used * rng.standard_normal((60, 3))
    return GarchSeries(y, x, used, np.array([0.8, 1.0, 1.3]))


@pytest.mark.parametrize("k", [5, 6])
def test_the_log_likelihood_is_the_loop(series: GarchSeries, k: int) -> None:
    found = log_likelihood(series, POINTS[:, :k])
    for row, (alpha, beta, omega, a, b, shape) in enumerate(POINTS):
        total, h, last = 0.0, 0.0, 0.0
        for session in range(int(series.used[:, row].sum())):
            before = series.before[row]
            h = omega + (a + b) * before if session == 0 else omega + a * last**2 + b * h
            last = series.y[session, row] - alpha - beta * series.x[session, row]
            nu = 1 / shape
            density = stats.norm() if k == 5 else stats.t(nu, scale=np.sqrt((nu - 2) / nu))
            total += density.logpdf(last / np.sqrt(h)) - 0.5 * np.log(h)
        assert found[row] == pytest.approx(total, rel=EXACT)


@pytest.mark.parametrize("k", [5, 6])
def test_the_derivatives_are_the_differences(series: GarchSeries, k: int) -> None:
    points = POINTS[:, :k]
    value, gradient, second = with_derivatives(series, points)
    np.testing.assert_allclose(value, log_likelihood(series, points), rtol=EXACT)
    for place in range(k):
        step = STEP * points[:, [place]] * np.eye(k)[place]
        step += (step == 0) * STEP * np.eye(k)[place]
        width = 2 * step[:, place]
        slope = (log_likelihood(series, points + step) - log_likelihood(series, points - step)) / width
        assert_near(gradient[:, [place]], slope[:, None])
        turn = with_derivatives(series, points + step)[1] - with_derivatives(series, points - step)[1]
        assert_near(second[:, place], turn / width[:, None])


def assert_near(derivatives: FloatArray, differences: FloatArray) -> None:
    scale = np.abs(derivatives).max(axis=1, keepdims=True)
    np.testing.assert_allclose(derivatives / scale, differences / scale, atol=NEAR)
