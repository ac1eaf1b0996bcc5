"""`left_out`: the CAR of every block of estimation sessions, forecast by a fit without the block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.numerics.kernels import rolling_sum, solve_symmetric
from eventstudy.significance.left_out_ar1 import left_out_ar1


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
    """

    car: FloatArray
    variance: FloatArray
    explained: FloatArray
    length: int

    def sigma(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``s_w``, the residual standard deviation of the fit without each block; NaN without freedom.

        Parameters
        ----------
        sigma, df
            Of the fits with all sessions, shape (n,): the residual deviation and its own degrees of freedom.
        """
        freedom = np.where(df > self.length, df - self.length, np.nan)[:, None]
        with np.errstate(invalid="ignore"):
            return np.sqrt(((df * sigma**2)[:, None] - self.explained) / freedom)

    def studentised(self, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return ``c_w / (s_w sqrt(v_w))``, what the event's ``CAR / se`` is compared with."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.car / (self.sigma(sigma, df) * np.sqrt(self.variance)))


def left_out(residuals: FloatArray, root: FloatArray, length: int, rho: FloatArray | None = None) -> LeftOut:
    """Return every overlapping block of ``length`` estimation sessions, each left out of its own fit.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).
    rho
        First-order autocorrelation of the noise, shape (n,); then ``Q`` and the blocks are those of
        `left_out_ar1`. None: the sessions are independent.

    Notes
    -----
    With ``H = Q_B Q_B'`` of block B and ``A = (I - H)^-1`` its CAR is ``1'A e_B``, its variance ``1'A 1`` and
    what it explains ``e_B'A e_B``. ``A = I + Q_B (I - Q_B'Q_B)^-1 Q_B'`` (Woodbury), so that
    only r x r systems are solved and nothing is fitted anew.
    """
    if rho is not None:
        return LeftOut(*left_out_ar1(residuals, root, length, rho), length)
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
