"""Pearson correlations of many pairs of series with gaps, each the same bits whatever it is computed with."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray

MIN_SHARED = 30  #: a correlation over fewer sessions is counted as 0
MANTISSA = 53  #: bits of a float64: whole numbers below ``2^53`` are added without rounding
NO_VARIANCE = 1e-10  #: share of the sum of squares below which a variance is rounding


def masked_correlation(a: FloatArray, b: FloatArray, entries: int) -> FloatArray:
    """Return Pearson correlations of the rows of ``a`` with those of ``b`` over jointly finite columns.

    Pairs that share fewer than ``MIN_SHARED`` columns, or have no variance over them, carry 0.

    Parameters
    ----------
    a, b
        Shapes (n, T) and (m, T); NaN = missing.
    entries
        Finite values that a row has at most. It alone decides into how many bits rows are cut, so that
        columns without a value of a row change nothing.

    Notes
    -----
    Rows are scaled by powers of two and cut into two parts of few bits, whose products are whole numbers that
    a matrix product adds without rounding, in whatever order it takes them (Ozaki et al. 2012). So the
    correlation of a pair depends on its two rows alone.

    References
    ----------
    Ozaki, Ogita, Oishi & Rump 2012, Numerical Algorithms 59, 95-118, doi:10.1007/s11075-011-9478-1.
    """
    bits = (MANTISSA - entries.bit_length()) // 2
    there_a, there_b = np.isfinite(a).astype(float), np.isfinite(b).astype(float)
    a, b = _scaled(a), _scaled(b)
    (a_high, a_low), (b_high, b_low) = _parts(a, bits), _parts(b, bits)
    of_a = np.concatenate([there_a, a_high, a_low, *_parts(a * a, bits)]) @ there_b.T
    of_b = there_a @ np.concatenate([b_high, b_low, *_parts(b * b, bits)]).T
    n, high, low, square, rest = np.split(of_a, 5)
    sum_a, squares_a = high + low, square + rest
    high, low, square, rest = np.split(of_b, 4, axis=1)
    sum_b, squares_b = high + low, square + rest
    high, mixed = np.split(np.concatenate([a_high, a_low]) @ b_high.T, 2)
    products = high + (mixed + a_high @ b_low.T)
    spread_a, spread_b = n * squares_a - sum_a**2, n * squares_b - sum_b**2
    varies = (spread_a > NO_VARIANCE * n * squares_a) & (spread_b > NO_VARIANCE * n * squares_b)
    known = varies & (n >= MIN_SHARED)
    product = np.where(known, spread_a * spread_b, 1.0)
    return np.where(known, (n * products - sum_a * sum_b) / np.sqrt(product), 0.0)


def _scaled(values: FloatArray) -> FloatArray:
    """Return the finite values over a power of two for each row, at most 1, and 0 for the others."""
    values = np.where(np.isfinite(values), values, 0.0)
    exponent = np.frexp(np.abs(values).max(axis=1, initial=0.0))[1]
    return np.asarray(np.ldexp(values, -exponent[:, None]))


def _parts(values: FloatArray, bits: int) -> tuple[FloatArray, FloatArray]:
    """Return values of at most 1 as the sum of multiples of ``2^-bits`` and of ``2^(-2 bits)``."""
    unit = 2.0**bits
    high = np.rint(values * unit) / unit
    return high, np.rint((values - high) * unit**2) / unit**2
