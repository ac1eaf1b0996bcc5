"""Arithmetic on unevaluated sums of two float64 numbers, to about 100 bits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import FloatArray

SPLIT = 134_217_729.0  #: 2^27 + 1 parts a number of 53 bits into two halves


class Pair(NamedTuple):
    """``high + low``, ``low`` at most half a unit in the last place of ``high``; arrays of one shape.

    References
    ----------
    Dekker 1971, Numerische Mathematik 18, 224-242, doi:10.1007/BF01397083.
    """

    high: FloatArray
    low: FloatArray

    def plus(self, other: Pair) -> Pair:
        """Return the sum."""
        high, error = two_sum(self.high, other.high)
        rest, lost = two_sum(self.low, other.low)
        high, error = quick_two_sum(high, error + rest)
        return Pair(*quick_two_sum(high, error + lost))

    def minus(self, other: Pair) -> Pair:
        """Return the difference."""
        return self.plus(Pair(-other.high, -other.low))

    def times(self, other: Pair) -> Pair:
        """Return the product."""
        high, error = two_product(self.high, other.high)
        return Pair(*quick_two_sum(high, error + (self.high * other.low + self.low * other.high)))

    def over(self, divisor: Any) -> Pair:
        """Return the quotient by float64 numbers; NaN for those that are 0."""
        divisor = np.where(np.asarray(divisor) != 0, divisor, np.nan) + np.zeros_like(self.high)
        first = self.high / divisor
        product = two_product(first, divisor)
        rest = ((self.high - product[0]) - product[1]) + self.low
        return Pair(*quick_two_sum(first, rest / divisor))

    def scaled(self, factor: Any) -> Pair:
        """Return the product with float64 numbers."""
        factor = factor + np.zeros_like(self.high)
        return self.times(Pair(factor, np.zeros_like(factor)))


def two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounded sum and what rounding left out."""
    total = a + b
    share = total - a
    return total, (a - (total - share)) + (b - share)


def quick_two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what `two_sum` returns where ``|a|`` is not below ``|b|``."""
    total = a + b
    return total, b - (total - a)


def two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounded product and what rounding left out; exact below 2^970 in size."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, rest


def _halves(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    scaled = SPLIT * a
    high = scaled - (scaled - a)
    return high, a - high
