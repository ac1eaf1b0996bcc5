"""`left_out_ar1`: blocks of estimation sessions left out of a fit whose noise is autocorrelated."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy._typing import FloatArray
from eventstudy.numerics.autocorrelation import precision, weighted
from eventstudy.numerics.kernels import rolling_sum, solve_symmetric


def left_out_ar1(
    residuals: FloatArray, root: FloatArray, length: int, rho: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ``c_w``, ``v_w`` and what each block explains, as `left_out.LeftOut` has them; shape (n, P).

    Parameters
    ----------
    residuals
        Of generalised least squares, shape (n, L1); NaN = not used.
    root
        ``Q`` with ``Q' Omega^-1 Q = I``, shape (n, L1, r).
    rho
        First-order autocorrelation, at which the fit without the block stays, shape (n,).

    Notes
    -----
    With ``W = Omega^-1`` and, over the block, ``B = (W Q)_B``, ``u = (W e)_B``, ``P = W_BB`` and
    ``K = I - B' P^-1 B``, the fit without the block adds ``Q_B K^-1 B' P^-1 u`` to its residuals (the inverse
    of a partitioned matrix) and takes ``u' (P - B B')^-1 u`` off the sum of squares;
    ``v_w = 1' Omega_BB 1 + 1'Q_B K^-1 Q_B' 1``.
    """
    used = np.isfinite(residuals)
    known_rho = np.where(np.isfinite(rho), rho, 0.0)
    plain = rolling_sum(residuals, length)
    if not plain.shape[1]:
        return plain, plain, plain
    diagonal, link, _ = precision(used, known_rho)
    e, q = np.where(used, residuals, 0.0), np.where(used[:, :, None], root, 0.0)
    loaded = weighted(np.concatenate([q, e[:, :, None]], axis=2), used, known_rho)
    blocks = [sliding_window_view(each, length, axis=1) for each in (loaded, diagonal, link)]
    right = np.moveaxis(blocks[0], 3, 0)  # (L, n, P, r + 1)
    solved = _tridiagonal(np.moveaxis(blocks[1], 2, 0), np.moveaxis(blocks[2], 2, 0), right)
    products = np.einsum("lnpr,lnps->rsnp", right, solved)
    r = q.shape[2]
    kept = np.eye(r)[:, :, None, None] - products[:r, :r]
    sums = np.moveaxis(rolling_sum(q, length), 2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift, spread = solve_symmetric(kept, products[:r, r]), solve_symmetric(kept, sums)
        whole = np.where(np.isfinite(plain), 1.0, np.nan)
        own = np.full((len(e), 1), float(length)) + 2 * sum(
            (length - lag) * known_rho[:, None] ** lag for lag in range(1, length)
        )
        return (
            plain + np.einsum("rnp,rnp->np", sums, shift),
            whole * (own + np.einsum("rnp,rnp->np", sums, spread)),
            whole * (products[r, r] + np.einsum("rnp,rnp->np", products[:r, r], shift)),
        )


def _tridiagonal(diagonal: FloatArray, link: FloatArray, right: FloatArray) -> FloatArray:
    """Solve symmetric tridiagonal systems by elimination over the first axis.

    Parameters
    ----------
    diagonal, link
        Shape (L, ...); ``link[l]`` joins l to l - 1, and ``link[0]`` is not read.
    right
        Shape (L, ..., s).
    """
    solved, pivot = np.array(right), np.array(diagonal)
    pivot[pivot == 0] = 1.0  # of sessions that are not used, whose blocks have no figure
    for at in range(1, len(pivot)):
        ratio = link[at] / pivot[at - 1]
        pivot[at] -= ratio * link[at]
        solved[at] -= ratio[..., None] * solved[at - 1]
    solved[-1] /= pivot[-1][..., None]
    for at in reversed(range(len(pivot) - 1)):
        solved[at] = (solved[at] - link[at + 1][..., None] * solved[at + 1]) / pivot[at][..., None]
    return solved
