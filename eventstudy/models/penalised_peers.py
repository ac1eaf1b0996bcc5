"""Peers with penalised slopes: ridge and elastic net, the penalty chosen by cross-validation.

References
----------
Baker & Gelbach 2020, Journal of Law, Finance, and Accounting 5, 231, doi:10.2139/ssrn.3600432.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.models.model import ModelFit
from eventstudy.models.pool_weights import (
    LEAST_PEERS,
    MISSING,
    MOST_MISSING,
    pool_weights,
    seldom_missing,
    too_few,
)
from eventstudy.models.row_fit import RowFit, stacked
from eventstudy.panel.panel import Sample

FOLDS = 10  #: neighbouring sessions each, in time order
LAMBDAS = 50  #: penalties that are compared
RIDGE_PENALTIES = np.logspace(2, -4, LAMBDAS)
L1_SHARE = 0.5  #: of the elastic net
SMALLEST_SHARE = 1e-4  #: of the penalty that makes all slopes zero
TOLERANCE, MOST_STEPS = 1e-14, 1_000_000  #: of the descent, whose default loses the eighth digit

Path = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


class _Scaled(NamedTuple):
    """Regressors and returns of some sessions, standardised and about their mean."""

    x: FloatArray
    y: FloatArray
    centre: FloatArray
    spread: FloatArray
    mean: float


def estimate_ridge(estimation: Sample, event: Sample) -> ModelFit:
    """Regress on all peers with a penalty on the squares of the slopes; `fit_penalised` has the formulas."""
    return _estimate(estimation, event, _ridge_path, lambda x, y: RIDGE_PENALTIES)


def estimate_elastic_net(estimation: Sample, event: Sample) -> ModelFit:
    """Regress on all peers with a penalty on sizes and squares of the slopes; `fit_penalised`, too."""
    return _estimate(estimation, event, _elastic_net_path, _elastic_net_penalties)


def fit_penalised(
    y: FloatArray,
    before: FloatArray,
    after: FloatArray,
    path: Path,
    penalties: Callable[[FloatArray, FloatArray], FloatArray],
) -> RowFit:
    """Fit one firm-event.

    Parameters
    ----------
    y, before, after
        Security and peers on the M used sessions, and peers in the event window, shapes (M,), (M, J), (L, J).
    path
        Slopes of standardised regressors for each of the penalties, shape (J, penalties).
    penalties
        From the standardised regressors of the whole window, descending.

    Notes
    -----
    ``min (1/2M) |y - Xw|^2 + lambda (rho |w|_1 + (1 - rho)/2 |w|^2)``, the columns of ``X`` of mean 0 and
    variance 1 (ddof 0). Ten folds of neighbouring sessions are left out one after the other, standardised by
    the sessions in the fit; ``lambda`` has the least mean squared out-of-fold error, the larger of two. The
    residuals are the out-of-fold errors and ``s`` the root of their mean square, since residuals of the fit
    itself are too small; the degrees of freedom are ``M - 1 - df(lambda)``, those of the t approximate.
    """
    sessions = len(y)
    whole = _scaled(y, before)
    if (whole.spread <= 0).any():
        return RowFit("the regressors are constant or collinear over the estimation window")
    tried = penalties(whole.x, whole.y)
    errors, folds = np.empty((sessions, len(tried))), np.empty(sessions, dtype=np.int64)
    for number, out in enumerate(np.array_split(np.arange(sessions), FOLDS)):
        inside = np.delete(np.arange(sessions), out)
        part = _scaled(y[inside], before[inside])
        if (part.spread <= 0).any():
            return RowFit("a peer stands still over nine tenths of the estimation window")
        slopes = path(part.x, part.y, tried)
        forecast = part.mean + ((before[out] - part.centre) / part.spread) @ slopes
        errors[out], folds[out] = y[out, None] - forecast, number
    mse = (errors**2).mean(axis=0)
    best = int(np.argmin(mse))  # the penalties descend: the first is the larger
    slopes = path(whole.x, whole.y, tried)[:, best]
    coefficients = slopes / whole.spread
    const = whole.mean - float(coefficients @ whole.centre)
    total = float(whole.y @ whole.y)
    return RowFit(
        coefficients=np.concatenate([[const], coefficients]),
        residuals=errors[:, best],
        expected=const + after @ coefficients,
        sigma=float(np.sqrt(mse[best])),
        df=sessions - 1.0 - _freedom(whole.x, slopes, float(tried[best]), path),
        rsquared=1.0 - sessions * float(mse[best]) / total if total > 0 else np.nan,
        weights=coefficients,
        folds=folds,
    )


def _estimate(
    estimation: Sample,
    event: Sample,
    path: Path,
    penalties: Callable[[FloatArray, FloatArray], FloatArray],
) -> ModelFit:
    if estimation.pool is None or event.pool is None:
        raise ValueError("the samples have no peers")
    there = np.isfinite(estimation.y)
    kept = seldom_missing(estimation.pool, there, MOST_MISSING)
    rows: list[RowFit] = []
    places: list[IntArray] = []
    weights, names = np.full(kept.shape, np.nan), estimation.pool.pool.names
    for number in range(len(kept)):
        one, members = np.array([number]), np.flatnonzero(kept[number])
        before, after = (sample.returns(one, members)[0] for sample in (estimation.pool, event.pool))
        at = np.flatnonzero(there[number] & np.isfinite(before).all(axis=1))
        places.append(at)
        if len(members) < LEAST_PEERS:
            rows.append(RowFit(too_few(len(members))))
        elif len(at) < 2 * FOLDS:
            rows.append(RowFit(f"{FOLDS} folds need {2 * FOLDS} estimation returns"))
        else:
            row = fit_penalised(estimation.y[number, at], before[at], after, path, penalties)
            weights[number, members] = row.weights
            terms = ["const", *names[members]] if len(row.coefficients) else []
            rows.append(replace(row, terms=np.array(terms, dtype=object)))
    listed = pool_weights(estimation.pool.pool, kept, weights, MISSING)
    return stacked(rows, places, listed, estimation, event, folded=True)


def _scaled(y: FloatArray, x: FloatArray) -> _Scaled:
    centre, spread = x.mean(axis=0), x.std(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Scaled((x - centre) / spread, y - y.mean(), centre, spread, float(y.mean()))


def _ridge_path(x: FloatArray, y: FloatArray, penalties: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(x.T @ x / len(y))
    return np.asarray(vectors @ ((vectors.T @ (x.T @ y / len(y)))[:, None] / (values[:, None] + penalties)))


def _elastic_net_penalties(x: FloatArray, y: FloatArray) -> FloatArray:
    largest = float(np.abs(x.T @ y).max()) / (len(y) * L1_SHARE)
    return np.asarray(np.geomspace(largest, SMALLEST_SHARE * largest, LAMBDAS))


def _elastic_net_path(x: FloatArray, y: FloatArray, penalties: FloatArray) -> FloatArray:
    from sklearn.linear_model import enet_path

    options = {"alphas": penalties, "tol": TOLERANCE, "max_iter": MOST_STEPS, "precompute": True}
    return np.asarray(enet_path(x, y, l1_ratio=L1_SHARE, **options)[1])


def _freedom(x: FloatArray, slopes: FloatArray, penalty: float, path: Path) -> float:
    """Return the effective number of slopes: the trace of the ridge's smoother, else those that are not 0."""
    if path is _ridge_path:
        values = np.linalg.eigvalsh(x.T @ x / len(x))
        return float((values / (values + penalty)).sum())
    return float(np.count_nonzero(slopes))
