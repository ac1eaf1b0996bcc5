"""`left_out`: the CAR of every block of estimation sessions, forecast by a fit without the block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.kernels import rolling_sum, rolling_sums, solve_symmetric
from eventstudy.numerics.pairs import upper_triangle
from eventstudy.significance.left_out_ar1 import left_out_ar1
from eventstudy.significance.past_sessions import PLAIN, PastSessions

IN_CACHE = 96  #: firm-events times rows of their systems per step: enough to vectorise, and bounds the memory


@dataclass(frozen=True)
class LeftOut:
    """Blocks of ``length`` consecutive estimation sessions of n firm-events, each left out of its own fit.

    Attributes
    ----------
    car
        ``c_w``, the CAR of each block from a fit without it, shape (n, L1 - length + 1), decimal; NaN where a
        session of the block was not used.
    variance
        ``v_w``, its forecast variance over ``s_w^2``, same shape; the counterpart of ``1'(D + G G')1`` of the
        event's CAR.
    explained
        ``e_w'A e_w``, what the block's sessions add to the sum of squared residuals, same shape.
    length
        Sessions in each block.
    observations
        Returns in each block, shape (n, L1 - length + 1), where some cover several sessions; None = length.
    held
        Whether the variance of each session is the model's and held, so that ``s_w`` is ``s``.
    """

    car: FloatArray
    variance: FloatArray
    explained: FloatArray
    length: int
    observations: IntArray | None = None
    held: bool = False

    def sigma(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``s_w``, the residual standard deviation of the fit without each block; NaN without freedom.

        ``s`` where the variances are held.

        Parameters
        ----------
        sigma, df
            Of the fits with all sessions, shape (n,): the residual deviation and its own degrees of freedom.
        """
        if self.held:
            return np.broadcast_to(sigma[:, None], self.car.shape)
        left = df[:, None] - (self.length if self.observations is None else self.observations)
        freedom = np.where(left > 0, left, np.nan)
        with np.errstate(invalid="ignore"):
            return np.sqrt(((df * sigma**2)[:, None] - self.explained) / freedom)

    def studentised(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``c_w / (s_w sqrt(v_w))``, what the event's ``CAR / se`` is compared with."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.car / (self.sigma(sigma, df) * np.sqrt(self.variance)))


def left_out(residuals: FloatArray, root: FloatArray, length: int, past: PastSessions = PLAIN) -> LeftOut:
    """Return the blocks of one length; see `left_out_each`."""
    return left_out_each(residuals, root, [length], past)[length]


def left_out_each(
    residuals: FloatArray, root: FloatArray, lengths: Iterable[int], past: PastSessions = PLAIN
) -> dict[int, LeftOut]:
    """Return every overlapping block of estimation sessions, each left out of its own fit, by length.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).
    past
        In what the sessions differ from independent ones of one part.

    Notes
    -----
    With ``H = Q_B Q_B'`` of block B and ``A = (I - H)^-1`` its CAR is ``1'A e_B``, its variance ``1'A 1`` and
    what it explains ``e_B'A e_B``. ``A = I + Q_B (I - Q_B'Q_B)^-1 Q_B'`` (Woodbury), so that nothing is
    fitted anew; of the two systems, of r and of ``length`` equations, the smaller is solved. With spans the
    CAR is ``u'A e_B`` and its variance ``u'A u``, ``u`` their roots.

    For ``b = (Z'X)^-1 Z'y`` with ``Z`` held, ``Q`` a basis of ``Z`` and ``P`` one of ``X`` with ``Q'P = I``:
    ``A = (I - P_B Q_B')^-1 = I + P_B K^-1 Q_B'`` with ``K = I - Q_B'P_B``, and the variance is
    ``1'D_B 1 + u'(I - Q_B'D_B Q_B) u``, ``u = K^-T P_B'1``.
    """
    lengths = tuple(dict.fromkeys(lengths))
    used, weight = np.isfinite(residuals), None
    if past.span is not None:  # a session within a return adds nothing
        residuals, root = np.where(used, residuals, 0.0), np.where(used[:, :, None], root, 0.0)
        weight = np.where(used, np.sqrt(past.span), 0.0)
    step = max(IN_CACHE // (1 + min(root.shape[2], max(lengths, default=0))), 1)
    parts = []
    for rows in (slice(start, start + step) for start in range(0, max(len(residuals), 1), step)):
        own, series = past.rows(rows), (residuals[rows], root[rows])
        if own.rho is not None:
            parts.append([left_out_ar1(*series, length, own.rho) for length in lengths])
        elif own.regressors is not None:
            parts.append([_left_out_held(*series, length, own.regressors, own.noise) for length in lengths])
        else:
            parts.append(list(_left_out(*series, lengths, None if weight is None else weight[rows])))
    joined = (
        [np.concatenate(each) for each in zip(*of_length, strict=True)]
        for of_length in zip(*parts, strict=True)
    )
    return {length: _of_whole(each, length, used, past) for length, each in zip(lengths, joined, strict=True)}


def _of_whole(figures: Sequence[FloatArray], length: int, used: BoolArray, past: PastSessions) -> LeftOut:
    """Return blocks, NaN for those across the parts of the sessions, or with part of a return."""
    car, variance, explained = figures
    if past.parts is None and past.span is None:
        return LeftOut(car, variance, explained, length, held=past.noise is not None)
    observations: IntArray | None = None
    whole: BoolArray = np.ones(car.shape, dtype=bool)
    if past.parts is not None and car.shape[1]:
        whole &= past.parts[:, : car.shape[1]] == past.parts[:, length - 1 :]
    if past.span is not None:
        whole &= filled_blocks(np.where(used, past.span, 0).astype(np.int64), length)
        observations = np.asarray(rolling_sum(used.astype(np.int64), length))
    car, variance, explained = (np.where(whole, each, np.nan) for each in (car, variance, explained))
    return LeftOut(car, variance, explained, length, observations, held=past.noise is not None)


def _left_out(
    residuals: FloatArray, root: FloatArray, lengths: Sequence[int], weight: FloatArray | None
) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Yield car, variance and explained of the blocks of some firm-events, the CAR weighted, by length."""
    r = root.shape[2]
    q = np.ascontiguousarray(np.moveaxis(root, 2, 0))
    one, two = upper_triangle(r)
    products = np.concatenate([q if weight is None else q * weight, q * residuals, q[one] * q[two]])
    longer = [length for length in lengths if r and length >= r]
    rows = products.reshape(len(products) * q.shape[1], q.shape[2])
    totals = dict(zip(longer, rolling_sums(rows, longer), strict=True))
    plains = rolling_sums(residuals if weight is None else residuals * weight, lengths)
    squared = rolling_sums(residuals**2, lengths)
    for length, plain, squares in zip(lengths, plains, squared, strict=True):
        own = np.where(np.isfinite(plain), float(length), np.nan)
        if weight is not None:
            own = rolling_sum(weight**2, length)
        if r == 0:
            yield plain, own, squares
        elif length < r:
            yield _by_sessions(residuals, root, length, weight)
        else:
            yield _by_basis(totals[length].reshape(len(products), *plain.shape), r, plain, own, squares)


def _by_basis(
    totals: FloatArray, r: int, plain: FloatArray, own: FloatArray, squares: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what `_left_out` does from sums over each block: of ``Q``, of ``Q e``, and of products of Q."""
    one, two = upper_triangle(r)
    sums, fitted = totals[:r], totals[r : 2 * r]
    kept = np.empty((r, r, *plain.shape))
    kept[one, two] = kept[two, one] = -totals[2 * r :]
    kept[np.arange(r), np.arange(r)] += 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        of_ones, of_residuals = _solved(kept, sums, fitted)
        return (
            plain + np.einsum("rnw,rnw->nw", of_ones, fitted),
            own + np.einsum("rnw,rnw->nw", of_ones, sums),
            squares + np.einsum("rnw,rnw->nw", of_residuals, fitted),
        )


def _by_sessions(
    residuals: FloatArray, root: FloatArray, length: int, weight: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Do what `_left_out` does, with ``I - H`` of the sessions of each block itself."""
    count = max(residuals.shape[1] - length + 1, 0)
    system = np.zeros((length, length, len(residuals), count))
    for shift in range(length):
        beside = -np.einsum("nlr,nlr->nl", root[:, : root.shape[1] - shift], root[:, shift:])
        for first in range(length - shift):
            part = beside[:, first : first + count]
            system[first, first + shift] = system[first + shift, first] = part + (shift == 0)
    block, ones = (
        np.stack([values[:, first : first + count] for first in range(length)])
        for values in (residuals, np.ones(residuals.shape) if weight is None else weight)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        of_ones, of_residuals = _solved(system, ones, block)
    return (of_ones * block).sum(axis=0), (of_ones * ones).sum(axis=0), (of_residuals * block).sum(axis=0)


def _solved(system: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Solve systems for two right sides, eliminating once; (2, k, ...). See `solve_symmetric`."""
    return np.moveaxis(solve_symmetric(system[:, :, None], np.stack([one, other], axis=1)), 1, 0)


def filled_blocks(span: IntArray, length: int) -> BoolArray:
    """Return which blocks of sessions are filled by returns that lie inside them, (n, L1 - length + 1).

    Parameters
    ----------
    span
        Sessions that the return which ends on a session covers, 0 where none ends, shape (n, L1).
    """
    n, sessions = span.shape
    count = max(sessions - length + 1, 0)
    row, end = np.nonzero(span)
    first = end - span[row, end] + 1
    steps = np.zeros((n, sessions + 1), dtype=np.int64)
    np.add.at(steps, (row, np.maximum(first, 0)), 1)
    np.add.at(steps, (row, end + 1), -1)
    covered = np.cumsum(np.cumsum(steps, axis=1)[:, :sessions] > 0, axis=1)
    covered = np.concatenate([np.zeros((n, 1), dtype=np.int64), covered], axis=1)
    begins = np.zeros(span.shape, dtype=bool)
    begins[row[first >= 0], first[first >= 0]] = True
    whole = covered[:, length:] - covered[:, : sessions + 1 - length] == length if count else begins[:, :0]
    return np.asarray(whole & begins[:, :count] & (span[:, sessions - count :] > 0))


def _left_out_held(
    residuals: FloatArray, q: FloatArray, length: int, p: FloatArray, noise: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what `left_out` does for a linear estimator whose instruments ``q`` are not its regressors."""
    r = q.shape[2]
    d = np.where(np.isfinite(residuals), 1.0 if noise is None else noise, np.nan)

    def summed(values: FloatArray) -> FloatArray:
        """Sum over each block, the axes of the basis first."""
        return np.moveaxis(rolling_sum(values, length), (0, 1), (-2, -1))

    kept = np.eye(r)[:, :, None, None] - summed(q[:, :, :, None] * p[:, :, None, :])
    spread = np.eye(r)[:, :, None, None] - summed(q[:, :, :, None] * q[:, :, None, :] * d[:, :, None, None])
    fitted, total = summed(q * residuals[:, :, None]), summed(p)
    plain, squares = rolling_sum(residuals, length), rolling_sum(residuals**2, length)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = solve_symmetric(kept, fitted)  # by which the fit without the block moves, in the basis P
        u = solve_symmetric(np.swapaxes(kept, 0, 1), total)
        car = plain + np.einsum("rnw,rnw->nw", total, moved)
        variance = rolling_sum(d, length) + np.einsum("rnw,rsnw,snw->nw", u, spread, u)
        there = np.isfinite(residuals)[:, :, None]
        every = np.where(there, p, 0.0)
        inner = np.einsum("nlr,nl->rn", every, np.nan_to_num(residuals))[:, :, None]
        outer = np.einsum("nlr,nls->rsn", every, every)[:, :, :, None]
        inner = inner - summed(p * residuals[:, :, None])
        outer = outer - summed(p[:, :, :, None] * p[:, :, None, :])
        explained = (
            squares
            - 2.0 * np.einsum("rnw,rnw->nw", inner, moved)
            - np.einsum("rnw,rsnw,snw->nw", moved, outer, moved)
        )
    return car, variance, explained
