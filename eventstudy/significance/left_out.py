"""`left_out`: the CAR of every block of estimation sessions, forecast by a fit without the block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.kernels import rolling_sum, solve_symmetric


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
    """

    car: FloatArray
    variance: FloatArray
    explained: FloatArray
    length: int
    observations: IntArray | None = None

    def sigma(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``s_w``, the residual standard deviation of the fit without each block; NaN without freedom.

        Parameters
        ----------
        sigma, df
            Of the fits with all sessions, shape (n,).
        """
        left = df[:, None] - (self.length if self.observations is None else self.observations)
        freedom = np.where(left > 0, left, np.nan)
        with np.errstate(invalid="ignore"):
            return np.sqrt(((df * sigma**2)[:, None] - self.explained) / freedom)

    def studentised(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``c_w / (s_w sqrt(v_w))``, what the event's ``CAR / se`` is compared with."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.car / (self.sigma(sigma, df) * np.sqrt(self.variance)))


def left_out(residuals: FloatArray, root: FloatArray, length: int, span: FloatArray | None = None) -> LeftOut:
    """Return every overlapping block of ``length`` estimation sessions, each left out of its own fit.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).
    span
        Sessions that the return behind each residual covers, shape (n, L1), where the residuals and ``Q`` are
        those of returns over its root. A block is one whose sessions returns cover that lie inside it. None =
        one session each.

    Notes
    -----
    With ``H = Q_B Q_B'`` of block B and ``A = (I - H)^-1`` its CAR is ``1'A e_B``, its variance ``1'A 1`` and
    what it explains ``e_B'A e_B``. ``A = I + Q_B (I - Q_B'Q_B)^-1 Q_B'`` (Woodbury), so that
    only r x r systems are solved and nothing is fitted anew. With spans the CAR is ``u'A e_B`` and its
    variance ``u'A u``, ``u`` their roots.
    """
    if span is not None:
        return _left_out_of_spans(residuals, root, length, span)
    return _left_out(residuals, root, length, np.ones((1, 1)))


def _left_out(residuals: FloatArray, root: FloatArray, length: int, weight: FloatArray) -> LeftOut:
    """Return every block, the residuals of its CAR weighted; ``weight`` is of shape (n, L1) or (1, 1)."""
    weighted = residuals if weight.size == 1 else residuals * weight
    plain, squares = rolling_sum(weighted, length), rolling_sum(residuals**2, length)
    r = root.shape[2]
    if r == 0:
        return LeftOut(plain, np.where(np.isfinite(plain), float(length), np.nan), squares, length)
    q = np.ascontiguousarray(np.moveaxis(root, 2, 0))
    one, two = np.triu_indices(r)
    products = np.concatenate([q if weight.size == 1 else q * weight, q * residuals, q[one] * q[two]])
    totals = rolling_sum(products.reshape(-1, q.shape[2]), length).reshape(len(products), *plain.shape)
    sums, fitted = totals[:r], totals[r : 2 * r]
    kept = np.empty((r, r, *plain.shape))
    kept[one, two] = kept[two, one] = -totals[2 * r :]
    kept[np.arange(r), np.arange(r)] += 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        of_ones, of_residuals = solve_symmetric(kept, sums), solve_symmetric(kept, fitted)
        return LeftOut(
            car=plain + np.einsum("rnw,rnw->nw", of_ones, fitted),
            variance=length + np.einsum("rnw,rnw->nw", of_ones, sums),
            explained=squares + np.einsum("rnw,rnw->nw", of_residuals, fitted),
            length=length,
        )


def _left_out_of_spans(residuals: FloatArray, root: FloatArray, length: int, span: FloatArray) -> LeftOut:
    """Return the blocks that returns of several sessions fill, NaN elsewhere."""
    used = np.isfinite(residuals)
    blocks = _left_out(
        np.where(used, residuals, 0.0),
        np.where(used[:, :, None], root, 0.0),
        length,
        np.where(used, np.sqrt(span), 0.0),
    )
    whole = filled_blocks(np.where(used, span, 0).astype(np.int64), length)
    car, variance, explained = (
        np.where(whole, values, np.nan) for values in (blocks.car, blocks.variance, blocks.explained)
    )
    return LeftOut(car, variance, explained, length, np.asarray(rolling_sum(used.astype(np.int64), length)))


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
