"""`left_out`: the CAR of every block of estimation sessions, forecast by a fit without the block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray
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
    held
        Whether the variance of each session is the model's and held, so that ``s_w`` is ``s``.
    """

    car: FloatArray
    variance: FloatArray
    explained: FloatArray
    length: int
    held: bool = False

    def sigma(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``s_w``, the residual standard deviation of the fit without each block; NaN without freedom.

        ``s`` where the variances are held.

        Parameters
        ----------
        sigma, df
            Of the fits with all sessions, shape (n,).
        """
        if self.held:
            return np.broadcast_to(sigma[:, None], self.car.shape)
        freedom = np.where(df > self.length, df - self.length, np.nan)[:, None]
        with np.errstate(invalid="ignore"):
            return np.sqrt(((df * sigma**2)[:, None] - self.explained) / freedom)

    def studentised(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``c_w / (s_w sqrt(v_w))``, what the event's ``CAR / se`` is compared with."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.car / (self.sigma(sigma, df) * np.sqrt(self.variance)))


def left_out(
    residuals: FloatArray,
    root: FloatArray,
    length: int,
    regressors: FloatArray | None = None,
    noise: FloatArray | None = None,
) -> LeftOut:
    """Return every overlapping block of ``length`` estimation sessions, each left out of its own fit.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).
    regressors, noise
        ``P`` of a fit that is not least squares, shape (n, L1, r), and the diagonal of ``D`` where the
        variance changes, shape (n, L1): `ModelFit.estimation_regressors` and `changing_noise`.

    Notes
    -----
    With ``H = Q_B Q_B'`` of block B and ``A = (I - H)^-1`` its CAR is ``1'A e_B``, its variance ``1'A 1`` and
    what it explains ``e_B'A e_B``. ``A = I + Q_B (I - Q_B'Q_B)^-1 Q_B'`` (Woodbury), so that
    only r x r systems are solved and nothing is fitted anew.

    For ``b = (Z'X)^-1 Z'y`` with ``Z`` held, ``Q`` a basis of ``Z`` and ``P`` one of ``X`` with ``Q'P = I``:
    ``A = (I - P_B Q_B')^-1 = I + P_B K^-1 Q_B'`` with ``K = I - Q_B'P_B``, and the variance is
    ``1'D_B 1 + u'(I - Q_B'D_B Q_B) u``, ``u = K^-T P_B'1``.
    """
    if regressors is not None:
        return _left_out_held(residuals, root, length, regressors, noise)
    plain, squares = rolling_sum(residuals, length), rolling_sum(residuals**2, length)
    r = root.shape[2]
    if r == 0:
        return LeftOut(plain, np.where(np.isfinite(plain), float(length), np.nan), squares, length)
    q = np.ascontiguousarray(np.moveaxis(root, 2, 0))
    one, two = np.triu_indices(r)
    products = np.concatenate([q, q * residuals, q[one] * q[two]])
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


def _left_out_held(
    residuals: FloatArray, q: FloatArray, length: int, p: FloatArray, noise: FloatArray | None
) -> LeftOut:
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
    return LeftOut(car, variance, explained, length, held=noise is not None)
