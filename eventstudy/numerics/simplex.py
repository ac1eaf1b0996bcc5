"""Least squares with weights that are not negative and sum to 1: the point of a hull nearest to another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray

#: Share of the residual's length by which a weight or a gradient may be off: 1e-12 is beyond what any use of
#: the weights can tell, and within reach of float64, since the face is solved by orthogonalisation.
TOLERANCE = 1e-12
CANDIDATES = 250  #: columns that join the problem at once; few of thousands ever have a weight
MOST_ROUNDS = 1_000  #: each lowers the residual, so that hundreds are beyond any problem met


class SimplexFit(NamedTuple):
    """Weights of the columns, shape (D,), which of them are positive, ascending, and the residual, (T,)."""

    weights: FloatArray
    positive: IntArray
    residual: FloatArray


def simplex_least_squares(y: FloatArray, columns: FloatArray) -> SimplexFit:
    """Return the ``w >= 0`` with ``1'w = 1`` that minimise ``|y - D w|^2``, exactly.

    Parameters
    ----------
    y, columns
        Shapes (T,) and (T, D), finite; D is at least 1.

    Raises
    ------
    ArithmeticError
        No face passes the test of optimality, which rounding alone can cause.

    Notes
    -----
    With ``P = D - y 1'`` the weights are the nearest point of a hull to the origin, and proportional to the
    solution of the non-negative least squares ``min |P u|^2 + (1'u - 1)^2, u >= 0`` (the minimum over the
    length of ``u`` is monotone in ``|P w|^2``), of which an active-set method finds the positive columns. On
    their face the problem has no inequality and is solved by orthogonalisation. Columns join by their
    gradients, ``CANDIDATES`` at a time, until no column lowers the residual (Karush, Kuhn and Tucker).

    References
    ----------
    Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23, Prentice-Hall.
    """
    points = columns - y[:, None]
    sizes = np.einsum("td,td->d", points, points)
    chosen = np.sort(np.argsort(sizes, kind="stable")[:CANDIDATES])
    scale = float(np.sqrt(sizes.max())) or 1.0
    for _ in range(MOST_ROUNDS):
        face, weights = _on_candidates(points, chosen, scale)
        residual = points[:, face] @ weights
        gradient = residual @ points
        lowest = float(residual @ residual)
        gain = lowest - gradient  # of a step from the solution to each column
        gain[face] = 0.0
        better = np.flatnonzero(gain > TOLERANCE * scale * scale)
        better = better[~np.isin(better, chosen)]
        if not better.size:
            whole = np.zeros(columns.shape[1])
            whole[face] = weights
            return SimplexFit(whole, face, -residual)
        joining = better[np.argsort(-gain[better], kind="stable")[:CANDIDATES]]
        chosen = np.sort(np.concatenate([face, joining]))
    raise ArithmeticError("the weights were not found")


def _on_candidates(points: FloatArray, chosen: IntArray, scale: float) -> tuple[IntArray, FloatArray]:
    """Return the face of the nearest point of the hull of some columns, and its weights, all positive."""
    from scipy.optimize import nnls

    system = np.vstack([points[:, chosen] / scale, np.ones(len(chosen))])
    target = np.zeros(len(system))
    target[-1] = 1.0
    face = chosen[nnls(system, target)[0] > 0]
    while True:
        weights = _on_face(points[:, face])
        if weights.min() > TOLERANCE or len(face) == 1:
            return face, weights
        face = np.delete(face, int(np.argmin(weights)))


def _on_face(points: FloatArray) -> FloatArray:
    """Return the weights that sum to 1 of the smallest combination of points, shape (T, S), without signs."""
    last = points[:, -1]
    free = np.linalg.lstsq(points[:, :-1] - last[:, None], -last, rcond=None)[0]
    return np.append(free, 1.0 - free.sum())
