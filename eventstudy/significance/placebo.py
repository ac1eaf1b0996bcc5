"""Placebo ranks: a CAR among those of the estimation window (sample quantiles)."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.kernels import rank_pvalue, rolling_sum, solve_symmetric
from eventstudy.significance.result import SignificanceTest

#: Up to this length a placebo CAR is a sum of residuals. Beyond, sums of residuals reject 7 % at nominal 5 %,
#: so each placebo window is forecast from a fit without it.
IN_SAMPLE_LENGTH = 5


def placebo_cars(residuals: FloatArray, root: FloatArray, length: int) -> FloatArray:
    """Return the CAR of every overlapping placebo window of ``length`` sessions inside the estimation window.

    Parameters
    ----------
    residuals
        Shape (n, L1), decimal; NaN = not used. Windows that contain one are NaN.
    root
        Orthonormal basis ``Q`` of the regressors over the estimation window, shape (n, L1, r).

    Returns
    -------
    FloatArray
        Shape (n, L1 - length + 1).
    """
    if length <= IN_SAMPLE_LENGTH:
        return rolling_sum(residuals, length)
    return block_forecasts(residuals, root, length)[0]


def block_forecasts(residuals: FloatArray, root: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Return the CAR of every block of ``length`` sessions from a fit without it, and its variance over s^2.

    Arguments and shapes as of `placebo_cars`. The variance corresponds to ``1'(I + G G')1`` of the event's
    CAR.

    Notes
    -----
    Leaving block B out of the fit turns its residuals into ``(I - Q_B Q_B')^-1 e_B``. With ``S = Q_B'1``
    and ``y = (I - Q_B'Q_B)^-1 S`` its CAR is ``1'e_B + y'Q_B'e_B`` and its variance ``L + y'S`` (Woodbury),
    without a new fit.
    """
    plain = rolling_sum(residuals, length)
    r = root.shape[2]
    if r == 0:
        return plain, np.where(np.isfinite(plain), float(length), np.nan)
    q = np.ascontiguousarray(np.moveaxis(root, 2, 0))
    one, two = np.triu_indices(r)
    products = np.concatenate([q, q * residuals, q[one] * q[two]])
    totals = rolling_sum(products.reshape(-1, q.shape[2]), length).reshape(len(products), *plain.shape)
    sums, fitted = totals[:r], totals[r : 2 * r]
    kept = np.empty((r, r, *plain.shape))
    kept[one, two] = kept[two, one] = -totals[2 * r :]
    kept[np.arange(r), np.arange(r)] += 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = solve_symmetric(kept, sums)
        car: FloatArray = plain + np.einsum("rnw,rnw->nw", weights, fitted)
        variance: FloatArray = length + np.einsum("rnw,rnw->nw", weights, sums)
        return car, variance


def placebo(car: FloatArray, placebos: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the rank p-value of ``|CAR|`` among placebo CARs, and how many there were; shape (n,)."""
    return rank_pvalue(np.abs(car), np.abs(placebos))


PLACEBO = SignificanceTest(
    function=placebo,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("fat tails",),
    summary="Rank of `|CAR|` among the CARs of the estimation window.",
    null="the event's CAR has the distribution of those in the estimation window",
    formulas=(r"p = (1 + \#\{|c_j| \ge |CAR|\}) / (1 + n)",),
    notes="""`c_j` are the CARs of the `n` complete windows of the same length inside the estimation window;
    two-sided. Needs no normality; robust to fat tails, not to event-induced variance.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht006""",
)
