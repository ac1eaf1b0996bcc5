"""Distributions that residuals are drawn from: mean 0, variance 1, tails and skewness as named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eventstudy._typing import FloatArray

Draw = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]

GAMMA_SHAPE = 4.0  #: the skewness of a gamma variate is 2 / sqrt(shape): 1


def _student(df: float) -> Draw:
    scale = np.sqrt((df - 2) / df)
    return lambda rng, shape: np.asarray(scale * rng.standard_t(df, shape))


def _skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    return np.asarray((rng.standard_gamma(GAMMA_SHAPE, shape) - GAMMA_SHAPE) / np.sqrt(GAMMA_SHAPE))


DISTRIBUTIONS: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t3": _student(3),
    "t4": _student(4),
    "skewed": _skewed,
}
