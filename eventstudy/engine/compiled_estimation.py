"""The compiled twin of the estimation on a grid: each window is read in place, security by security."""

from __future__ import annotations

import numba
import numpy as np

from eventstudy._typing import IntArray
from eventstudy.engine.grid_estimation import EventTime, Grid, GridEstimates, estimate_with_numpy
from eventstudy.models.fitted import PASSED_THROUGH
from eventstudy.numerics.kernels import COLLINEAR

#: Regressors whose share of own variation, given those before them, is below this are left to NumPy, whose
#: eigenvalues tell collinear ones from others: elimination alone keeps too few digits to tell.
DOUBTFUL = 1e-6
PAIRWISE = 8  #: numbers that are added one after the other

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def estimate_compiled(
    grid: Grid, security: IntArray, day0: IntArray, time: EventTime, estimates: GridEstimates, rows: IntArray
) -> None:
    """Fill the estimates of some rows, sorted by security; those in doubt by `estimate_with_numpy`."""
    bounds = np.array([(part.start, part.stop) for part in time.columns], dtype=np.int64).reshape(-1, 2)
    doubtful = np.zeros(len(rows), dtype=np.bool_)
    _estimate(
        *(grid.returns, grid.regressors, security, day0, rows),
        (time.estimation.start, time.estimation.length, time.event.start, time.event.length),
        bounds,
        (estimates.coefficients, estimates.sigma, estimates.n, estimates.ar, estimates.car, estimates.car_se),
        (estimates.residuals, estimates.studentised, estimates.root),
        doubtful,
    )
    if doubtful.any():
        estimate_with_numpy(grid, security, day0, time, estimates, rows[doubtful])


@compiled
def _product(x, y, n):  # type: ignore[no-untyped-def]
    """Return the sum of n products, in four partial sums."""
    a = b = c = d = 0.0
    for t in range(n // 4):
        a += x[4 * t] * y[4 * t]
        b += x[4 * t + 1] * y[4 * t + 1]
        c += x[4 * t + 2] * y[4 * t + 2]
        d += x[4 * t + 3] * y[4 * t + 3]
    for t in range(n // 4 * 4, n):
        a += x[t] * y[t]
    return (a + b) + (c + d)


@compiled
def _centred(used, row, start, n, into):  # type: ignore[no-untyped-def]
    """Fill ``into`` with n values less their mean; return the mean."""
    values = used[row, start : start + n]
    a = b = c = d = 0.0
    for t in range(n // 4):
        a += values[4 * t]
        b += values[4 * t + 1]
        c += values[4 * t + 2]
        d += values[4 * t + 3]
    for t in range(n // 4 * 4, n):
        a += values[t]
    mean = ((a + b) + (c + d)) / n
    for t in range(n):
        into[t] = values[t] - mean
    return mean


@compiled
def _factor(z, n, length, lower):  # type: ignore[no-untyped-def]
    """Fill the Cholesky factor of the correlations of ``z``; return the smallest share of own variation."""
    smallest = 1.0
    for k in range(len(z)):
        for j in range(k + 1):
            s = 1.0 if j == k else _product(z[k], z[j], n) / (length[k] * length[j])
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
def _explain(y, z, n, length, lower, step):  # type: ignore[no-untyped-def]
    """Regress ``y`` on ``z`` in place. ``step`` becomes the slopes."""
    for k in range(len(z)):
        step[k] = _product(z[k], y, n) / length[k]
    _forward(lower, step)
    for k in range(len(z) - 1, -1, -1):
        for j in range(k + 1, len(z)):
            step[k] -= lower[j, k] * step[j]
        step[k] /= lower[k, k]
    for k in range(len(z)):
        step[k] /= length[k]
        own, slope = z[k], step[k]
        for t in range(n):
            y[t] -= slope * own[t]


@compiled
def _usable(returns, security, regressors, low, high, place, used):  # type: ignore[no-untyped-def]
    """Gather the sessions from ``low`` to ``high`` on which all values exist, the return first in ``used``.

    ``place`` becomes the number of them before each session.
    """
    n = 0
    for s in range(low, high):
        place[s] = n
        there = np.isfinite(returns[security, s])
        used[0, n] = returns[security, s]
        for k in range(len(regressors)):
            there &= np.isfinite(regressors[k, s])
            used[1 + k, n] = regressors[k, s]
        n += there
    place[high] = n


@compiled
def _rotate(z, lower, length, n):  # type: ignore[no-untyped-def]
    """Turn n columns of centred regressors into ``L^-1 z``, whose squares add up to the leverage."""
    for k in range(len(z)):
        own, scale = z[k], 1.0 / (length[k] * lower[k, k])
        for t in range(n):
            own[t] *= scale
        for j in range(k):
            factor, other = lower[k, j] / lower[k, k], z[j]
            for t in range(n):
                own[t] -= factor * other[t]


@compiled
def _fill_past(i, y, z, own, s, n, day, ends, place, past):  # type: ignore[no-untyped-def]
    """Fill residuals and studentised residuals of a firm-event; ``z`` is rotated, ``own`` is room."""
    residuals, studentised, _ = past
    for t in range(n):
        own[t] = 1.0 - 1.0 / n
    for k in range(len(z)):
        row = z[k]
        for t in range(n):
            own[t] -= row[t] * row[t]
    for t in range(n):
        own[t] = y[t] / (s * np.sqrt(own[t] if own[t] > PASSED_THROUGH else np.nan))
    at = 0
    for t in range(residuals.shape[1]):
        session = day + t
        if ends[0] <= session < ends[1] and place[session + 1] > place[session]:
            residuals[i, t], studentised[i, t] = y[at], own[at]
            at += 1
        else:
            residuals[i, t] = studentised[i, t] = np.nan


@compiled
def _forecast(  # type: ignore[no-untyped-def]
    i, a, returns, own, regressors, n, found, fitted, bounds, forecast, root
):
    """Fill abnormal returns, CARs and their errors of a firm-event."""
    coefficients, sigma, _, ar, car, car_se = found
    centre, length, lower = fitted
    K, T = regressors.shape
    low, high = max(-a, 0), min(ar.shape[1], T - a)
    for t in range(ar.shape[1]):
        ar[i, t] = returns[own, a + t] - coefficients[i, 0] if low <= t < high else np.nan
    for k in range(K):
        slope, middle = coefficients[i, 1 + k], centre[k]
        for t in range(ar.shape[1]):
            forecast[k, t] = 0.0
        for t in range(low, high):
            x = regressors[k, a + t]
            ar[i, t] -= slope * x
            forecast[k, t] = x - middle
    _rotate(forecast, lower, length, ar.shape[1])
    for w in range(len(bounds)):
        total, squares = 0.0, 0.0
        for t in range(bounds[w, 0], bounds[w, 1]):
            total += ar[i, t]
        for k in range(K):
            x = 0.0
            for t in range(bounds[w, 0], bounds[w, 1]):
                x += forecast[k, t]
            squares += x * x
        sessions = bounds[w, 1] - bounds[w, 0]
        car[i, w] = total
        car_se[i, w] = np.nan if np.isnan(total) else sessions + sessions * sessions / n + squares
    for w in range(len(bounds)):
        car_se[i, w] = sigma[i] * np.sqrt(car_se[i, w])
    if len(root):
        for t in range(ar.shape[1]):
            root[i, t, 0] = np.sqrt(1.0 / n)
            for k in range(K):
                root[i, t, 1 + k] = forecast[k, t]


@compiled
def _blank(i, found, past):  # type: ignore[no-untyped-def]
    """Fill the figures of a firm-event that has no regression."""
    coefficients, sigma, _, ar, car, car_se = found
    residuals, studentised, root = past
    sigma[i] = np.nan
    coefficients[i, :], ar[i, :], car[i, :], car_se[i, :] = np.nan, np.nan, np.nan, np.nan
    if len(root):
        residuals[i, :], studentised[i, :], root[i, :, :] = np.nan, np.nan, np.nan


@compiled
def _estimate(  # type: ignore[no-untyped-def]
    returns, regressors, security, day0, rows, sessions, bounds, found, past, doubtful
):
    first, span, event, length_of_event = sessions
    coefficients, sigma, count = found[0], found[1], found[2]
    K, T = regressors.shape
    y, room, z, forecast = np.empty(span), np.empty(span), np.empty((K, span)), np.empty((K, length_of_event))
    centre, length, step, slopes, lower = np.empty(K), np.empty(K), np.empty(K), np.empty(K), np.eye(K)
    place, used = np.empty(T + 1, dtype=np.int64), np.empty((1 + K, T + 1))
    low = high = next_security = 0
    for number in range(len(rows)):
        i = rows[number]
        own, day = security[i], day0[i] + first
        if number == next_security:
            earliest = latest = day
            while next_security < len(rows) and security[rows[next_security]] == own:
                other = day0[rows[next_security]] + first
                earliest, latest = min(earliest, other), max(latest, other)
                next_security += 1
            low = min(max(earliest, 0), T)
            high = min(max(latest + span, low), T)
            _usable(returns, own, regressors, low, high, place, used)
        start = place[min(max(day, low), high)]
        n = place[min(max(day + span, low), high)] - start
        count[i] = n
        known = n >= K + 2
        if known:
            for k in range(K):
                centre[k] = _centred(used, 1 + k, start, n, z[k])
                squares = _product(z[k], z[k], n)
                length[k] = np.sqrt(squares)
                known &= length[k] > COLLINEAR * np.sqrt(squares + n * centre[k] ** 2)
        if not known:
            _blank(i, found, past)
            continue
        if K > 1 and _factor(z, n, length, lower) < DOUBTFUL:
            doubtful[number] = True
            continue
        mean = _centred(used, 0, start, n, y)
        if K:
            _explain(y, z, n, length, lower, slopes)
        if K > 1:  # what rounding left of the correlations: as exact as QR
            _explain(y, z, n, length, lower, step)
            for k in range(K):
                slopes[k] += step[k]
        for k in range(K):
            coefficients[i, 1 + k] = slopes[k]
            mean -= slopes[k] * centre[k]
        coefficients[i, 0] = mean
        sigma[i] = np.sqrt(_product(y, y, n) / (n - K - 1))
        fitted = centre, length, lower
        _forecast(i, day0[i] + event, returns, own, regressors, n, found, fitted, bounds, forecast, past[2])
        if len(past[0]):
            _rotate(z, lower, length, n)
            _fill_past(i, y, z, room, sigma[i], n, day, (low, high), place, past)
