"""The synthetic model: the expected return is that of a portfolio of donors fitted to the security's.

References
----------
Abadie, Diamond & Hainmueller 2010, Journal of the American Statistical Association 105, 493-505,
doi:10.1198/jasa.2009.ap08746.
Acemoglu, Johnson, Kermani, Kwak & Mitton 2016, Journal of Financial Economics 121, 368-391,
doi:10.1016/j.jfineco.2015.10.001.
"""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.design import Design
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.pool_weights import GAP, pool_weights, without_gaps
from eventstudy.models.row_fit import RowFit, stacked
from eventstudy.numerics.simplex import simplex_least_squares
from eventstudy.panel.panel import Sample
from eventstudy.panel.pool import refuse_lumps
from eventstudy.panel.requirements import Requires

#: Ten series with the security itself: with fewer the rank among the donors cannot fall to 10 %.
LEAST_DONORS = 9
SESSIONS_PER_WEIGHT = 5  #: sessions that each free weight needs


def estimate_synthetic(estimation: Sample, event: Sample) -> ModelFit:
    """Find the portfolio of donors nearest to each security over the estimation window.

    Notes
    -----
    ``w = argmin |R - D w|^2`` with ``w >= 0`` and ``1'w = 1``, without a constant, over the sessions on which
    the security has a return; donors with a gap in either window are left out. ``AR = R - D w``. With the
    positive weights held, ``k`` = their number - 1 are free: ``s^2 = sum e^2 / (M - k)`` and
    ``V = s^2 [I + Z* (Z'Z)^-1 Z*']``, ``Z`` the positive donors less the last of them. That they were chosen
    is not in the variance, so that the t is approximate. The root of the mean square, by which the effect on
    a group is weighted, is ``s sqrt((M - k) / M)``.
    """
    if estimation.pool is None or event.pool is None:
        raise ValueError("the samples have no donors")
    usable, there = np.isfinite(estimation.y), np.isfinite(event.y)
    kept = without_gaps(estimation.pool, event.pool, usable, there)
    rows, places, weights = [], [], np.full(kept.shape, np.nan)
    for number in range(len(kept)):
        one, members, at = np.array([number]), np.flatnonzero(kept[number]), np.flatnonzero(usable[number])
        before = estimation.pool.returns(one, members)[0, at]
        after = event.pool.returns(one, members)[0]
        row = RowFit(f"the synthetic model needs {LEAST_DONORS} donors without gaps, and has {len(members)}")
        if len(members) >= LEAST_DONORS:
            row = fit_portfolio(estimation.y[number, at], before, after)
        weights[number, members] = row.weights
        rows.append(row)
        places.append(at)
    listed = pool_weights(estimation.pool.pool, kept, weights, GAP)
    return stacked(rows, places, listed, estimation, event)


def fit_portfolio(y: FloatArray, before: FloatArray, after: FloatArray) -> RowFit:
    """Return the portfolio nearest to ``y``, shape (M,), and its returns ``after``.

    Parameters
    ----------
    before, after
        Donors on the sessions of ``y`` and of the event window, shapes (M, D) and (L, D).
    """
    sessions = len(y)
    if not sessions:
        return RowFit("no estimation session has a return")
    try:
        fit = simplex_least_squares(y, before)
    except (ArithmeticError, RuntimeError, np.linalg.LinAlgError):
        return RowFit("the donors' weights were not found")
    face = fit.positive
    free = len(face) - 1
    if sessions < SESSIONS_PER_WEIGHT * free:
        need = f"{SESSIONS_PER_WEIGHT * free} estimation returns"
        return RowFit(f"{free + 1} donors have a weight, which need {need}, and {sessions} are usable")
    basis, upper = np.linalg.qr(before[:, face[:-1]] - before[:, face[-1:]])
    ahead = after[:, face[:-1]] - after[:, face[-1:]]
    squares, spread = float(fit.residual @ fit.residual), y - y.mean()
    total = float(spread @ spread)
    return RowFit(
        residuals=fit.residual,
        expected=after[:, face] @ fit.weights[face],
        root=np.linalg.solve(upper.T, ahead.T).T if free else np.empty((len(after), 0)),
        estimation_root=basis if free else np.empty((sessions, 0)),
        sigma=float(np.sqrt(squares / (sessions - free))),
        df=float(sessions - free),
        rsquared=1.0 - squares / total if total > 0 else np.nan,
        weights=fit.weights,
    )


def _configured(design: Design) -> NormalReturnModel:
    refuse_lumps(design, SYNTHETIC.name)
    return SYNTHETIC


SYNTHETIC = NormalReturnModel(
    "synthetic",
    "sum_j w_j R_j, w_j >= 0, sum_j w_j = 1",
    "Abadie et al. 2010; Acemoglu et al. 2016",
    estimate_synthetic,
    Requires(pool="donors"),
    k=0,
    configured=_configured,
    slow=True,
)
