"""Lyon, Barber & Tsai: the bootstrapped skewness-adjusted t of buy-and-hold returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.distributions import smaller_tail
from eventstudy.significance.clusters import cells_of_one_size
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sums import Summed, car_powers, car_values

DRAWS = 1_000  #: resamples, as in the paper
SHARE = 4  #: a resample has a quarter of the sample
SMALLEST = 2  #: values a resample needs to have a spread
BLOCK = 1 << 22  #: numbers per step: bounds the memory
NO_SPREAD = 1e-12  #: share of its sum of squares below which a resample's variance is rounding
TOO_FEW = f"too few to resample a quarter of: needs {SHARE * SMALLEST} firm-events"
FOLDED = "mean and skewness of opposite signs are so large that the statistic turns back: see skew_adjusted_t"


def bhar_skew_t(sample: Summed) -> SignificanceResult:
    """Return Johnson's t of the BHARs of each group and window with its bootstrap p-value."""
    car = sample.sums(car_powers)
    mean, deviation, n = car.moments()
    enough = n >= SHARE * SMALLEST
    with np.errstate(invalid="ignore", divide="ignore"):
        skewness = car.third() / deviation**3 / n
        s = mean / deviation
        t = np.where(enough, johnson(s, skewness, n), np.nan)
        folded = enough & (1 + 2 * skewness * s / 3 < 0)
    note = np.where((n > 0) & ~enough, TOO_FEW, np.where(folded, FOLDED, ""))
    return SignificanceResult(t, _pvalues(sample, t), n, note=note)


BHAR_SKEW_T = SignificanceTest(
    function=bhar_skew_t,
    sums=(car_powers, car_values),
    distribution="bootstrap",
    parametric=False,
    robust_to=("event-induced variance", "skewness"),
    measures=("BHAR",),
    of_returns=True,
    summary="Skewness-adjusted t of the mean BHAR with a bootstrap p-value.",
    null="the mean BHAR is zero",
    formulas=(
        r"t = \sqrt N \left(S + \tfrac{1}{3} g S^2 + \tfrac{1}{6N} g\right), \quad "
        r"S = \overline{BHAR} / \mathrm{sd}(BHAR), \quad "
        r"g = \frac{1}{N} \sum_i \left(\frac{BHAR_i - \overline{BHAR}}{\mathrm{sd}(BHAR)}\right)^3",
    ),
    notes="""The p-value compares `t` with the same statistic of 1,000 seeded resamples of `m = N // 4` values
    drawn with replacement and centred at the sample mean: `S = (mean* - mean) / sd*`. It is twice the smaller
    tail, each `(1 + #) / (1 + 1000)`; the critical values of the paper are the same tails. A resample of
    identical values counts as infinite on its side. Without Hall's cubic term the transformation is not
    monotone: past `S = -3 / (2 g)` a larger mean gives a smaller statistic, and a note says so. Robust to
    skewness and event-induced variance; assumes independent firms. Values are sorted before resampling, so
    their order is irrelevant. NaN is left out; needs eight, and about fifty to be reliable.""",
    references="""Johnson 1978, Journal of the American Statistical Association 73, 536-544; Lyon,
    Barber & Tsai 1999, Journal of Finance 54, 165-201,
    doi:10.1111/0022-1082.00101, eqs. 5-6""",
)


def johnson(s: FloatArray, skewness: FloatArray, n: Any) -> FloatArray:
    """Return Johnson's skewness-adjusted t from mean over deviation, skewness and count."""
    return np.asarray(np.sqrt(n) * (s + skewness * s**2 / 3 + skewness / (6 * n)))


def _pvalues(sample: Summed, t: FloatArray) -> FloatArray:
    """Return bootstrap p-values, shape (G, W): one set of draws for all cells of the same count."""
    pvalue = np.full(t.T.shape, np.nan)
    mean, deviation, _ = sample.sums(car_powers).moments()
    cars = sample.sums(car_values)
    of_windows = [cars.of_window(place) for place in range(t.shape[1])]
    group, values = (np.concatenate(part) for part in zip(*of_windows, strict=True))
    window = np.repeat(np.arange(t.shape[1]), [len(own) for own, _ in of_windows])
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (values - mean[group, window]) / deviation[group, window]
    powers = _compiled_powers if worth_compiling(len(value)) else _powers
    for cells, entries in cells_of_one_size(window, group, np.isfinite(t.T)):
        pvalue[cells] = _tails(value[entries].T, t.T[cells], sample.seed, sample.alternative, powers)
    return pvalue.T


def _tails(
    values: FloatArray,
    t: FloatArray,
    seed: int,
    alternative: Alternative,
    powers: Callable[[FloatArray, IntArray], FloatArray],
) -> FloatArray:
    """Return the p-values of K samples of N values, shape (N, K), against their own resamples."""
    n, count = values.shape
    above, below = np.ones(count), np.ones(count)
    for chosen in _resamples(n, seed):
        drawn = _statistics(powers(values, chosen), n // SHARE)
        above += (drawn >= t).sum(axis=0)
        below += (drawn <= t).sum(axis=0)
    return smaller_tail(below / (1 + DRAWS), above / (1 + DRAWS), alternative)


def _powers(values: FloatArray, chosen: IntArray) -> FloatArray:
    """Return the sums of first, second and third powers of values, (N, K), in each resample, (rows, 3 K)."""
    rows, n = len(chosen), len(values)
    times = np.bincount((chosen + n * np.arange(rows)[:, None]).ravel(), minlength=rows * n)
    powers = np.concatenate([values, values**2, values**3], axis=1)
    return np.asarray(times.reshape(rows, n).astype(float) @ powers)


def _compiled_powers(values: FloatArray, chosen: IntArray) -> FloatArray:
    """Do what `_powers` does, the values in the order in which they are drawn."""
    from eventstudy.numerics.compiled_sums import powers_of_chosen

    sums = np.stack([powers_of_chosen(np.ascontiguousarray(own), chosen) for own in values.T], axis=2)
    return sums.reshape(len(chosen), -1)


def _statistics(sums: FloatArray, m: int) -> FloatArray:
    """Return the statistic of each resample from its sums of first, second and third powers, (rows, K)."""
    first, second, third = np.split(sums, 3, axis=1)
    mean = first / m
    squares = second - m * mean**2
    squares = np.where(squares > NO_SPREAD * second, squares, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(squares / (m - 1))
        cubes = third - 3 * mean * second + 2 * m * mean**3
        skewness = np.where(squares > 0, cubes / (m * deviation**3), 0.0)
        return np.where(squares > 0, johnson(mean / deviation, skewness, m), np.sign(mean) * np.inf)


def _resamples(n: int, seed: int) -> Iterator[IntArray]:
    """Yield which of n values are in each of ``DRAWS`` resamples, in blocks of shape (rows, n // 4)."""
    random = np.random.default_rng([seed, n])
    rows = min(max(BLOCK // n, 1), DRAWS)
    for start in range(0, DRAWS, rows):
        count = min(rows, DRAWS - start)
        yield random.integers(0, n, (count, n // SHARE))
