"""GARCH(1,1) parameters of many series at once, by maximum likelihood."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.models.garch_likelihood import (
    SHAPE,
    GarchSeries,
    log_likelihood,
    standardised,
    with_derivatives,
)
from eventstudy.numerics.interior_point import Inequalities, maxima

IN_PERCENT = 100.0  #: the log-likelihood is that of returns in percent
TOGETHER = 256  #: series that advance together: their paths stay in the cache
MOST_ITERATIONS = 200  #: of a search, which takes about thirty
NEWS, PERSISTENCE = (0.01, 0.05, 0.1, 0.2), (0.5, 0.7, 0.9, 0.98)  #: a and a + b of the starts
LEAST_OMEGA, MOST_OMEGA = 1e-8, 10.0  #: over the mean squared residual
LEAST_NU, MOST_NU = 2.05, 500.0
START_NU, LEAST_START_NU, FAT = 12.0, 4.0, 3.75  #: the first where the kurtosis is not above the last
PARAMETERS = ("alpha", "beta", "omega", "a", "b", "nu", "log-likelihood")


def garch_parameters(
    y: FloatArray, market: FloatArray, squares: FloatArray, backcast: FloatArray, dist: str
) -> FloatArray:
    """Return the ``PARAMETERS`` of each series, shape (n, 7); NaN where the search did not converge.

    Parameters
    ----------
    y, market
        Returns, decimal, shape (n, T); NaN in ``y`` where a session is left out.
    squares
        Alpha and beta of least squares, shape (n, 2).
    backcast
        The variance before the first session, decimal, shape (n,).
    dist
        ``normal``, for which nu is infinite, or ``t``.

    Notes
    -----
    The search starts from least squares and from the best of sixteen pairs of ``a`` and ``a + b`` under
    normal errors, with the ``omega`` that makes their mean variance that of the residuals. It keeps to
    ``omega`` within ``1e-8`` and 10 times that variance, ``a, b >= 0``, ``a + b <= 1`` and
    ``2.05 <= nu <= 500``. Starts and bounds are those of the package arch, so that of several maxima both
    nearly always reach the same.
    """
    if not len(y):
        return np.empty((0, len(PARAMETERS)))
    parts = [
        _fitted(y[at], market[at], squares[at], backcast[at], dist)
        for at in np.array_split(np.arange(len(y)), -(-len(y) // TOGETHER))
    ]
    return np.concatenate(parts)


def _fitted(
    y: FloatArray, market: FloatArray, squares: FloatArray, backcast: FloatArray, dist: str
) -> FloatArray:
    used = np.isfinite(y)
    length = used.sum(axis=1)
    order = np.argsort(~used, axis=1, kind="stable")[:, : length.max(initial=0)]
    used, y, x = (np.take_along_axis(each, order, axis=1) for each in (used, y, market))
    y, x = np.where(used, y, 0.0), np.where(used, x, 0.0)
    e = np.where(used, y - squares[:, :1] - squares[:, 1:] * x, 0.0)
    scale, spread = (np.sqrt((each**2).sum(axis=1) / length) for each in (e, x))
    series = GarchSeries(y.T / scale, x.T / spread, used.T.astype(float), backcast / scale**2)
    mean = np.column_stack([squares[:, 0] / scale, squares[:, 1] * spread / scale])
    found, converged = _searched(series, _start(series, mean, dist), dist)
    alpha, beta, omega, a, b = found.T[:SHAPE]
    nu = 1.0 / found[:, SHAPE] if dist == "t" else np.full(len(found), np.inf)
    likelihood = log_likelihood(series, found) - length * np.log(IN_PERCENT * scale)
    parameters = [alpha * scale, beta * scale / spread, omega * scale**2, a, b, nu, likelihood]
    return np.where(converged[:, None], np.column_stack(parameters), np.nan)


def _start(series: GarchSeries, mean: FloatArray, dist: str) -> FloatArray:
    """Return where the searches start, shape (n, 5), or (n, 6) for t errors."""
    ones = np.ones(len(mean))
    tried = [
        np.column_stack([mean, (1.0 - both) * ones, a * ones, (both - a) * ones])
        for a in NEWS
        for both in PERSISTENCE
    ]
    best = np.argmax([log_likelihood(series, each) for each in tried], axis=0)
    start = np.array(tried)[best, np.arange(len(mean))]
    if dist != "t":
        return np.asarray(start)
    z = standardised(series, start)
    length = series.used.sum(axis=0)
    kurtosis = (z**4).sum(axis=0) / length / ((z**2).sum(axis=0) / length) ** 2
    fat = np.maximum(kurtosis, FAT)
    nu = np.where(kurtosis > FAT, (4.0 * fat - 6.0) / (fat - 3.0), START_NU)
    return np.column_stack([start, 1.0 / np.maximum(nu, LEAST_START_NU)])


def _searched(series: GarchSeries, start: FloatArray, dist: str) -> tuple[FloatArray, BoolArray]:
    def of(rows: IntArray) -> GarchSeries:
        return series if len(rows) == len(start) else series.of(rows)

    return maxima(
        lambda parameters, rows: log_likelihood(of(rows), parameters),
        lambda parameters, rows: with_derivatives(of(rows), parameters),
        start,
        _inequalities(dist),
        MOST_ITERATIONS,
    )


def _inequalities(dist: str) -> Inequalities:
    """Return the bounds of omega, a, b, a + b and, for t errors, ``1/nu``."""
    normals = np.zeros((7, SHAPE + 1))
    normals[[0, 2, 3, 5], [2, 3, 4, 5]] = 1.0
    normals[[1, 4, 4, 6], [2, 3, 4, 5]] = -1.0
    least = np.array([LEAST_OMEGA, -MOST_OMEGA, 0.0, 0.0, -1.0, 1.0 / MOST_NU, -1.0 / LEAST_NU])
    return Inequalities(normals, least) if dist == "t" else Inequalities(normals[:5, :SHAPE], least[:5])
