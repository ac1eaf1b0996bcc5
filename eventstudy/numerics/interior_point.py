"""Maxima of many smooth functions at once, under linear inequalities, by a primal-dual interior-point method.

References
----------
Waechter & Biegler 2006, Mathematical Programming 106, 25-57: the barrier, its updates and the step to the
boundary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray

FIRST_BARRIER = 1e-3  #: little, so that a search of several maxima stays near its start
LAST_BARRIER = 1e-10  #: what an active inequality may cost the function
SLOWER, FASTER = 0.2, 1.5  #: the next barrier: the lesser of this share of it and this power of it
SOLVED = 10.0  #: a barrier is lowered when the distance to its maximum is below this multiple of it
DECREMENT = 1e-12  #: of the function, from the last barrier's maximum, as Newton's step foretells it
TO_BOUNDARY = 0.995  #: share of the way to a boundary that a step may take
ARMIJO = 1e-4  #: share of the foretold rise that a step must bring
HALVINGS = 40  #: of a step that brings no rise
FLAT = 1e-9  #: least curvature, as a share of the largest: flatter directions are taken for this steep
ROUNDING = 1e-14  #: of a function's value, below which a rise is not seen
DUALS = 1e10  #: how far a multiplier may be from its barrier over its distance

Values = Callable[[FloatArray, IntArray], FloatArray]
Derivatives = Callable[[FloatArray, IntArray], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True)
class Inequalities:
    """``A x >= c``, the same for every function: shapes (m, k) and (m,)."""

    normals: FloatArray
    least: FloatArray

    def distances(self, x: FloatArray) -> FloatArray:
        """Return ``A x - c`` of each row, shape (n, m)."""
        return np.asarray(x @ self.normals.T - self.least)


def maxima(
    values: Values,
    derivatives: Derivatives,
    start: FloatArray,
    inside: Inequalities,
    most_iterations: int,
) -> tuple[FloatArray, BoolArray]:
    """Climb from each start to a maximum inside the inequalities.

    Parameters
    ----------
    values, derivatives
        Of the functions at one point each, shape (m, k), and the functions' numbers, shape (m,): the values,
        shape (m,), and those with gradients (m, k) and second derivatives (m, k, k).
    start
        A point strictly inside for each function, shape (n, k).

    Returns
    -------
    The points, shape (n, k), and which of them are maxima, shape (n,); the others were not reached within the
    iterations.
    """
    x, reached = start.copy(), np.zeros(len(start), dtype=bool)
    barrier = np.full(len(start), FIRST_BARRIER)
    duals = FIRST_BARRIER / inside.distances(x)
    for _ in range(most_iterations):
        rows = np.flatnonzero(~reached)
        if not len(rows):
            break
        value, gradient, curvature = derivatives(x[rows], rows)
        distance, mu, z = inside.distances(x[rows]), barrier[rows, None], duals[rows]
        force = gradient + (mu / distance) @ inside.normals
        steep = (inside.normals.T * (z / distance)[:, None, :]) @ inside.normals - curvature
        step = _newton_step(steep, force)
        nearer = step @ inside.normals.T
        dual_step = mu / distance - z - z / distance * nearer
        rise = (step * force).sum(axis=1)
        length = _climb(values, rows, x[rows], step, _reach(distance, nearer), value, rise, mu[:, 0], inside)
        x[rows] += length[:, None] * step
        distance = inside.distances(x[rows])
        z = z + _reach(z, dual_step)[:, None] * dual_step
        duals[rows] = np.clip(z, mu / distance / DUALS, mu / distance * DUALS)
        central = np.abs(distance * duals[rows] - mu).max(axis=1)
        solved = np.maximum(rise, central) < SOLVED * mu[:, 0]
        reached[rows] = (mu[:, 0] <= LAST_BARRIER) & (rise < DECREMENT) & solved
        lower = np.maximum(np.minimum(SLOWER * mu[:, 0], mu[:, 0] ** FASTER), LAST_BARRIER)
        barrier[rows] = np.where(solved, lower, mu[:, 0])
    return x, reached


def _newton_step(steep: FloatArray, force: FloatArray) -> FloatArray:
    """Return the step uphill, with the curvature's sign where the function is not concave; shape (n, k)."""
    usable: BoolArray = np.isfinite(np.concatenate([steep, force[:, None]], axis=1)).all(axis=(1, 2))
    curvature, axes = np.linalg.eigh(np.where(usable[:, None, None], steep, np.eye(steep.shape[1])))
    curvature = np.abs(curvature)
    curvature = np.maximum(curvature, FLAT * curvature.max(axis=1, keepdims=True))
    along = np.einsum("nij,ni->nj", axes, np.where(usable[:, None], force, 0.0)) / curvature
    return np.asarray(np.einsum("nij,nj->ni", axes, along))


def _reach(distance: FloatArray, change: FloatArray) -> FloatArray:
    """Return the share of a step, at most 1, that keeps every distance positive; shape (n,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(change < 0, -TO_BOUNDARY * distance / change, 1.0)
    return np.asarray(np.minimum(share.min(axis=1), 1.0))


def _climb(
    values: Values,
    rows: IntArray,
    x: FloatArray,
    step: FloatArray,
    length: FloatArray,
    value: FloatArray,
    rise: FloatArray,
    mu: FloatArray,
    inside: Inequalities,
) -> FloatArray:
    """Halve steps until function and barrier rise; 0 where they never do. Shape (n,)."""
    start = value + mu * np.log(inside.distances(x)).sum(axis=1)
    length, open_ = length.copy(), np.arange(len(rows))
    for _ in range(HALVINGS):
        tried = x[open_] + length[open_, None] * step[open_]
        reached = values(tried, rows[open_]) + mu[open_] * np.log(inside.distances(tried)).sum(axis=1)
        asked = start[open_] + ARMIJO * length[open_] * rise[open_] - ROUNDING * np.abs(start[open_])
        open_ = open_[~(reached >= asked)]
        if not len(open_):
            return length
        length[open_] /= 2
    length[open_] = 0.0
    return length
