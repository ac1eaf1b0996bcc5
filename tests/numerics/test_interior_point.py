"""Maxima under linear inequalities: functions whose maxima are known."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.interior_point import Inequalities, maxima

BOX = Inequalities(np.vstack([np.eye(2), -np.eye(2)]), np.array([0.0, 0.0, -1.0, -1.0]))
NEAR = 1e-6  #: the square root of the rise that is left, and at a boundary far less
MOST = 100


def test_a_parabola_has_its_maximum_at_the_nearest_point_of_the_box(rng: np.random.Generator) -> None:
    tops = rng.uniform(-1, 2, (50, 2))

    def values(x: FloatArray, rows: IntArray) -> FloatArray:
        return np.asarray(-((x - tops[rows]) ** 2).sum(axis=1))

    def derivatives(x: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        return values(x, rows), -2 * (x - tops[rows]), np.tile(-2 * np.eye(2), (len(rows), 1, 1))

    x, reached = maxima(values, derivatives, np.full((50, 2), 0.5), BOX, MOST)
    assert reached.all()
    np.testing.assert_allclose(x, np.clip(tops, 0, 1), atol=NEAR)
    _, reached = maxima(values, derivatives, np.full((50, 2), 0.5), BOX, 2)
    assert not reached.any()


def test_a_valley_is_left_uphill() -> None:
    """From near the least point of a double well each search reaches the top on its own side."""

    def values(x: FloatArray, rows: IntArray) -> FloatArray:
        return np.asarray((-((x - 0.5) ** 4) * 40 + 2 * (x - 0.5) ** 2).sum(axis=1))

    def derivatives(x: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        from_centre = x - 0.5
        second = -480 * from_centre**2 + 4
        slope = -160 * from_centre**3 + 4 * from_centre
        return values(x, rows), slope, second[:, :, None] * np.eye(2)

    start = np.array([[0.51, 0.51], [0.49, 0.51], [0.49, 0.49]])
    x, reached = maxima(values, derivatives, start, BOX, MOST)
    assert reached.all()
    top = np.sqrt(1 / 40)
    np.testing.assert_allclose(x, 0.5 + top * np.sign(start - 0.5), atol=NEAR)
