"""The compiled twin of the estimation on a grid: one pass over the sessions of each firm-event."""

from __future__ import annotations

import numba
import numpy as np

from eventstudy._typing import IntArray
from eventstudy.engine.grid_estimation import EventTime, Grid, GridEstimates, estimate_with_numpy
from eventstudy.numerics.kernels import COLLINEAR

#: Regressors whose share of own variation, given those before them, is below this are left to NumPy, whose
#: eigenvalues tell collinear ones from others: elimination alone keeps too few digits to tell.
DOUBTFUL = 1e-6
LANES = 8  #: partial sums of every sum: a processor adds several numbers at once

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def estimate_compiled(
    grid: Grid, security: IntArray, day0: IntArray, time: EventTime, estimates: GridEstimates
) -> None:
    """Fill the estimates of some firm-events; those in doubt by `estimate_with_numpy`."""
    bounds = np.array([(part.start, part.stop) for part in time.columns], dtype=np.int64).reshape(-1, 2)
    doubtful = np.zeros(len(security), dtype=np.bool_)
    _estimate(
        np.ascontiguousarray(grid.returns),
        np.ascontiguousarray(grid.regressors),
        security.astype(np.int64),
        day0.astype(np.int64),
        (time.estimation.start, time.estimation.length, time.event.start, time.event.length),
        bounds,
        (estimates.coefficients, estimates.sigma, estimates.n, estimates.ar, estimates.car, estimates.car_se),
        doubtful,
    )
    rows = np.flatnonzero(doubtful)
    if len(rows):
        anew = GridEstimates.empty(len(rows), len(grid.regressors), time)
        estimate_with_numpy(grid, security[rows], day0[rows], time, anew)
        for name, values in vars(anew).items():
            getattr(estimates, name)[rows] = values


@compiled
def _total(values, blocks):  # type: ignore[no-untyped-def]
    """Return the sum of some values, eight partial sums at a time."""
    a = b = c = d = e = f = g = h = 0.0
    for t in range(blocks):
        a += values[t, 0]
        b += values[t, 1]
        c += values[t, 2]
        d += values[t, 3]
        e += values[t, 4]
        f += values[t, 5]
        g += values[t, 6]
        h += values[t, 7]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@compiled
def _product(x, y, blocks):  # type: ignore[no-untyped-def]
    """Return the sum of some products, eight partial sums at a time."""
    a = b = c = d = e = f = g = h = 0.0
    for t in range(blocks):
        a += x[t, 0] * y[t, 0]
        b += x[t, 1] * y[t, 1]
        c += x[t, 2] * y[t, 2]
        d += x[t, 3] * y[t, 3]
        e += x[t, 4] * y[t, 4]
        f += x[t, 5] * y[t, 5]
        g += x[t, 6] * y[t, 6]
        h += x[t, 7] * y[t, 7]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@compiled
def _subtracted(y, slope, x, blocks):  # type: ignore[no-untyped-def]
    """Take ``slope x`` from ``y``; return the sum of squares that is left."""
    a = b = c = d = e = f = g = h = 0.0
    for t in range(blocks):
        for lane in range(LANES):
            y[t, lane] -= slope * x[t, lane]
        a += y[t, 0] * y[t, 0]
        b += y[t, 1] * y[t, 1]
        c += y[t, 2] * y[t, 2]
        d += y[t, 3] * y[t, 3]
        e += y[t, 4] * y[t, 4]
        f += y[t, 5] * y[t, 5]
        g += y[t, 6] * y[t, 6]
        h += y[t, 7] * y[t, 7]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@compiled
def _centred(values, ones, blocks, n):  # type: ignore[no-untyped-def]
    """Subtract the mean of n values from them; return it and the sum of squares left. ``ones`` stay."""
    _clear(values, n)
    mean = _total(values, blocks) / n
    _clear(ones, n)
    squares = _subtracted(values, mean, ones, blocks)
    for lane in range(LANES):
        ones[blocks - 1, lane] = 1.0
    return mean, squares


@compiled
def _clear(values, n):  # type: ignore[no-untyped-def]
    """Set what lies past the n values in their last block to zero, which adds nothing to a sum."""
    for lane in range(n % LANES, LANES if n % LANES else 0):
        values[n // LANES, lane] = 0.0


@compiled
def _factor(z, length, lower, blocks):  # type: ignore[no-untyped-def]
    """Fill the Cholesky factor of the correlations of ``z``; return the smallest share of own variation."""
    smallest = 1.0
    for k in range(len(z)):
        for j in range(k + 1):
            s = 1.0 if j == k else _product(z[k], z[j], blocks) / (length[k] * length[j])
            for m in range(j):
                s -= lower[k, m] * lower[j, m]
            if j < k:
                lower[k, j] = s / lower[j, j]
            else:
                smallest = min(smallest, s)
                if s < DOUBTFUL:
                    return s
                lower[k, k] = np.sqrt(s)
    return smallest


@compiled
def _forward(lower, values):  # type: ignore[no-untyped-def]
    """Solve ``L v = values`` in place."""
    for k in range(len(values)):
        for j in range(k):
            values[k] -= lower[k, j] * values[j]
        values[k] /= lower[k, k]


@compiled
def _explain(y, z, length, lower, step, blocks):  # type: ignore[no-untyped-def]
    """Regress ``y`` on ``z`` in place; return the sum of squares left. ``step`` becomes the slopes."""
    squares = 0.0
    for k in range(len(z)):
        step[k] = _product(z[k], y, blocks) / length[k]
    _forward(lower, step)
    for k in range(len(z) - 1, -1, -1):
        for j in range(k + 1, len(z)):
            step[k] -= lower[j, k] * step[j]
        step[k] /= lower[k, k]
    for k in range(len(z)):
        step[k] /= length[k]
        squares = _subtracted(y, step[k], z[k], blocks)
    return squares


@compiled
def _estimate(  # type: ignore[no-untyped-def]
    returns, regressors, security, day0, sessions, bounds, found, doubtful
):
    first, span, event, length_of_event = sessions
    coefficients, sigma, count, ar, car, car_se = found
    K, T = regressors.shape
    usable = np.ones(T, dtype=np.bool_)
    for k in range(K):
        for t in range(T):
            usable[t] &= np.isfinite(regressors[k, t])
    y, z = np.empty((span // LANES + 1, LANES)), np.empty((K, span // LANES + 1, LANES))
    flat, columns = y.reshape(-1), z.reshape(K, -1)
    ones, centre, length = np.ones((span // LANES + 1, LANES)), np.empty(K), np.empty(K)
    step, slopes, lower = np.empty(K), np.empty(K), np.empty((K, K))
    for i in range(len(security)):
        r, a = returns[security[i]], day0[i] + first
        n = 0
        for s in range(max(a, 0), min(a + span, T)):
            v = r[s]
            flat[n] = v
            for k in range(K):
                columns[k, n] = regressors[k, s]
            n += np.isfinite(v) & usable[s]
        count[i], sigma[i] = n, np.nan
        coefficients[i], ar[i], car[i], car_se[i] = np.nan, np.nan, np.nan, np.nan
        if n < K + 2:
            continue
        blocks, constant = (n + LANES - 1) // LANES, False
        for k in range(K):
            centre[k], squares = _centred(z[k], ones, blocks, n)
            length[k] = np.sqrt(squares)
            constant |= not length[k] > COLLINEAR * np.sqrt(squares + n * centre[k] ** 2)
        if constant:
            continue
        if _factor(z, length, lower, blocks) < DOUBTFUL:
            doubtful[i] = True
            continue
        mean, squares = _centred(y, ones, blocks, n)
        if K:
            squares = _explain(y, z, length, lower, slopes, blocks)
        if K > 1:  # what rounding left of the correlations: as exact as QR
            squares = _explain(y, z, length, lower, step, blocks)
            for k in range(K):
                slopes[k] += step[k]
        for k in range(K):
            coefficients[i, 1 + k] = slopes[k]
            mean -= slopes[k] * centre[k]
        coefficients[i, 0], sigma[i] = mean, np.sqrt(squares / (n - K - 1))
        a = day0[i] + event
        for t in range(max(-a, 0), min(length_of_event, T - a)):
            v = r[a + t] - mean
            for k in range(K):
                v -= slopes[k] * regressors[k, a + t]
            ar[i, t] = v
        for w in range(len(bounds)):
            start, stop = bounds[w]
            total = 0.0
            for t in range(start, stop):
                total += ar[i, t]
            car[i, w] = total
            if np.isnan(total):
                continue
            variance = (stop - start) * (1.0 + (stop - start) / n)
            for k in range(K):
                step[k] = 0.0
                for t in range(start, stop):
                    step[k] += regressors[k, a + t] - centre[k]
                step[k] /= length[k]
            _forward(lower, step)
            for k in range(K):
                variance += step[k] * step[k]
            car_se[i, w] = sigma[i] * np.sqrt(variance)
