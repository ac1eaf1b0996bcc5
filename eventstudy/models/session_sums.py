"""Least squares with every session of a series as day 0, from sums over windows that move along it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.models.estimation import Specification
from eventstudy.models.ols import estimate_ols
from eventstudy.numerics.kernels import rolling_sum, solve_symmetric
from eventstudy.panel.left_out import MASK_REACH
from eventstudy.panel.panel import sample

#: Of a sum of squares, what must be left about the mean, and of a fit: below, a difference of sums keeps
#: fewer than ten of its sixteen digits.
KEPT = 1e-6


def has_sums(spec: Specification) -> bool:
    """Tell whether fits of the specification follow from sums over sessions, the same for every day 0."""
    return (
        spec.model.estimate is estimate_ols
        and not spec.model.requires.between
        and spec.panel.own_windows is None
        and spec.design.gaps != "trade-to-trade"
        and spec.design.estimation_window.end < -MASK_REACH
    )


def statistics_by_sums(spec: Specification, events: IntArray) -> tuple[FloatArray, BoolArray]:
    """Return ``CAR / se`` with each session of S series as day 0, and the sessions that sums do not serve.

    Parameters
    ----------
    events
        One firm-event of each series.

    Returns
    -------
    tuple
        Shape (S, T, C), NaN where the window has a gap or a masked session, or too few returns are usable;
        and shape (S, T): fits that are nearly exact or collinear, and windows with a lumped return.

    Notes
    -----
    With ``S`` the cross products about the means of the estimation window, ``b = Sxx^-1 Sxy``, ``s^2 = (Syy -
    b'Sxy) / (M - k)``, and over an event window of ``L`` sessions whose regressors sum to ``x*``, ``V = L +
    L^2 / M + d' Sxx^-1 d`` with ``d = x* - L xbar``: the figures of `estimate_ols`. Values are taken about
    their mean over the series first, and sums are of terms, not differences of prefixes, so that little
    cancels.
    """
    panel, design = spec.panel, spec.design
    rows, sessions = np.arange(len(events)), len(panel.matrix.dates)
    moved, every = panel.moved(events, np.zeros(len(events), dtype=np.int64)), Window(0, sessions - 1)
    series, masked = sample(moved, rows, every, estimation=False), moved.masked(rows, every, own=True)
    values = np.concatenate(
        [np.moveaxis(series.x, 2, 0), series.y[None], (series.y + series.risk_free)[None]]
    )
    used = np.isfinite(values).all(axis=0) & ~masked
    with np.errstate(invalid="ignore", divide="ignore"):
        values = values - (np.where(used, values, 0.0).sum(axis=2) / used.sum(axis=1))[:, :, None]
        fits = _fits(np.where(used, values, 0.0), used, design.estimation_window)
        usable = fits.n >= spec.required_observations(events)[:, None]
        doubt, t = np.zeros(used.shape, dtype=bool), np.full((*used.shape, len(design.car_windows)), np.nan)
        doubt[:, fits.day0] = fits.doubt & usable
        for place, window in enumerate(design.car_windows):
            found = fits.t(_around(values[:-1], window)[:, :, fits.day0], window.length)
            masked_days = _around(masked.astype(float), window)[:, fits.day0]
            t[:, fits.day0, place] = np.where(usable & (masked_days == 0), found, np.nan)
            if design.gaps != "missing":
                lumped = panel.matrix.span[:, panel.security[events]].T > 1
                doubt |= _around(lumped.astype(float), window) > 0
    return t, doubt


def _around(values: FloatArray, window: Window) -> FloatArray:
    """Return the sum over a window around each session, along the last axis; NaN where it leaves the axis."""
    sums = np.full(values.shape, np.nan)
    flat, length = values.reshape(-1, values.shape[-1]), values.shape[-1]
    low, high = max(-window.start, 0), length - max(window.end, 0)
    if low < high:
        whole = rolling_sum(flat, window.length)[:, low + window.start : high + window.start]
        sums[..., low:high] = whole.reshape(*values.shape[:-1], -1)
    return sums


class _Fits(NamedTuple):
    """Fits of S series with m sessions as day 0, the rows ``day0``; arrays of shape (..., S, m).

    Attributes
    ----------
    n, mean
        Returns used, and the means of the q regressors and of the return, (q + 1, S, m).
    xx, slopes, sigma
        Cross products of the regressors, shape (q, q, S, m), slopes, (q, S, m), and ``s``.
    doubt
        Which fits lose too many digits.
    """

    day0: slice
    n: FloatArray
    mean: FloatArray
    xx: FloatArray
    slopes: FloatArray
    sigma: FloatArray
    doubt: BoolArray

    def t(self, sums: FloatArray, length: int) -> FloatArray:
        """Return ``CAR / se`` from the sums of regressors and return over event windows, (q + 1, S, m)."""
        beyond = sums - length * self.mean
        loaded = solve_symmetric(self.xx, beyond[:-1])
        car = beyond[-1] - (beyond[:-1] * self.slopes).sum(axis=0)
        variance = length + length**2 / self.n + (beyond[:-1] * loaded).sum(axis=0)
        return np.asarray(car / (self.sigma * np.sqrt(variance)))


def _fits(values: FloatArray, used: BoolArray, estimation: Window) -> _Fits:
    """Fit S series with every session as day 0.

    Parameters
    ----------
    values, used
        Regressors, the return and the return before the risk-free one is taken off, shape (q + 2, S, T), zero
        where not used; and which are, (S, T).
    """
    length = used.shape[1]
    first = min(-estimation.start, length)
    m, q = length - first, len(values) - 2

    def total(each: FloatArray) -> FloatArray:
        return rolling_sum(each, estimation.length)[:, :m]

    n = total(used.astype(float))
    mean = np.stack([total(each) for each in values]) / n
    size = np.stack([total(each * each) for each in values])
    own = size - n * mean**2
    about = np.empty((q + 1, q + 1, *n.shape))
    for one in range(q + 1):
        about[one, one] = own[one]
        for other in range(one):
            product = total(values[one] * values[other]) - n * mean[one] * mean[other]
            about[one, other] = about[other, one] = product
    xx, xy = about[:q, :q], about[:q, q]
    slopes = solve_symmetric(xx, xy)
    rss = own[q] - (slopes * xy).sum(axis=0)
    scale = np.sqrt(own[:q])
    doubt = (n <= q + 1) | (own <= KEPT * size).any(axis=0) | (rss <= KEPT * size[q])
    if q > 1:
        doubt |= np.linalg.det(np.moveaxis(xx / (scale[:, None] * scale), (0, 1), (-2, -1))) <= KEPT
    sigma = np.sqrt(rss / (n - q - 1))
    return _Fits(slice(first, length), n, mean[: q + 1], xx, slopes, sigma, doubt)
