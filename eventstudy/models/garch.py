"""The market model with GARCH(1,1) errors: standard errors that know whether day 0 is calm or loud.

References
----------
Bollerslev 1986, Journal of Econometrics 31, 307-327, doi:10.1016/0304-4076(86)90063-1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, TextArray
from eventstudy.design import Design
from eventstudy.models.garch_fits import PARAMETERS, garch_parameters
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import problems
from eventstudy.models.weighted import explained_share, weighted_basis, with_constant
from eventstudy.numerics.kernels import LeastSquares, least_squares
from eventstudy.panel.panel import Sample
from eventstudy.panel.requirements import Requires

LEAST = 200  #: usable estimation returns; with fewer the variance parameters are noise
MOST_MISSING = 0.05  #: share of missing returns up to which the others count as neighbours
INTEGRATED = 0.9999  #: from here on ``a + b`` leaves no long-run variance
BACKCAST, DECAY = 75, 0.94  #: sessions and weights of the variance before the first one
DAY0_VARIANCE = "h0 / mean h"  #: the term that compares day 0 with the estimation window
FIGURES = ("omega", "a", "b", "a + b", "nu", "log-likelihood", DAY0_VARIANCE)


def estimate_garch(estimation: Sample, event: Sample, dist: str = "normal", day0: int = 0) -> ModelFit:
    """Fit mean and variance together, and follow the variance to the event window.

    Parameters
    ----------
    dist
        Of the errors: ``normal``, or ``t`` with unit variance.
    day0
        Column of day 0 in the event window, for the term that compares its variance.

    Notes
    -----
    ``R_t = alpha + beta R_mt + e_t``, ``h_t = omega + a e_t-1^2 + b h_t-1`` by maximum likelihood over the
    estimation window, from a variance before it of the first 75 squared residuals of least squares with
    weights ``0.94^t``. The variance is then filtered through the sessions before the event window, none of
    which enters the parameters, and forecast: ``h_j+1 = omega + (a + b) h_j``. ``V = diag(h) + X* (sum x_t
    x_t' / h_t)^-1 X*'``, in the terms of `ModelFit` with ``s^2`` the variance of the residuals and
    ``D = h / s^2``. A series with less than 5 % missing returns counts as without gaps. The terms of the
    coefficients include the log-likelihood, of returns in percent, and ``h_0`` of day 0 over the mean of
    ``h_t``. Fits without a block of sessions hold the variances. The maximum is the one that arch's optimiser
    finds from its own start: the likelihood can have others, at most little higher.
    """
    squares = least_squares(estimation.y, estimation.x)
    used = np.isfinite(squares.residuals)
    found = _problems(squares, estimation, used)
    parameters = np.full((len(found), len(PARAMETERS)), np.nan)
    tried = np.flatnonzero(found == "")
    both = [np.stack([estimation.y[row, used[row]], estimation.x[row, used[row], 0]]) for row in tried]
    parameters[tried] = garch_parameters(both, dist)
    alpha, beta, omega, a, b, nu, likelihood = parameters.T
    found[(found == "") & np.isnan(alpha)] = "the GARCH parameters did not converge"
    unstable = (found == "") & (a + b >= INTEGRATED)
    found[unstable] = "the GARCH variance has no mean: a + b is 1"
    residuals = np.where(used, estimation.y - alpha[:, None] - beta[:, None] * estimation.x[:, :, 0], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.sqrt(np.nansum(residuals**2, axis=1) / np.where(squares.df > 0, squares.df, np.nan))
    gap = _gap_residuals(estimation, alpha, beta)
    path, last = _filtered(np.column_stack([residuals, gap]), _backcast(squares.residuals), omega, a, b)
    within = path[:, : residuals.shape[1]]
    ahead = _forecast(last, omega, a + b, event.y.shape[1])
    noise, ahead_noise = within / sigma[:, None] ** 2, ahead / sigma[:, None] ** 2
    known = np.isfinite(alpha)[:, None]
    design = with_constant(estimation.x, (used & known).astype(float))
    weights = np.where(used & known, np.sqrt(np.where(used & known, noise, 1.0)), 1.0)[:, :, None]
    basis = weighted_basis(
        np.linalg.qr(design / weights)[0] / weights,
        design,
        np.concatenate([event.span[:, :, None], event.x], axis=2),
    )
    n = len(found)
    with np.errstate(invalid="ignore", divide="ignore"):
        spell = ahead[:, day0] / (np.where(used, within, 0.0).sum(axis=1) / used.sum(axis=1))
    shape = np.where(np.isfinite(nu), nu, np.nan)
    figures = np.column_stack([omega, a, b, a + b, shape, likelihood, spell])
    named = [np.full(n, name, dtype=object) for name in ("const", *FIGURES)]
    return ModelFit(
        terms=np.column_stack([named[0], estimation.terms, *named[1:]]),
        coefficients=np.column_stack([alpha, beta, figures]),
        std_errors=np.column_stack([sigma[:, None] * basis.errors, np.full(figures.shape, np.nan)]),
        residuals=residuals,
        expected=event.span * alpha[:, None] + beta[:, None] * event.x[:, :, 0],
        root=basis.future,
        estimation_root=np.where(used[:, :, None], basis.instruments, np.nan),
        estimation_regressors=np.where(used[:, :, None], basis.regressors, np.nan),
        noise=event.span * ahead_noise,
        estimation_noise=np.where(used, noise, np.nan),
        sigma=sigma,
        df=squares.df,
        n=squares.n,
        rsquared=explained_share(np.where(used, estimation.y, 0.0), residuals),
        problem=found,
        tail=nu,
    )


def _problems(squares: LeastSquares, estimation: Sample, used: BoolArray) -> TextArray:
    """Say which samples no variance can be followed through."""
    found = problems(squares, estimation)
    since = np.logical_or.accumulate(used, axis=1)
    until = np.logical_or.accumulate(used[:, ::-1], axis=1)[:, ::-1]
    asked = ~estimation.left_out & since & until  # before its first return a series has no gap
    missing = (asked & ~used).sum(axis=1) / np.maximum(asked.sum(axis=1), 1)
    for row in np.flatnonzero((found == "") & (missing >= MOST_MISSING)):
        found[row] = (
            f"{missing[row]:.0%} of the estimation returns are missing: no variance path through them"
        )
    for row in np.flatnonzero((found == "") & (squares.n < LEAST)):
        found[row] = f"only {squares.n[row]} estimation returns are usable; garch needs {LEAST}"
    return found


def _gap_residuals(estimation: Sample, alpha: FloatArray, beta: FloatArray) -> FloatArray:
    """Return the residuals between the windows, shape (n, B); NaN where a return is missing or masked."""
    gap = estimation.between
    if gap is None:
        return np.empty((len(alpha), 0))
    return np.asarray(gap.y - alpha[:, None] - beta[:, None] * gap.x[:, :, 0])


def _backcast(residuals: FloatArray) -> FloatArray:
    """Return the variance before the first session, shape (n,)."""
    there = np.isfinite(residuals)
    place = np.cumsum(there, axis=1) - 1
    weights = np.where(there & (place < BACKCAST), DECAY ** np.maximum(place, 0), 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray((weights * np.nan_to_num(residuals) ** 2).sum(axis=1) / weights.sum(axis=1))


def _filtered(
    residuals: FloatArray, backcast: FloatArray, omega: FloatArray, a: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the variance of each session, shape (n, T), and of the one after the last, (n,).

    A session without a residual is passed over: the variance after it is the one before.
    """
    path, variance = np.full(residuals.shape, np.nan), omega + (a + b) * backcast
    for session, e in enumerate(residuals.T):
        path[:, session] = variance
        variance = np.where(np.isfinite(e), omega + a * e**2 + b * variance, variance)
    return path, variance


def _forecast(first: FloatArray, omega: FloatArray, persistence: FloatArray, length: int) -> FloatArray:
    """Return the expected variances of ``length`` sessions, the first one known; shape (n, length)."""
    path = [first]
    for _ in range(length - 1):
        path.append(omega + persistence * path[-1])
    return np.column_stack(path)


@dataclass(frozen=True)
class _Estimate:
    """`estimate_garch` with the options of a design; two of the same options are equal."""

    dist: str
    day0: int

    def __call__(self, estimation: Sample, event: Sample) -> ModelFit:
        return estimate_garch(estimation, event, self.dist, self.day0)


def _with_options(design: Design) -> NormalReturnModel:
    """Return the model with the distribution and the event window of a design."""
    day0 = int(np.clip(-design.window.start, 0, design.window.length - 1))
    return replace(GARCH, estimate=_Estimate(design.garch_dist, day0))


GARCH = NormalReturnModel(
    "garch",
    "alpha_i + beta_i R_m, with h_t = omega + a e_t-1^2 + b h_t-1",
    "Bollerslev 1986",
    estimate_garch,
    Requires(benchmark=True, between=True),
    k=2,
    least=LEAST,
    slow=True,
    configured=_with_options,
)
