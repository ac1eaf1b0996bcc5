"""Vectorised array arithmetic: batched least squares, ranks, cumulation.

Axis 0 is the firm-event. NaN means "no usable return" and never enters a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray

#: Regressors are collinear where the smallest eigenvalue of their correlations is below this, and constant
#: where they vary by less than this share of their size: beyond, float64 keeps fewer than four digits.
COLLINEAR = 1e-12
WHOLE = 1e-9  #: a share of some thousands, such as 10 % of 260, is off its whole number by far less


@dataclass(frozen=True)
class LeastSquares:
    """N regressions of ``y`` on a constant and ``q`` regressors, ``k = q + 1``.

    Attributes
    ----------
    coefficients, std_errors
        Shape (N, k), the constant first.
    residuals
        Shape (N, T); NaN where the observation was not used.
    n, total, df
        Observations used, the sessions they cover, and ``n - k``; shape (N,).
    sigma
        Residual standard deviation ``sqrt(sum e^2 / (n - k))``, shape (N,).
    rsquared
        Shape (N,); NaN where ``y`` is constant.
    centre, root
        Shapes (N, q) and (N, q, q): the regressors' means and a matrix ``C`` with ``C C' = (Z'Z)^-1`` for the
        centred regressors ``Z``, from which every forecast variance follows.
    singular
        Shape (N,): the regressors are collinear or constant; all numbers of that row are NaN.
    """

    coefficients: FloatArray
    std_errors: FloatArray
    residuals: FloatArray
    n: IntArray
    total: FloatArray | IntArray
    df: IntArray
    sigma: FloatArray
    rsquared: FloatArray
    centre: FloatArray
    root: FloatArray
    singular: BoolArray

    def leverage_root(self, x: FloatArray, span: FloatArray | float = 1.0) -> FloatArray:
        """Return ``G`` of shape (N, S, k) with ``G G' = X* (X'X)^-1 X*'`` for new regressors.

        Parameters
        ----------
        x
            Shape (N, S, q).
        span
            Value of the constant, shape (N, S): 1, or the number of sessions a lumped return spans.
        """
        constant = np.asarray(span, dtype=float)[..., None]
        root = np.empty((*x.shape[:2], 1 + x.shape[2]))
        with np.errstate(invalid="ignore", divide="ignore"):
            root[:, :, :1] = constant / np.sqrt(self.total)[:, None, None]
        root[:, :, 1:] = (x - constant * self.centre[:, None, :]) @ self.root
        return root


def least_squares(y: FloatArray, x: FloatArray, span: FloatArray | None = None) -> LeastSquares:
    """Fit N regressions with a constant at once, each on its own usable observations.

    Normal equations on centred and scaled regressors: with the constant swept out and every column of unit
    length the condition number is that of the regressors' correlations.

    Parameters
    ----------
    y
        Shape (N, T), decimal; NaN = not usable.
    x
        Shape (N, T, q), decimal; an observation with any NaN is not used. ``q`` may be 0.
    span
        Value of the constant, shape (N, T), and at once the variance of each observation over ``sigma^2``:
        the sessions that a return covers. Residuals, and the sums of squares, are those of ``y`` over its
        root: weighted least squares. None = 1.
    """
    q, usable = x.shape[2], np.isfinite(y)
    for k in range(q):
        usable &= np.isfinite(x[:, :, k])
    n = total = usable.sum(axis=1)
    weight = None if span is None else np.where(usable, span, 0.0)
    if span is not None and weight is not None:
        y, x, total = y / span, x / span[:, :, None], weight.sum(axis=1)
    y, x = np.where(usable, y, 0.0), np.where(usable[:, :, None], x, 0.0)

    def weighted(values: FloatArray, power: float = 1.0) -> FloatArray:
        if weight is None:
            return values
        factor = weight**power
        return values * (factor if values.ndim == 2 else factor[:, :, None])

    def centred(values: FloatArray, mean: FloatArray) -> FloatArray:
        values = values - mean
        np.copyto(values, 0.0, where=~usable if values.ndim == 2 else ~usable[:, :, None])
        return weighted(values, 0.5)

    with np.errstate(invalid="ignore", divide="ignore"):
        y_mean = weighted(y).sum(axis=1) / total
        centre = weighted(x).sum(axis=1) / total[:, None]
        y_centred, z = centred(y, y_mean[:, None]), centred(x, centre[:, None, :])
        root, singular = _inverse_root(z, np.sqrt(np.einsum("ntq,ntq->nq", x, weighted(x))))
        singular |= n <= q + 1
        slopes, residuals = np.zeros(centre.shape), y_centred
        for _ in range(2):  # the second takes in what rounding left of the correlations: as exact as QR
            step = _apply(root, _apply(root.transpose(0, 2, 1), np.einsum("ntq,nt->nq", z, residuals)))
            slopes, residuals = slopes + step, residuals - _apply(z, step)
        rss = np.einsum("nt,nt->n", residuals, residuals)
        tss = np.einsum("nt,nt->n", y_centred, y_centred)
        df = n - q - 1
        sigma = np.sqrt(rss / np.where(df > 0, df, np.nan))
        slope_variance = np.einsum("nqr,nqr->nq", root, root)
        const_root = np.einsum("nq,nqr->nr", centre, root)
        const_variance = 1.0 / total + np.einsum("nr,nr->n", const_root, const_root)
        std_errors = sigma[:, None] * np.sqrt(np.column_stack([const_variance, slope_variance]))
        rsquared = 1.0 - rss / np.where(tss > 0, tss, np.nan)
    const = y_mean - np.einsum("nq,nq->n", centre, slopes)
    blank = np.where(singular, np.nan, 1.0)
    return LeastSquares(
        coefficients=np.column_stack([const, slopes]) * blank[:, None],
        std_errors=std_errors * blank[:, None],
        residuals=np.where(usable & ~singular[:, None], residuals, np.nan),
        n=n,
        total=total,
        df=df,
        sigma=sigma * blank,
        rsquared=rsquared * blank,
        centre=centre,
        root=root,
        singular=singular,
    )


def _apply(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nij,nj->ni", matrices, vectors))


def _inverse_root(z: FloatArray, size: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return ``C`` with ``C C' = (Z'Z)^-1`` per row and which rows have none.

    Parameters
    ----------
    z, size
        Centred regressors, shape (N, T, q), and their lengths before they were centred, shape (N, q).
    """
    n, _, q = z.shape
    length = np.sqrt(np.einsum("ntq,ntq->nq", z, z))
    singular = (length <= COLLINEAR * size).any(axis=1) | ~np.isfinite(length).all(axis=1)
    scale = np.where(singular[:, None], 1.0, length)
    values, vectors = np.ones((n, q)), np.ones((n, q, q))
    if q > 1:
        unit = z / scale[:, None, :]
        correlation = np.where(singular[:, None, None], np.eye(q), unit.transpose(0, 2, 1) @ unit)
        values, vectors = np.linalg.eigh(correlation)
        singular |= values.min(axis=1) < COLLINEAR
    values = np.where(singular[:, None], 1.0, values)
    return vectors / np.sqrt(values)[:, None, :] / scale[:, :, None], singular


def rolling_sum(values: FloatArray, length: int) -> FloatArray:
    """Return sums over every window of ``length`` neighbours along axis 1; see `rolling_sums`."""
    return rolling_sums(values, [length])[0]


def rolling_sums(values: FloatArray, lengths: Sequence[int]) -> list[FloatArray]:
    """Return sums over every window of neighbours along axis 1, of each length; NaN where one is missing.

    ``values`` has shape (N, T) or (N, T, ...), each sum (N, T - length + 1, ...); it is empty along axis 1
    where the window is longer than the series. Lengths share the sums over 1, 2, 4, ... neighbours.
    """
    doubled = [values]
    for size in (1 << step for step in range(1, max(lengths, default=1).bit_length())):
        doubled.append(doubled[-1][:, : -size // 2] + doubled[-1][:, size // 2 :])
    return [_of_powers(doubled, length) for length in lengths]


def _of_powers(doubled: Sequence[FloatArray], length: int) -> FloatArray:
    """Return sums over ``length`` neighbours from those over 1, 2, 4, ..."""
    values = doubled[0]
    count = values.shape[1] - length + 1
    if count <= 0:
        return np.empty((values.shape[0], 0, *values.shape[2:]))
    total: FloatArray | None = None
    done = 0
    for step, sums in enumerate(doubled):
        if length >> step & 1:
            part = sums[:, done : done + count]
            total = part.copy() if total is None else np.add(total, part, out=total)
            done += 1 << step
    return np.asarray(total)


def solve_symmetric(a: FloatArray, b: FloatArray) -> FloatArray:
    """Solve many small systems by elimination over the leading axes, without exchanging rows.

    That suits symmetric positive definite ones, and others as near to the identity as what a block leaves.

    Parameters
    ----------
    a, b
        Shapes (k, k, ...) and (k, ...): the system's axes first, the batch last.

    Returns
    -------
    FloatArray
        Shape (k, ...); NaN where the input is NaN.
    """
    a, b = a.copy(), b.copy()
    k = len(b)
    for pivot in range(k):
        for row in range(pivot + 1, k):
            ratio = a[row, pivot] / a[pivot, pivot]
            a[row, pivot:] -= ratio * a[pivot, pivot:]
            b[row] -= ratio * b[pivot]
    for pivot in reversed(range(k)):
        for column in range(pivot + 1, k):
            b[pivot] -= a[pivot, column] * b[column]
        b[pivot] /= a[pivot, pivot]
    return b


def double_ranks(values: FloatArray) -> IntArray:
    """Return twice the mid-rank of each finite value along axis 1, 0 for NaN; shape (N, T).

    Tied values share the mean of the ranks they take; doubled, every mid-rank is a whole number.
    """
    filled = np.where(np.isfinite(values), values, np.inf)  # sorted last, and faster than NaN
    order = np.argsort(filled, axis=1)
    ordered = np.take_along_axis(filled, order, axis=1)
    same = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] < np.inf)
    tied = same.any(axis=1)
    ranks = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(2, 2 * values.shape[1] + 1, 2)[None], axis=1)
    if tied.any():
        shared = ranks[tied]
        np.put_along_axis(shared, order[tied], _shared(same[tied]), axis=1)
        ranks[tied] = shared
    return np.where(np.isfinite(values), ranks, 0)


def _shared(same: BoolArray) -> IntArray:
    """Return the doubled mid-ranks of ordered values, (n, T), from which of them equal the one before."""
    n, length = len(same), same.shape[1] + 1
    place = np.broadcast_to(np.arange(length), (n, length))
    new, final = np.ones((2, n, length), dtype=bool)
    new[:, 1:] = final[:, :-1] = ~same
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(final, place, length)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(first + last + 2)


def rank_pvalue(observed: FloatArray, reference: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return ``(1 + #{reference >= observed}) / (1 + n)`` and ``n`` per row.

    Parameters
    ----------
    observed
        Shape (N,); NaN gives NaN.
    reference
        Shape (N, R); NaN entries are left out of the count and of ``n``.
    """
    n = np.isfinite(reference).sum(axis=1)
    with np.errstate(invalid="ignore"):
        at_least = (reference >= observed[:, None]).sum(axis=1)
    return np.where(np.isfinite(observed) & (n > 0), (1.0 + at_least) / (1.0 + n), np.nan), n


def whole_part(values: Any) -> IntArray:
    """Return the largest whole numbers not above ``values``; 25.999999999 is 26, which rounding missed."""
    return np.asarray(np.floor(values + WHOLE), dtype=np.int64)


def widened(parts: Sequence[Any]) -> list[Any]:
    """Return arrays with as many columns along the last axis as the widest, new ones of zeros, NaN or ``""``.

    Coefficients that a part lacks are NaN and their names empty; an array of three axes is a root, to which
    columns of zeros add nothing.
    """
    widest = max(part.shape[-1] for part in parts) if parts[0].ndim > 1 else 0

    def wide(part: Any) -> Any:
        more = widest - part.shape[-1]
        fill = "" if part.dtype == object else 0 if part.ndim > 2 else np.nan
        return np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, more)], constant_values=fill)

    return [part if part.ndim < 2 or part.shape[-1] == widest else wide(part) for part in parts]
