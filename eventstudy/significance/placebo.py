"""Placebo ranks: a CAR among those of the estimation window (sample quantiles)."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.kernels import rank_pvalue, rolling_sum, solve_symmetric

#: Up to this length a placebo CAR is a sum of residuals; beyond, residuals read 7 % for 5 %, and each placebo
#: window is forecast from a fit without it.
IN_SAMPLE_LENGTH = 5


def placebo_cars(residuals: FloatArray, root: FloatArray, length: int) -> FloatArray:
    """Return the CAR of every overlapping placebo window of ``length`` sessions inside the estimation window.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used. Windows that hold one are NaN.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).

    Returns
    -------
    FloatArray
        Shape (n, L1 - length + 1).

    Notes
    -----
    Leaving block B out of the fit turns its residuals into ``(I - Q_B Q_B')^-1 e_B``, so its CAR is
    ``1'e_B + (1'Q_B) (I - Q_B'Q_B)^-1 Q_B'e_B`` (Woodbury): no window is fitted again.
    """
    plain = rolling_sum(residuals, length)
    r = root.shape[2]
    if length <= IN_SAMPLE_LENGTH or r == 0:
        return plain
    q = np.moveaxis(root, 2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.stack([rolling_sum(column, length) for column in q])
        fitted = np.stack([rolling_sum(column * residuals, length) for column in q])
        kept = -np.stack([[rolling_sum(one * two, length) for two in q] for one in q])
        kept[np.arange(r), np.arange(r)] += 1.0
        cars: FloatArray = plain + np.einsum("rnw,rnw->nw", sums, solve_symmetric(kept, fitted))
        return cars


def placebo(car: FloatArray, placebos: FloatArray) -> tuple[FloatArray, IntArray]:
    r"""Return the rank p-value of ``|CAR|`` among placebo CARs, and how many there were; shape (n,).

    Notes
    -----
    .. math:: p = (1 + \#\{|c_j| \ge |CAR|\}) / (1 + n)

    over the CARs ``c_j`` of the ``n`` complete windows of the same length inside the estimation window;
    two-sided. H0: the event's CAR is drawn like theirs; no normality needed, robust to fat tails, not to
    event-induced variance.

    References
    ----------
    Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541, doi:10.1093/aler/aht006.
    """
    return rank_pvalue(np.abs(car), np.abs(placebos))
