"""The compiled twin of the estimation on a grid: windows are read in place and worked on in the cache."""

from __future__ import annotations

import numba
import numpy as np

from eventstudy._typing import IntArray
from eventstudy.engine.compiled_product import LANES, row_product
from eventstudy.engine.grid_estimation import OF_SESSIONS, EventTime, Grid, GridEstimates, estimate_with_numpy
from eventstudy.models.fitted import PASSED_THROUGH
from eventstudy.numerics.kernels import COLLINEAR

#: Regressors whose share of own variation, given those before them, is below this are left to NumPy, whose
#: eigenvalues tell collinear ones from others: elimination alone keeps too few digits to tell.
DOUBTFUL = 1e-6

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def estimate_compiled(
    grid: Grid, security: IntArray, day0: IntArray, time: EventTime, estimates: GridEstimates
) -> None:
    """Fill the estimates of some firm-events; those in doubt by `estimate_with_numpy`."""
    (n, K), length = estimates.coefficients.shape, time.estimation.length
    K -= 1
    bounds = np.array([(part.start, part.stop) for part in time.columns], dtype=np.int64).reshape(-1, 2)
    there, doubtful = np.isfinite(grid.regressors).all(axis=0), np.zeros(n, dtype=np.bool_)
    centre, factor = np.zeros((n, K)), np.ones((n, K, K))
    few = np.uint16 if len(grid.returns) <= 1 << 16 else np.int64  # short numbers are sorted faster
    _regress(
        *(grid.returns, np.where(there, grid.regressors, 0.0), np.where(there, 0.0, np.nan)),
        *(security, day0 + time.estimation.start, np.argsort(security.astype(few), kind="stable"), length),
        *(estimates.coefficients, estimates.std_errors, estimates.rsquared, estimates.sigma, estimates.n),
        *(centre, factor, estimates.residuals, estimates.studentised, doubtful),
    )
    _forecast(
        *(grid.returns, grid.regressors, security, day0 + time.event.start, bounds),
        *(estimates.coefficients, estimates.sigma, estimates.n, centre, factor),
        *(estimates.ar, estimates.car, estimates.car_se, estimates.root),
    )
    if doubtful.any():
        security, day0 = security[doubtful], day0[doubtful]
        sessions = [name for name in OF_SESSIONS if len(getattr(estimates, name))]
        again = GridEstimates.empty(len(day0), K, time, sessions)
        estimate_with_numpy(grid, security, day0, time, again)
        for name, values in vars(again).items():
            if len(values):
                getattr(estimates, name)[doubtful] = values


#: Rows of what is worked on, the first regressor's last, filled up with zeros to a multiple of ``LANES``.
USED, RETURN, ROOM, REGRESSOR = 0, 1, 2, 3


@compiled
def _at(first, t):  # type: ignore[no-untyped-def]
    """Return the place of a session, which is on the axis: unsigned, so that no sign is looked for."""
    return np.uint64(first + t)


@compiled
def _factor(work, length, factor):  # type: ignore[no-untyped-def]
    """Fill the Cholesky factor of the regressors' products; return the smallest share of own variation.

    It is that of their correlations, with each row times the regressor's length.
    """
    smallest = 1.0
    for k in range(len(length)):
        for j in range(k + 1):
            s = 1.0
            if j < k:
                s = row_product(work, REGRESSOR + k, REGRESSOR + j) / (length[k] * length[j])
            for m in range(j):
                s -= factor[k, m] * factor[j, m]
            if j < k:
                factor[k, j] = s / factor[j, j]
            else:
                smallest = min(smallest, s)
                if s < DOUBTFUL:
                    return s
                factor[k, k] = np.sqrt(s)
    for k in range(len(length)):
        for j in range(k + 1):
            factor[k, j] *= length[k]
    return smallest


@compiled
def _explain(work, factor, step):  # type: ignore[no-untyped-def]
    """Regress the returns on the regressors in place. ``step`` becomes the slopes."""
    K = len(step)
    for k in range(K):
        step[k] = row_product(work, REGRESSOR + k, RETURN)
        for j in range(k):
            step[k] -= factor[k, j] * step[j]
        step[k] /= factor[k, k]
    for k in range(K - 1, -1, -1):
        for j in range(k + 1, K):
            step[k] -= factor[j, k] * step[j]
        step[k] /= factor[k, k]
    for k in range(K):
        for t in range(work.shape[1]):
            work[RETURN, t] -= step[k] * work[REGRESSOR + k, t]


@compiled
def _fill_errors(i, n, s, centre, factor, column, std_errors):  # type: ignore[no-untyped-def]
    """Fill the standard errors of a firm-event: of ``(X'X)^-1`` by the columns of the factor's inverse."""
    K = len(column)
    constant = 1.0 / n
    for k in range(K):
        own = centre[i, k]
        for j in range(k):
            own -= factor[k, j] * column[j]
        column[k] = own / factor[k, k]
        constant += column[k] * column[k]
    std_errors[i, 0] = s * np.sqrt(constant)
    for k in range(K):
        squares = 0.0
        for m in range(k, K):
            own = 1.0 if m == k else 0.0
            for j in range(k, m):
                own -= factor[m, j] * column[j]
            column[m] = own / factor[m, m]
            squares += column[m] * column[m]
        std_errors[i, 1 + k] = s * np.sqrt(squares)


@compiled
def _fill_past(i, work, s, n, factor, residuals, studentised):  # type: ignore[no-untyped-def]
    """Fill residuals and studentised residuals of a firm-event; its regressors become their leverage."""
    for t in range(residuals.shape[1] if len(residuals) else 0):
        residuals[i, t] = work[RETURN, t] if work[USED, t] > 0.0 else np.nan
    if not len(studentised):
        return
    for t in range(work.shape[1]):
        work[ROOM, t] = 1.0 - 1.0 / n
    for k in range(len(factor)):
        for j in range(k):
            for t in range(work.shape[1]):
                work[REGRESSOR + k, t] -= factor[k, j] * work[REGRESSOR + j, t]
        for t in range(work.shape[1]):
            work[REGRESSOR + k, t] /= factor[k, k]
            work[ROOM, t] -= work[REGRESSOR + k, t] * work[REGRESSOR + k, t]
    for t in range(studentised.shape[1]):
        known, own = work[USED, t] > 0.0, work[ROOM, t]
        own = own if known & (own > PASSED_THROUGH) else np.nan
        studentised[i, t] = work[RETURN, t] / (s * np.sqrt(own))


@compiled
def _regress(  # type: ignore[no-untyped-def]
    returns,
    filled,
    gap,
    security,
    first,
    order,
    span,
    coefficients,
    std_errors,
    rsquared,
    sigma,
    count,
    centre,
    factor,
    residuals,
    studentised,
    doubtful,
):
    """Fill the regressions of firm-events in some order, and what their forecasts need."""
    K, T = filled.shape
    work = np.zeros((REGRESSOR + K, -(-span // LANES) * LANES))
    length, step, slopes, own = np.empty(K), np.empty(K), np.empty(K), np.eye(K)
    for i in order:
        day, s = first[i], security[i]
        low, high = min(max(-day, 0), span), max(min(span, T - day), 0)
        if high - low < span:
            work[:] = 0.0
        for t in range(high - low):
            value = returns[s, _at(day + low, t)]
            known = value - value + gap[_at(day + low, t)] == 0.0  # finite, and all regressors are
            work[RETURN, _at(low, t)] = value if known else 0.0
            work[USED, _at(low, t)] = 1.0 if known else 0.0
        for k in range(K):
            for t in range(high - low):
                work[REGRESSOR + k, _at(low, t)] = filled[k, _at(day + low, t)]
        n: float = row_product(work, USED, USED)
        count[i] = int(n)
        known = n >= K + 2
        if known:
            for k in range(K):
                middle = row_product(work, USED, REGRESSOR + k) / n
                for t in range(work.shape[1]):
                    work[REGRESSOR + k, t] = (work[REGRESSOR + k, t] - middle) * work[USED, t]
                squares = row_product(work, REGRESSOR + k, REGRESSOR + k)
                centre[i, k], length[k] = middle, np.sqrt(squares)
                known &= length[k] > COLLINEAR * np.sqrt(squares + n * middle * middle)
        if known and K == 1:
            own[0, 0] = length[0]
        elif known and K > 1:
            doubtful[i] = _factor(work, length, own) < DOUBTFUL
        if not known or doubtful[i]:
            sigma[i] = rsquared[i] = np.nan
            for k in range(K + 1):
                coefficients[i, k] = std_errors[i, k] = np.nan
            if len(residuals):
                residuals[i, :] = np.nan
            if len(studentised):
                studentised[i, :] = np.nan
            continue
        mean = row_product(work, USED, RETURN) / n
        for t in range(work.shape[1]):
            work[RETURN, t] = (work[RETURN, t] - mean) * work[USED, t]
        whole = row_product(work, RETURN, RETURN)
        if K:
            _explain(work, own, slopes)
        if K > 1:  # what rounding left of the correlations: as exact as QR
            _explain(work, own, step)
            for k in range(K):
                slopes[k] += step[k]
        for k in range(K):
            coefficients[i, 1 + k] = slopes[k]
            mean -= slopes[k] * centre[i, k]
            for j in range(k + 1):
                factor[i, k, j] = own[k, j]
        coefficients[i, 0] = mean
        rest = row_product(work, RETURN, RETURN)
        sigma[i] = np.sqrt(rest / (n - K - 1))
        rsquared[i] = 1.0 - rest / whole if whole > 0.0 else np.nan
        _fill_errors(i, n, sigma[i], centre, own, step, std_errors)
        if len(residuals) or len(studentised):
            _fill_past(i, work, sigma[i], n, own, residuals, studentised)


@compiled
def _forecast(  # type: ignore[no-untyped-def]
    returns,
    regressors,
    security,
    first,
    bounds,
    coefficients,
    sigma,
    count,
    centre,
    factor,
    ar,
    car,
    car_se,
    root,
):
    """Fill abnormal returns, CARs and their errors of firm-events."""
    K, T = regressors.shape
    span = ar.shape[1]
    x, total = np.zeros((K, span)), np.empty(K)
    for i in range(len(first)):
        day, s, n = first[i], security[i], count[i]
        low, high = min(max(-day, 0), span), max(min(span, T - day), 0)
        if high - low < span:
            for t in range(span):
                ar[i, t] = np.nan
            x[:] = 0.0
        constant = coefficients[i, 0]
        for t in range(high - low):
            ar[i, _at(low, t)] = returns[s, _at(day + low, t)] - constant
        for k in range(K):
            slope, middle = coefficients[i, 1 + k], centre[i, k]
            for t in range(high - low):
                value = regressors[k, _at(day + low, t)]
                ar[i, _at(low, t)] -= slope * value
                x[k, _at(low, t)] = value - middle
        for w in range(len(bounds)):
            begin, end = bounds[w, 0], bounds[w, 1]
            cumulated, squares = 0.0, (end - begin) + (end - begin) * (end - begin) / n
            for t in range(begin, end):
                cumulated += ar[i, _at(t, 0)]
            for k in range(K):
                own = 0.0
                for t in range(begin, end):
                    own += x[k, _at(t, 0)]
                for j in range(k):
                    own -= factor[i, k, j] * total[j]
                total[k] = own / factor[i, k, k]
                squares += total[k] * total[k]
            car[i, w] = cumulated
            car_se[i, w] = squares
        for w in range(len(bounds)):
            known = car[i, w] == car[i, w]
            car_se[i, w] = sigma[i] * np.sqrt(car_se[i, w] if known else np.nan)
        if len(root):
            for t in range(span):
                root[i, t, 0] = np.sqrt(1.0 / n)
                for k in range(K):
                    own = x[k, t]
                    for j in range(k):
                        own -= factor[i, k, j] * root[i, t, 1 + j]
                    root[i, t, 1 + k] = own / factor[i, k, k]
