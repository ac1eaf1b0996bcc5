"""The market model by Huber's M-estimator: outliers in the estimation window weigh less.

References
----------
Huber 1964, Annals of Mathematical Statistics 35, 73-101, doi:10.1214/aoms/1177703732.
"""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import NO_NOISE, problems
from eventstudy.models.weighted import explained_share, weighted_basis, with_constant
from eventstudy.numerics.kernels import LeastSquares, least_squares
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires

BEND = 1.345  #: Huber's constant: 95 % as efficient as least squares on normal noise
NORMAL = 0.674489750196081745  #: upper quartile of the normal distribution, which turns a MAD into a scale
TOLERANCE, MOST_ITERATIONS = 1e-12, 2_000


def estimate_robust(estimation: Sample, event: Sample) -> ModelFit:
    """Fit each security by iterated weights, and forecast its event window.

    Notes
    -----
    ``min_b sum rho((R_t - x_t'b) / c)`` with Huber's ``rho`` (1.345) and ``c = median|e| / 0.6745``, iterated
    together until the coefficients change by less than 1e-12 of themselves. ``V = s^2 I + X* H X*'`` with
    Huber's covariance of the coefficients, ``H = K^2 [sum psi^2 c^2 / (M - k)] / mean(psi')^2 (X'X)^-1``,
    ``K = 1 + (k / M) var(psi') / mean(psi')^2`` (``H1`` of statsmodels' RLM), and ``s^2 = sum e^2 / (M - k)``
    of *all* residuals: the noise of the event has the same fat tails. The term ``downweighted`` counts the
    sessions with a weight below one. Fits without a block of sessions hold the weights of the others.
    """
    squares = least_squares(estimation.y, estimation.x)
    used = np.isfinite(squares.residuals)
    design = with_constant(estimation.x, used.astype(float))
    y = np.where(used, estimation.y, 0.0)
    coefficients, scale, problem = _iterated(y, design, used, squares)
    residuals = np.where(used, y - np.einsum("ntk,nk->nt", design, coefficients), np.nan)
    n, k = squares.n, design.shape[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(np.nansum(residuals**2, axis=1) / np.where(squares.df > 0, squares.df, np.nan))
        share = _covariance_share(residuals / scale[:, None], scale, n, k)
        errors = squares.std_errors * (np.sqrt(share) / squares.sigma)[:, None]
        lighter = (np.abs(residuals) > BEND * scale[:, None]).sum(axis=1)
        size: FloatArray = np.abs(np.where(used, residuals, 0.0)) / scale[:, None]
    weights = BEND / np.maximum(size, BEND)
    known: BoolArray = np.asarray(np.isfinite(weights).all(axis=1))
    weighted = np.where(known[:, None, None], weights[:, :, None], 1.0) * design
    basis = weighted_basis(
        np.linalg.qr(weighted)[0],
        design,
        np.concatenate([event.span[:, :, None], event.x], axis=2),
    )
    const = np.full((len(n), 1), "const", dtype=object)
    found = problems(squares, estimation)
    return ModelFit(
        terms=np.column_stack([const, estimation.terms, np.full_like(const, "downweighted")]),
        coefficients=np.column_stack([coefficients, lighter]),
        std_errors=np.column_stack([errors, np.full(len(n), np.nan)]),
        residuals=residuals,
        expected=event.span * coefficients[:, :1] + np.einsum("nlq,nq->nl", event.x, coefficients[:, 1:]),
        root=basis.future @ _stretch(basis.inner, design, share / sigma**2),
        estimation_root=np.where(used[:, :, None], basis.instruments, np.nan),
        estimation_regressors=np.where(used[:, :, None], basis.regressors, np.nan),
        noise=event.span,
        estimation_noise=estimation.span,
        sigma=sigma,
        df=squares.df,
        n=n,
        rsquared=explained_share(y, residuals),
        problem=np.where(found == "", problem, found),
    )


def _iterated(
    y: FloatArray, design: FloatArray, used: BoolArray, start: LeastSquares
) -> tuple[FloatArray, FloatArray, TextArray]:
    """Return coefficients (n, k) and scales (n,) at which the weights stand still, and what went wrong.

    A coefficient near zero stands still by its standard error: its own size may be rounding.
    """
    coefficients, problem = start.coefficients.copy(), np.full(len(y), "", dtype=object)
    scale, least = _scale(y, design, coefficients, used), NO_NOISE * np.abs(y).max(axis=1, initial=0.0)
    rows = np.flatnonzero(np.isfinite(coefficients).all(axis=1) & (scale > least))
    for _ in range(MOST_ITERATIONS):
        if not rows.size:
            break
        x, target, there = design[rows], y[rows], used[rows]
        before = coefficients[rows]
        size = np.abs(target - np.einsum("ntk,nk->nt", x, before)) / scale[rows, None]
        weighted = x * (BEND / np.maximum(size, BEND))[:, :, None]
        after = np.linalg.solve(
            weighted.transpose(0, 2, 1) @ x, np.einsum("ntk,nt->nk", weighted, target)[:, :, None]
        )[:, :, 0]
        coefficients[rows], scale[rows] = after, _scale(target, x, after, there)
        size = np.maximum(np.abs(before), start.std_errors[rows])
        still = (np.abs(after - before) <= TOLERANCE * size).all(axis=1)
        rows = rows[~still & (scale[rows] > least[rows])]
    problem[rows] = f"Huber's weights did not settle in {MOST_ITERATIONS:,} iterations"
    problem[scale <= least] = "more than half of the residuals are zero: is the series stale?"
    return coefficients, scale, problem


def _scale(y: FloatArray, design: FloatArray, coefficients: FloatArray, used: BoolArray) -> FloatArray:
    """Return ``median|e| / 0.6745``, shape (n,); NaN without residuals."""
    size = np.where(used, np.abs(y - np.einsum("ntk,nk->nt", design, coefficients)), np.nan)
    scale = np.full(len(y), np.nan)
    some = used.any(axis=1)
    scale[some] = np.nanmedian(size[some], axis=1) / NORMAL
    return scale


def _covariance_share(scaled: FloatArray, scale: FloatArray, n: IntArray, k: int) -> FloatArray:
    """Return the factor of ``(X'X)^-1`` in ``H``, shape (n,); ``scaled`` are the residuals over the scale."""
    used = np.isfinite(scaled)
    psi = np.clip(np.where(used, scaled, 0.0), -BEND, BEND)
    inside = np.where(used, np.abs(scaled) <= BEND, 0.0)
    mean = inside.sum(axis=1) / n
    variance = (np.where(used, inside - mean[:, None], 0.0) ** 2).sum(axis=1) / n
    correction = 1.0 + k / n * variance / mean**2
    share: FloatArray = correction**2 * (psi**2).sum(axis=1) / (n - k) * scale**2 / mean**2
    return share


def _stretch(inner: FloatArray, design: FloatArray, share: FloatArray) -> FloatArray:
    """Return the symmetric ``T`` with ``T T' = Q'X H X'Q / s^2``, shape (n, k, k).

    It turns the variance of a forecast with the weights held into that of ``H``.
    """
    squared = np.linalg.solve(_regular(design.transpose(0, 2, 1) @ design), inner.transpose(0, 2, 1))
    form = np.where(np.isfinite(share)[:, None, None], (inner @ squared) * share[:, None, None], np.nan)
    values, vectors = np.linalg.eigh(np.nan_to_num((form + form.transpose(0, 2, 1)) / 2))
    root = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.where(np.isfinite(form), root, np.nan)


def _regular(matrices: FloatArray) -> FloatArray:
    """Return the matrices, the identity in the place of those without an inverse."""
    whole = np.linalg.matrix_rank(matrices) == matrices.shape[1]
    return np.where(whole[:, None, None], matrices, np.eye(matrices.shape[1]))


ROBUST = NormalReturnModel(
    "robust",
    "alpha_i + beta_i R_m, by Huber's weights",
    "Huber 1964",
    estimate_robust,
    Requires(benchmark=True),
)
