"""Log-likelihoods of GARCH(1,1) with a mean of the market, and their derivatives, many series at once.

References
----------
Fiorentini, Calzolari & Panattoni 1996, Journal of Applied Econometrics 11, 399-417: the derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from eventstudy._typing import FloatArray, IntArray

MEAN = 2  #: parameters of the mean, alpha and beta, which stand before omega, a and b
SHAPE = 5  #: place of 1/nu, which normal errors do not have


@dataclass(frozen=True)
class GarchSeries:
    """Returns of n series, time first: shapes (T, n).

    Attributes
    ----------
    y, x
        Of the security and of the market; 0 after the last session of a shorter series.
    used
        1 for a session of the series, 0 after its last.
    before
        The variance, and squared error, before the first session, shape (n,).
    """

    y: FloatArray
    x: FloatArray
    used: FloatArray
    before: FloatArray

    def of(self, rows: IntArray) -> GarchSeries:
        """Return some of the series."""
        return GarchSeries(self.y[:, rows], self.x[:, rows], self.used[:, rows], self.before[rows])


def log_likelihood(series: GarchSeries, parameters: FloatArray) -> FloatArray:
    """Return the log-likelihoods, shape (n,), at ``alpha, beta, omega, a, b`` and, for t errors, ``1/nu``.

    Parameters
    ----------
    parameters
        Shape (n, 5) for normal errors, (n, 6) for Student's t with unit variance.
    """
    e, h = _paths(series, parameters)
    return np.asarray((series.used * (_kernel(e**2 / h, parameters).value - 0.5 * np.log(h))).sum(axis=0))


def standardised(series: GarchSeries, parameters: FloatArray) -> FloatArray:
    """Return the errors over their standard deviations, shape (T, n)."""
    e, h = _paths(series, parameters)
    return np.asarray(e / np.sqrt(h))


def with_derivatives(
    series: GarchSeries, parameters: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the log-likelihoods, shape (n,), their gradients (n, k) and second derivatives (n, k, k)."""
    e, h = _paths(series, parameters)
    a, b, used = parameters[:, 3], parameters[:, 4], series.used
    q, x = e**2 / h, np.stack([np.ones_like(e), series.x], axis=1)
    first, kernel = _first_of_variance(series, e, h, a, b), _kernel(q, parameters)
    by_h = used * (-0.5 - q * kernel.q) / h
    by_hh = used * (0.5 + q * (q * kernel.qq + 2.0 * kernel.q)) / h**2
    by_eh = used * -2.0 * e * (kernel.q + q * kernel.qq) / h**2
    by_ee = used * (2.0 * kernel.q + 4.0 * q * kernel.qq) / h
    n, k = parameters.shape
    gradient, second = np.zeros((n, k)), np.zeros((n, k, k))
    gradient[:, :SHAPE] = _sums(by_h, first)
    gradient[:, :MEAN] -= _sums(used * 2.0 * e * kernel.q / h, x)
    second[:, :SHAPE, :SHAPE] = _products(by_hh, first, first)
    mixed = _products(by_eh, x, first)
    second[:, :MEAN, :SHAPE] -= mixed
    second[:, :SHAPE, :MEAN] -= mixed.swapaxes(1, 2)
    second[:, :MEAN, :MEAN] += _products(by_ee, x, x)
    for (row, column), path in _second_of_variance(series, e, first, a, b).items():
        figure = (by_h * path).sum(axis=0)
        second[:, row, column] += figure
        if row != column:
            second[:, column, row] += figure
    if k > SHAPE:
        gradient[:, SHAPE] = (used * kernel.shape).sum(axis=0)
        second[:, SHAPE, SHAPE] = (used * kernel.shape_shape).sum(axis=0)
        mixed = -_sums(used * q * kernel.q_shape / h, first)
        mixed[:, :MEAN] -= _sums(used * 2.0 * e * kernel.q_shape / h, x)
        second[:, SHAPE, :SHAPE] = second[:, :SHAPE, SHAPE] = mixed
    value = (used * (kernel.value - 0.5 * np.log(h))).sum(axis=0)
    return np.asarray(value), gradient, second


def _sums(weights: FloatArray, paths: FloatArray) -> FloatArray:
    """Sum paths (T, i, n) with weights (T, n) over time, shape (n, i)."""
    return np.asarray(np.einsum("tn,tin->ni", weights, paths))


def _products(weights: FloatArray, paths: FloatArray, others: FloatArray) -> FloatArray:
    """Sum products of paths (T, i, n) and others (T, j, n) with weights (T, n), shape (n, i, j)."""
    left = (weights[:, None] * paths).transpose(2, 1, 0)
    return np.asarray(np.ascontiguousarray(left) @ np.ascontiguousarray(others.transpose(2, 0, 1)))


def _later(path: FloatArray, first: FloatArray | float = 0.0) -> FloatArray:
    """Return a path a session later, with what stands before its first session."""
    moved = np.empty_like(path)
    moved[0], moved[1:] = first, path[:-1]
    return moved


def _accumulated(path: FloatArray, b: FloatArray) -> FloatArray:
    """Return ``p_t = path_t + b p_t-1``, in place."""
    for now, last in zip(path[1:], path[:-1], strict=True):
        now += b * last
    return path


def _paths(series: GarchSeries, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return errors and variances, shapes (T, n)."""
    alpha, beta, omega, a, b = parameters.T[:5]
    e = series.used * (series.y - alpha - beta * series.x)
    news = omega + a * _later(e**2, series.before)
    news[0] += b * series.before
    return e, _accumulated(news, b)


def _first_of_variance(
    series: GarchSeries, e: FloatArray, h: FloatArray, a: FloatArray, b: FloatArray
) -> FloatArray:
    """Return the derivatives of ``h_t`` by alpha, beta, omega, a and b, shape (T, 5, n)."""
    moves = -2.0 * a * _later(e)
    news = (moves, moves * _later(series.x), np.ones_like(e), _later(e**2, series.before))
    return _accumulated(np.stack([*news, _later(h, series.before)], axis=1), b)


def _second_of_variance(
    series: GarchSeries, e: FloatArray, first: FloatArray, a: FloatArray, b: FloatArray
) -> dict[tuple[int, int], FloatArray]:
    """Return the second derivatives of ``h_t`` that are not 0, (T, n) each, by parameters."""
    x, moves, last = _later(series.x), -2.0 * _later(e), _later(first)
    news = {
        (0, 0): 2.0 * a * _later(np.ones_like(e)),
        (0, 1): 2.0 * a * x,
        (1, 1): 2.0 * a * x**2,
        (0, 3): moves,
        (1, 3): moves * x,
        (0, 4): last[:, 0],
        (1, 4): last[:, 1],
        (2, 4): last[:, 2],
        (3, 4): last[:, 3],
        (4, 4): 2.0 * last[:, 4],
    }
    paths = _accumulated(np.stack(list(news.values()), axis=1), b)
    return {places: paths[:, at] for at, places in enumerate(news)}


@dataclass(frozen=True)
class _Kernel:
    """The logarithm of the density of ``z`` with unit variance at ``q = z^2``, and its derivatives.

    By ``q``, and by the shape ``1/nu`` where the errors have one.
    """

    value: FloatArray
    q: FloatArray
    qq: FloatArray
    shape: FloatArray
    q_shape: FloatArray
    shape_shape: FloatArray


def _normal(q: FloatArray) -> _Kernel:
    none = np.zeros_like(q)
    return _Kernel(-0.5 * (np.log(2 * np.pi) + q), none - 0.5, none, none, none, none)


def _student(q: FloatArray, shape: FloatArray) -> _Kernel:
    """Return the kernel of Student's t; ``shape`` is ``1/nu``."""
    nu = 1.0 / shape
    free = nu - 2.0
    wide, power = free + q, 0.5 * (nu + 1.0)
    log_tail, ratio = np.log1p(q / free), q / (free * wide)
    constant = gammaln(power) - gammaln(nu / 2) - 0.5 * np.log(np.pi * free)
    by_nu = 0.5 * (digamma(power) - digamma(nu / 2) - 1.0 / free) - 0.5 * log_tail + power * ratio
    trigamma = 0.25 * (polygamma(1, power) - polygamma(1, nu / 2)) + 0.5 / free**2
    by_nu_twice = trigamma + ratio - power * ratio * (free + wide) / (free * wide)
    return _Kernel(
        value=constant - power * log_tail,
        q=-power / wide,
        qq=power / wide**2,
        shape=-by_nu * nu**2,
        q_shape=0.5 * (q - 3.0) / wide**2 * nu**2,
        shape_shape=by_nu_twice * nu**4 + 2.0 * by_nu * nu**3,
    )


def _kernel(q: FloatArray, parameters: FloatArray) -> _Kernel:
    return _normal(q) if parameters.shape[1] == SHAPE else _student(q, parameters[:, SHAPE])
